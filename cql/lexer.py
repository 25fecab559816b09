r"""CQL's tokens.

White space (blank, tab, CR, LF) parts tokens. A bare word is the longest run of anything else but `( ) = < > " /`. In quotes
a backslash protects the next character. Reserved words are marked as such here; whether one of them is an operator or an
ordinary word is decided by the parser's state (`cql.parser`).

Source: CQL 1.2, lexical rules. Limits: our decision.
"""

import re

from cql.diagnostics import EscapeError, ParenthesesError, QueryTooLong, QuotesError, TermTooLong
from cql.limits import Limits

# Possessive repeats: an unclosed quote at the end of 65,536 characters is found in one pass.
_TOKEN = re.compile(r'([^ \t\r\n()=<>"/]++)|"((?:[^"\\]++|\\.)*+)"|(==|<>|<=|>=|[=<>()/])|(")', re.DOTALL)
_WELL_ESCAPED_WORD = re.compile(r"(?:[^\\]++|\\[*?^\\])*+")
_WELL_ESCAPED_STRING = re.compile(r'(?:[^\\]++|\\[*?^\\"])*+')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

_SYMBOLS = {
    "(": "LPAR", ")": "RPAR", "/": "SLASH", "=": "EQUAL", ">": "GREATER",
    "<": "SYMBOL", "==": "SYMBOL", "<>": "SYMBOL", "<=": "SYMBOL", ">=": "SYMBOL",
}  # fmt: skip
RESERVED_KINDS = {"and": "AND", "or": "OR", "not": "NOT", "prox": "PROX", "sortby": "SORTBY"}
COMPARISONS = frozenset({"EQUAL", "GREATER", "SYMBOL"})
WORDS = frozenset({"WORD", "STRING", *RESERVED_KINDS.values()})


class Token:
    """One token. `type` is a terminal of the grammar; `text` of a string is the text between its quotes, unescaped.

    `start_pos`, `end_pos`: where it stands in the query, quotes included. These names, and `line` and its kin, are what Lark
    asks of a token; there are no lines in CQL.
    """

    __slots__ = ("end_pos", "start_pos", "text", "type")
    line = column = end_line = end_column = None

    def __init__(self, kind: str, text: str, start_pos: int, end_pos: int) -> None:
        self.type = kind
        self.text = text
        self.start_pos = start_pos
        self.end_pos = end_pos

    def __repr__(self) -> str:
        return f"Token({self.type}, {self.text!r}, {self.start_pos})"

    @property
    def text_at(self) -> int:
        """Where the text begins: behind the opening quote of a string."""
        return self.start_pos + 1 if self.type == "STRING" else self.start_pos


def tokenise(query: str, limits: Limits) -> list[Token]:
    """All tokens of a query, in linear time.

    Raises: QueryTooLong (12), ParenthesesError (13, only for too deep nesting), QuotesError (14), TermTooLong (23),
    EscapeError (26).
    """
    if len(query) > limits.query_characters:
        raise QueryTooLong(
            f"The query has {len(query)} characters; at most {limits.query_characters} are allowed.",
            details=str(limits.query_characters),
        )
    tokens: list[Token] = []
    depth = 0
    for match in _TOKEN.finditer(query):
        group = match.lastindex or 0
        text = match[group]
        start, end = match.span()
        if group == 1:
            kind = RESERVED_KINDS.get(text.lower(), "WORD") if len(text) <= 6 else "WORD"
            if "\\" in text:
                check_escapes(text, start, _WELL_ESCAPED_WORD)
        elif group == 2:
            kind = "STRING"
            if "\\" in text:
                check_escapes(text, start + 1, _WELL_ESCAPED_STRING)
                text = _ESCAPE.sub(_free_quote, text)
        elif group == 3:
            kind = _SYMBOLS[text]
            depth += (kind == "LPAR") - (kind == "RPAR")
            if depth > limits.nesting:
                raise ParenthesesError(
                    f"Position {start}: parentheses are nested more than {limits.nesting} deep.", details=str(start), offset=start
                )
        else:
            raise _unclosed(query, start)
        if end - start > limits.term_characters:
            check_length(text, start, limits)
        tokens.append(Token(kind, text, start, end))
    return tokens


def check_length(text: str, at: int, limits: Limits) -> None:
    """Raises TermTooLong (23) when a word or string is longer than a term may be."""
    if len(text) > limits.term_characters:
        raise TermTooLong(
            f"Position {at}: a term of {len(text)} characters; at most {limits.term_characters} are allowed.",
            details=str(limits.term_characters),
            offset=at,
        )


def check_escapes(text: str, at: int, well_escaped: re.Pattern[str]) -> None:
    """Raises EscapeError (26) when a backslash stands before a character that is not special. `at`: position of the text."""
    match = well_escaped.match(text)
    bad = match.end() if match else 0
    if bad == len(text):
        return
    after = text[bad + 1 : bad + 2]
    what = f"before {after!r}" if after else "at the end of a word"
    raise EscapeError(
        f'Position {at + bad}: a backslash may stand only before * ? ^ \\ (and " inside quotes), not {what}; '
        "write \\\\ for the backslash itself.",
        details=after or "\\",
        offset=at + bad,
    )


def _free_quote(match: re.Match[str]) -> str:
    return '"' if match[1] == '"' else match[0]


def _unclosed(query: str, start: int) -> QuotesError:
    # Mostly the partner at the end was forgotten, or the quote slipped in behind the last word.
    suggestion = f'{query}"' if query[start + 1 :].strip() else query[:start].rstrip()
    return QuotesError(
        f'Position {start}: this double quote is never closed; write \\" for a double quote inside quotes.',
        details=str(start),
        offset=start,
        suggestion=suggestion,
    )
