"""Turns the point where the parser gave up into a numbered diagnostic that helps.

The parser knows which token it could not take and what it would have taken instead; the person wants to know what is wrong
and how to write it. Each function here looks at the tokens around the point and tells one kind of mistake. Repaired queries
are proposals: `cql.parser` drops those that do not parse.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cql.diagnostics import ParenthesesError, QuerySyntaxError, SyntaxProblem
from cql.lexer import COMPARISONS, WORDS, Token
from cql.tree import RESERVED, quoted

# Named relations of the cql context set: only with them do two bare words look like index and relation.
NAMED_RELATIONS = frozenset({"any", "all", "adj", "exact", "within", "encloses", "scr"})
_OPERATORS = frozenset({"AND", "OR", "NOT", "PROX"})
_MEANT = {"=<": "<=", "=>": ">=", "===": "==", "><": "<>", "!=": "<>"}


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where the parser stopped: token number `stop` (the number of tokens: at the end), and the terminals it would take."""

    query: str
    tokens: Sequence[Token]
    stop: int
    accepts: Collection[str]

    @property
    def offset(self) -> int:
        """Character position of the offending token, or the length of the query."""
        return self.tokens[self.stop].start_pos if self.stop < len(self.tokens) else len(self.query)

    def before(self, back: int = 1) -> Token | None:
        """The token `back` places before the offending one."""
        return self.tokens[self.stop - back] if self.stop >= back else None

    def kind_before(self, back: int = 1) -> str:
        """Its terminal, or an empty string."""
        token = self.before(back)
        return token.type if token else ""

    def after(self) -> Token | None:
        """The token behind the offending one."""
        return self.tokens[self.stop + 1] if self.stop + 1 < len(self.tokens) else None

    def replaced(self, start: int, end: int, text: str) -> str:
        """The query with other text between two positions."""
        return self.query[:start] + text + self.query[end:]

    def syntax(self, sentence: str, suggestion: str | None = None, at: int | None = None) -> QuerySyntaxError:
        """Diagnostic 10 at the offending token. The sentence may point to a cause that stands elsewhere (`at`)."""
        return QuerySyntaxError(
            f"Position {self.offset if at is None else at}: {sentence}",
            details=f"position {self.offset}: {self.expected()} expected",
            offset=self.offset,
            suggestion=suggestion,
        )

    def parentheses(self, sentence: str, suggestion: str | None = None, at: int | None = None) -> ParenthesesError:
        """Diagnostic 13 at the offending token, or at another position."""
        offset = self.offset if at is None else at
        return ParenthesesError(f"Position {offset}: {sentence}", details=str(offset), offset=offset, suggestion=suggestion)

    def expected(self) -> str:
        """What the grammar wanted, in words."""
        if "LPAR" in self.accepts:
            return "search clause"
        if "SLASH" in self.accepts and not self.is_clause_complete():
            return "search term"
        if "AND" in self.accepts:
            return "boolean operator or end of query"
        kind = self.kind_before()
        if kind == "SLASH":
            return "modifier name"
        if kind == "SORTBY":
            return "index to sort by"
        if kind == "GREATER":
            return "prefix or identifier"
        return "value" if kind in COMPARISONS else "end of query"

    def is_clause_complete(self) -> bool:
        """Whether everything before the offending token could be a whole query."""
        return "$END" in self.accepts or "RPAR" in self.accepts


def complaint(query: str, tokens: Sequence[Token], stop: int, accepts: Collection[str]) -> SyntaxProblem:
    """The diagnostic (10 or 13) for a parser that stopped before `tokens[stop]` and would have accepted `accepts`.

    `stop` is the number of tokens when the query ended too early.
    """
    scene = _Scene(query, tokens, stop, accepts)
    if not tokens:
        return scene.syntax("the query is empty; write at least one word to search for.")
    if stop == len(tokens):
        return _at_the_end(scene)
    token = tokens[stop]
    if token.type == "RPAR":
        return _closing(scene)
    if token.type in {"LPAR", "OPEN"}:
        return _opening(scene)
    if token.type in COMPARISONS:
        return _comparison(scene, token)
    if token.type == "SLASH":
        return _slash(scene)
    if token.type == "SORTBY":
        return scene.syntax("sortBy may stand only once, at the very end of the query and outside of all parentheses.")
    return _word(scene, token)


