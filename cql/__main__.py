"""`python -m cql`: parses CQL, JSON lines in and out.

Every line of standard input is `{"query": "...", "mode": "strict" or "lenient"}` (mode may be left out); every line of
standard output is `{"ast": ..., "sort": [...]}` or `{"diag": number, "details": ..., "message": ..., "offset": ...}`. A line
that is no such object is answered with diagnostic 6 or 7 and does not stop the rest.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

from cql.diagnostics import CqlError
from cql.parser import DEFAULT_LIMITS, parse
from cql.tree import to_cql, to_dict
from cql.xcql import xcql1, xcql2

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold, not even as references."""

# The tree of 1,000 booleans is a dict nested as deeply, which the json module writes by recursion.
_RECURSION_LIMIT = 20_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Answers line by line; 0 at the end of the input, 1 when the reader of the output went away."""
    options = _options(arguments)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION_LIMIT))
    try:
        answer_all(sys.stdin.buffer, sys.stdout.buffer, options)
    except (BrokenPipeError, KeyboardInterrupt):
        return 1
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cql", description="Parses CQL: JSON lines in, JSON lines out.")
    parser.add_argument("--xcql", action="store_true", help='add "xcql", the XML form of SRU 1.1 and 1.2 (null where XML cannot have it)')
    parser.add_argument("--xcql2", action="store_true", help='add "xcql2", the XML form of SRU 2.0 (null where there is none)')
    parser.add_argument("--cql", action="store_true", help='add "cql", the query written out again')
    return parser.parse_args(arguments)


def answer_all(lines: BinaryIO, out: BinaryIO, options: argparse.Namespace) -> None:
    """Writes one JSON line for each line that is not blank, at once, so that another program may hold a dialogue."""
    for line in lines:
        if line.strip():
            out.write(_encoded(answer(line, options)))
            out.flush()


def answer(line: bytes, options: argparse.Namespace) -> dict[str, Any]:
    """The answer to one line of input."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return _refused(6, "line", "The line is no JSON in UTF-8.")
    if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
        return _refused(7, "query", 'The line must be an object such as {"query": "dc.title = sea"}.')
    mode = asked.get("mode", "strict")
    if mode not in ("strict", "lenient"):
        return _refused(6, "mode", 'The mode is "strict" or "lenient".')
    try:
        query = parse(asked["query"], mode, DEFAULT_LIMITS)
    except CqlError as error:
        return error.to_dict()
    result = to_dict(query)
    is_text = _NO_XML.search(asked["query"]) is None
    if options.xcql:
        result["xcql"] = xcql1(query) if is_text else None
    if options.xcql2:
        result["xcql2"] = xcql2(query) if is_text else None
    if options.cql:
        result["cql"] = to_cql(query)
    return result


def _refused(number: int, details: str, message: str) -> dict[str, Any]:
    return {"diag": number, "details": details, "message": message, "offset": None}


def _encoded(result: dict[str, Any]) -> bytes:
    """One line of UTF-8; lone surrogates, which JSON input may smuggle in, stay escaped."""
    try:
        text = json.dumps(result, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        text = json.dumps(result).encode()
    return text + b"\n"


if __name__ == "__main__":
    sys.exit(main())
