"""Lenient reading of sloppy queries: turns their tokens into tokens that the grammar takes.

Several bare words in a row become one term, and a parenthesis right after a relation becomes one that hands index and
relation to the bare terms inside. The second of several words is a relation only if it is a known one and something that
can be its term follows. Everything else stays as it is, so that the parser reads or refuses it as in strict mode.

Source: the SRU page, section 13.3 (our decision; YAZ and cql-java do the same).
"""

from collections.abc import Sequence

from cql.complaints import NAMED_RELATIONS
from cql.diagnostics import QuerySyntaxError
from cql.lexer import COMPARISONS, RESERVED_KINDS, WORDS, Token, check_length
from cql.limits import Limits

_OPERATORS = frozenset({"AND", "OR", "NOT", "PROX"})


def read_leniently(query: str, tokens: Sequence[Token], limits: Limits) -> list[Token]:
    """The tokens with bare words joined and parentheses after relations marked (OPEN).

    Raises: QuerySyntaxError (10) when joined words stand where only an index can, TermTooLong (23).
    """
    return _Reader(query, tokens, limits).read()


class _Reader:
    """One pass over the tokens; `position` is the next token to read, `out` what has been made of those before."""

    def __init__(self, query: str, tokens: Sequence[Token], limits: Limits) -> None:
        self.query = query
        self.tokens = tokens
        self.limits = limits
        self.position = 0
        self.out: list[Token] = []

    def kind(self, ahead: int = 0) -> str:
        """Terminal of a token ahead; an empty string behind the end."""
        place = self.position + ahead
        return self.tokens[place].type if place < len(self.tokens) else ""

    def take(self, count: int = 1) -> None:
        """Hands tokens on unchanged."""
        self.out += self.tokens[self.position : self.position + count]
        self.position += count

    def read(self) -> list[Token]:
        """Reads operand after operand; stops meddling at sortBy and where no operand follows."""
        while self.position < len(self.tokens):
            self.read_openings()
            if self.reads_clause_up_to_parenthesis():
                continue
            while self.kind() == "RPAR":
                self.take()
            if self.kind() not in _OPERATORS:
                break
            self.take()
            self.read_modifiers()
        self.take(len(self.tokens) - self.position)
        return self.out

    def read_openings(self) -> None:
        """Parentheses and prefix assignments before a clause."""
        while self.kind() in {"LPAR", "GREATER"}:
            if self.kind() == "LPAR":
                self.take()
            else:
                self.take(4 if self.kind(2) == "EQUAL" else 2)

    def reads_clause_up_to_parenthesis(self) -> bool:
        """Reads one clause; true when it was `index relation (`, so that operands follow."""
        if self.kind() not in WORDS:
            return False
        if self.kind(1) in COMPARISONS or self.has_named_relation() or (self.kind() == "STRING" and self.kind(1) == "WORD"):
            self.take(2)
            self.read_modifiers()
            if self.kind() == "LPAR":
                opening = self.tokens[self.position]
                self.out.append(Token("OPEN", opening.text, opening.start_pos, opening.end_pos))
                self.position += 1
                return True
        self.read_term()
        return False

    def has_named_relation(self) -> bool:
        """Whether the second token is a named relation with something behind it that can be its term."""
        if self.kind(1) != "WORD" or self.tokens[self.position + 1].text.lower().removeprefix("cql.") not in NAMED_RELATIONS:
            return False
        third = self.kind(2)
        if third in {"WORD", "STRING", "LPAR", "SLASH"}:
            return True
        # A reserved word is the term only where it cannot be read as an operator with an operand of its own.
        return third in RESERVED_KINDS.values() and self.kind(3) not in {"WORD", "STRING", "LPAR"}

    def read_modifiers(self) -> None:
        """Modifiers of a relation or boolean."""
        while self.kind() == "SLASH":
            self.take(4 if self.kind(2) in COMPARISONS else 2)

    def read_term(self) -> None:
        """A string, or a run of bare words as one."""
        if self.kind() not in WORDS:
            return
        length = 1
        while self.kind() != "STRING" and self.kind(length) == "WORD":
            length += 1
        if length == 1:
            self.take()
            return
        run = self.tokens[self.position : self.position + length]
        first, last = run[0], run[-1]
        if self.kind(length) in COMPARISONS:
            raise self.missing_boolean(last)
        text = " ".join(token.text for token in run)
        check_length(text, first.start_pos, self.limits)
        # Not a STRING: its text begins where the token begins. A WORD cannot be mistaken for a relation, because no index
        # can stand before it here.
        self.out.append(Token("WORD", text, first.start_pos, last.end_pos))
        self.position += length

    def missing_boolean(self, index: Token) -> QuerySyntaxError:
        """`coral reefs title = x`: the last word is most likely the index of the next clause."""
        at = index.start_pos
        return QuerySyntaxError(
            f"Position {at}: a boolean operator (and, or, not, prox) is missing before {index.text!r}.",
            details=f"position {at}: boolean operator expected",
            offset=at,
            suggestion=f"{self.query[:at]}and {self.query[at:]}",
        )