def _at_the_end(scene: _Scene) -> SyntaxProblem:
    opened = _still_open(scene.tokens)
    if opened:
        return scene.parentheses("this parenthesis is never closed.", scene.query + ")" * len(opened), at=opened[-1].start_pos)
    last = scene.tokens[-1]
    if "LPAR" in scene.accepts:
        operator = _operator_of(scene.tokens)
        if operator is None:
            return scene.syntax("a prefix assignment must be followed by a query.")
        return scene.syntax(f"{operator.text!r} needs a clause on its right.", scene.query[: operator.start_pos].rstrip())
    if last.type == "SORTBY":
        return scene.syntax("sortBy needs at least one index on its right.", scene.query[: last.start_pos].rstrip())
    if last.type == "SLASH":
        return scene.syntax("the name of a modifier is missing behind '/'.", scene.query[: last.start_pos].rstrip())
    if last.type in COMPARISONS and scene.kind_before(3) == "SLASH":
        return scene.syntax(f"the value of the modifier is missing behind {last.text!r}.")
    if last.type == "GREATER" and "SLASH" not in scene.accepts:
        return scene.syntax('a prefix assignment reads  > prefix = "identifier"  or  > "identifier".')
    if last.type == "WORD" and scene.kind_before(2) in WORDS:
        return _two_words(scene, scene.tokens[-2], last)
    return scene.syntax("a search term is missing at the end.")


def _two_words(scene: _Scene, first: Token, second: Token) -> SyntaxProblem:
    """The query ended behind two words, which read as index and relation without a term."""
    start = first.start_pos
    word = first.text.lower()
    if first.type == "WORD" and word in RESERVED:
        if word == "sortby":
            return scene.syntax("sortBy needs a query on its left.", at=start)
        before = scene.before(3)
        how = f"'{first.text}' needs a clause on its left; write  A {word} B."
        if before is None or before.type not in _OPERATORS:
            return scene.syntax(how, at=start)
        return scene.syntax(how, scene.replaced(before.start_pos, before.end_pos, "").replace("  ", " "), at=start)
    if second.text.lower().removeprefix("cql.") in NAMED_RELATIONS:
        return scene.syntax(f"relation {second.text!r} needs a term on its right.")
    return _unquoted(scene, start, second.end_pos)


def _closing(scene: _Scene) -> SyntaxProblem:
    token = scene.tokens[scene.stop]
    if not _still_open(scene.tokens[: scene.stop]):
        without = scene.replaced(token.start_pos, token.end_pos, "")
        return scene.parentheses("no parenthesis is open that could be closed here.", without)
    if scene.kind_before() == "LPAR":
        return scene.parentheses("there is nothing between these parentheses.")
    return scene.parentheses(f"a {scene.expected()} is missing before this parenthesis.")


def _opening(scene: _Scene) -> SyntaxProblem:
    kind = scene.kind_before()
    if kind == "SORTBY" or (kind in WORDS and scene.accepts and "SLASH" in scene.accepts and "AND" not in scene.accepts
                            and "$END" in scene.accepts):  # fmt: skip
        return scene.parentheses("sort keys stand without parentheses.")
    if scene.is_clause_complete():
        return scene.parentheses("a boolean operator (and, or, not, prox) is missing here.", _with_and(scene))
    if "SLASH" in scene.accepts:
        return scene.parentheses(
            "after a relation stands one term, not a parenthesis; repeat index and relation for every term, or use `any` or `all`."
        )
    return scene.syntax(f"a {scene.expected()} is missing before this parenthesis.")


