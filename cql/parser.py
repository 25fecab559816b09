"""CQL text to tree: Lark's LALR parser over `grammar.lark`, strict or lenient.

Strict mode is CQL 1.2 and takes all of CQL 1.1 and 2.0. All booleans bind alike, left to right; `not` is binary. The tree is
built while parsing, without recursion.

Source: CQL 1.1, 1.2 and OASIS searchRetrieve part 5; lenient mode and limits are decisions of the SRU page, 13.3 and 11.5.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

from lark import Lark
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer, LexerState
from lark.lexer import Token as LarkToken

from cql.complaints import complaint
from cql.diagnostics import CqlError, SyntaxProblem, TooManyBooleans
from cql.lenient import read_leniently
from cql.lexer import RESERVED_KINDS, Token, tokenise
from cql.limits import Limits
from cql.terms import check_masks
from cql.tree import (
    SERVER_CHOICE,
    Boolean,
    Clause,
    Modifier,
    Node,
    PrefixAssignment,
    Prefixed,
    Query,
    SortKey,
    distribute,
    postorder,
    to_cql,
    to_dict,
)

Mode = Literal["strict", "lenient"]
DEFAULT_LIMITS = Limits()
_RESERVED = frozenset(RESERVED_KINDS.values())
# Longer queries were made by a program; a repaired copy of them helps nobody and costs a second parse.
_SUGGESTION_CHARACTERS = 500


def parse(query: str, mode: Mode = "strict", limits: Limits = DEFAULT_LIMITS) -> Query:
    """The tree of a query.

    Raises: QuerySyntaxError (10), ParenthesesError (13), QuotesError (14), EscapeError (26), and the limits QueryTooLong (12),
    TermTooLong (23), TooManyMasks (30), TooManyBooleans (38). Index, relation and modifier names are not looked up here.
    """
    try:
        return _parse(query, mode, limits)
    except SyntaxProblem as problem:
        _settle_suggestion(query, problem, limits)
        raise


def parse_to_dict(query: str, mode: Mode = "strict", limits: Limits = DEFAULT_LIMITS) -> dict[str, Any]:
    """`{"ast": ..., "sort": [...]}` (see `cql.tree.to_dict`), or `{"diag", "details", "message", "offset"}`; never raises."""
    try:
        return to_dict(parse(query, mode, limits))
    except CqlError as error:
        return error.to_dict()


def _parse(query: str, mode: Mode, limits: Limits) -> Query:
    tokens = tokenise(query, limits)
    if mode == "lenient":
        tokens = read_leniently(query, tokens, limits)
    try:
        parsed = cast(Query, _lark().parse(_Input(tokens, limits)))
    except UnexpectedToken as error:
        stop = len(tokens) if error.token.type == "$END" else tokens.index(cast(Token, error.token))
        raise complaint(query, tokens, stop, error.accepts or ()) from None
    if query.count("*") + query.count("?") > limits.masks:
        for node in postorder(parsed.root):
            if isinstance(node, Clause):
                check_masks(node, limits)
    return parsed


def _settle_suggestion(query: str, problem: SyntaxProblem, limits: Limits) -> None:
    """Keeps a proposed repair only if it parses, and says it in the message; looks for one in lenient mode if there is none."""
    if len(query) > _SUGGESTION_CHARACTERS:
        problem.suggestion = None
        return
    try:
        if problem.suggestion is None:
            problem.suggestion = to_cql(_parse(query, "lenient", limits))
        else:
            _parse(problem.suggestion, "strict", limits)
    except CqlError:
        problem.suggestion = None
    if problem.suggestion is not None:
        problem.message += f" Did you mean:  {problem.suggestion}"


@dataclass(frozen=True, slots=True)
class _Input:
    """What Lark is given to parse."""

    tokens: list[Token]
    limits: Limits


class _TokenSource(Lexer):
    """Hands the tokens to Lark, and decides from the parser's state whether a reserved word is an operator or just a word."""

    __future_interface__ = 1

    def __init__(self, lexer_conf: Any) -> None:
        pass

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[LarkToken]:
        """Yields `cql.lexer.Token`s, which have all that Lark asks of its own. Raises TooManyBooleans (38)."""
        given = cast(_Input, lexer_state.text)
        states, stack = parser_state.parse_conf.states, parser_state.state_stack
        operators = 0
        for token in given.tokens:
            if token.type in _RESERVED:
                if token.type not in states[stack[-1]]:
                    token.type = "WORD"
                elif token.type != "SORTBY":
                    operators += 1
                    if operators > given.limits.booleans:
                        raise _too_many_booleans(token, given.limits)
            yield cast(LarkToken, token)


def _too_many_booleans(token: Token, limits: Limits) -> TooManyBooleans:
    return TooManyBooleans(
        f"Position {token.start_pos}: the query has more than {limits.booleans} boolean operators; "
        "`any` and `all` take a list of words and need none.",
        details=str(limits.booleans),
        offset=token.start_pos,
    )


class _TreeBuilder:
    """One method per rule of the grammar; `parts` are its tokens and what was made of its sub-rules, all of them in order."""

    def query(self, parts: list[Any]) -> Query:
        return Query(parts[0], tuple(parts[2:]))

    def prefixed(self, parts: list[Any]) -> Prefixed:
        return Prefixed(tuple(parts[:-1]), parts[-1], parts[0].at)

    def prefix(self, parts: list[Any]) -> PrefixAssignment:
        name = parts[1].text if len(parts) == 4 else None
        return PrefixAssignment(name, parts[-1].text, parts[0].start_pos)

    def boolean(self, parts: list[Any]) -> Boolean:
        operator = parts[1]
        return Boolean(operator.text.lower(), tuple(parts[2:-1]), parts[0], parts[-1], operator.start_pos)

    def lone_term(self, parts: list[Any]) -> Clause:
        term = parts[0]
        return Clause(SERVER_CHOICE, "=", (), term.text, term.start_pos, term.text_at, True)

    def search_clause(self, parts: list[Any]) -> Clause:
        index, term = parts[0], parts[-1]
        return Clause(index.text, parts[1].text, tuple(parts[2:-1]), term.text, index.start_pos, term.text_at)

    def shared_relation(self, parts: list[Any]) -> Node:
        index, relation, *modifiers = parts[:-3]
        return distribute(parts[-2], index.text, relation.text, tuple(modifiers), index.start_pos)

    def group(self, parts: list[Any]) -> Any:
        return parts[1]

    def modifier(self, parts: list[Any]) -> Modifier:
        if len(parts) == 2:
            return Modifier(parts[1].text, at=parts[1].start_pos)
        return Modifier(parts[1].text, parts[2].text, parts[3].text, parts[1].start_pos)

    def sort_key(self, parts: list[Any]) -> SortKey:
        return SortKey(parts[0].text, tuple(parts[1:]), parts[0].start_pos)


@cache
def _lark() -> Lark:
    grammar = files("cql").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        start="query",
        parser="lalr",
        lexer=_TokenSource,
        transformer=cast(Any, _TreeBuilder()),
        keep_all_tokens=True,
        maybe_placeholders=False,
    )