def _comparison(scene: _Scene, token: Token) -> SyntaxProblem:
    before = scene.before()
    if before is not None and before.end_pos == token.start_pos and before.text + token.text in _MEANT:
        meant = _MEANT[before.text + token.text]
        return scene.syntax(
            f"there is no relation `{before.text}{token.text}`; CQL writes `{meant}`.",
            scene.replaced(before.start_pos, token.end_pos, meant),
            at=before.start_pos,
        )
    if "LPAR" in scene.accepts:
        if token.type == "GREATER":
            return scene.syntax("a prefix assignment may stand only at the beginning of the query or right after a parenthesis '('.")
        return scene.syntax(f"{token.text!r} needs an index on its left, as in  dc.title {token.text} word.")
    if "AND" in scene.accepts:
        return scene.syntax(f"the clause before {token.text!r} is complete; a term with {token.text!r} in it must stand in quotes.")
    if "SLASH" in scene.accepts and "$END" not in scene.accepts:
        return scene.syntax(f"a search term is missing before {token.text!r}; one relation is there already.")
    return scene.syntax(f"{token.text!r} cannot stand here; {scene.expected()} expected.")


def _slash(scene: _Scene) -> SyntaxProblem:
    before = scene.before()
    if before is None or before.type not in WORDS or "AND" not in scene.accepts:
        return scene.syntax("a modifier needs a relation, a boolean operator or a sort index on its left.")
    start, end = _unbroken(scene.query, before.start_pos, scene.offset)
    return scene.syntax(
        "'/' introduces a modifier and cannot follow a term; a term with '/' in it must stand in quotes.",
        scene.replaced(start, end, quoted(scene.query[start:end])),
    )


def _word(scene: _Scene, token: Token) -> SyntaxProblem:
    """A word or string where the clause before it is complete."""
    before, after = scene.before(), scene.after()
    begins_clause = after is not None and (after.type in COMPARISONS or (after.type == "WORD" and after.text.lower() in NAMED_RELATIONS))
    if begins_clause or token.type != "WORD" or before is None or before.type != "WORD":
        return scene.syntax(f"a boolean operator (and, or, not, prox) is missing before {_shown(token)}.", _with_and(scene))
    start, end = _bare_run(scene.tokens, scene.stop)
    return _unquoted(scene, start, end)


def _with_and(scene: _Scene) -> str:
    """The query with `and` before the offending token."""
    before, at = scene.before(), scene.offset
    gap = "" if before is not None and before.end_pos < at else " "
    return scene.replaced(at, at, f"{gap}and ")


def _unquoted(scene: _Scene, start: int, end: int) -> SyntaxProblem:
    return scene.syntax(
        "several words are one term only inside quotes.", scene.replaced(start, end, quoted(scene.query[start:end])), at=start
    )


def _bare_run(tokens: Sequence[Token], stop: int) -> tuple[int, int]:
    """Start and end of the bare words around a token, without an index and a named relation in front of them."""
    first = last = stop
    while first > 0 and tokens[first - 1].type == "WORD":
        first -= 1
    while last + 1 < len(tokens) and tokens[last + 1].type == "WORD":
        last += 1
    begins_clause = first == 0 or tokens[first - 1].type not in COMPARISONS
    if begins_clause and last - first >= 3 and tokens[first + 1].text.lower() in NAMED_RELATIONS:
        first += 2
    return tokens[first].start_pos, tokens[last].end_pos


def _unbroken(query: str, start: int, end: int) -> tuple[int, int]:
    """The stretch without white space or parenthesis around `start`..`end`."""
    while end < len(query) and query[end] not in " \t\r\n()":
        end += 1
    return start, end


def _still_open(tokens: Sequence[Token]) -> list[Token]:
    """Opening parentheses without a partner, outermost first."""
    opened: list[Token] = []
    for token in tokens:
        if token.type in {"LPAR", "OPEN"}:
            opened.append(token)
        elif token.type == "RPAR" and opened:
            opened.pop()
    return opened


def _operator_of(tokens: Sequence[Token]) -> Token | None:
    """The boolean operator whose right-hand side is missing at the end; None when a prefix assignment stands there."""
    for token in reversed(tokens):
        if token.type in _OPERATORS:
            return token
        if token.type == "GREATER":
            return None
    return None


def _shown(token: Token) -> str:
    text = token.text if len(token.text) <= 40 else f"{token.text[:40]}..."
    return f'"{text}"' if token.type == "STRING" else repr(text)
