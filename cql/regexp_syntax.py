"""Syntax of the regular expressions that queries may use (see `cql.regexps`): text to tree, or a reason why not."""

from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

MAX_REPEAT = 100
MAX_SIZE = 1_000
MAX_DEPTH = 20
_REPEATS = "*+?{"


class RegexpError(ValueError):
    """An expression outside the subset; the text says what is wrong, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class AnyCharacter:
    """`.`"""


@dataclass(frozen=True, slots=True)
class Literal:
    """Characters one after another; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class CharacterClass:
    """`[...]`: pairs of first and last character."""

    negated: bool
    ranges: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """Expressions one after another."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives, at least two."""

    options: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`least` to `most` times; None means without end."""

    body: "Expression"
    least: int
    most: int | None


Expression = AnyCharacter | Literal | CharacterClass | Sequence | Choice | Repeat


class _Parser:
    """Recursive descent over one expression; groups nest at most `MAX_DEPTH` deep."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.place = 0
        self.depth = 0

    def peek(self) -> str:
        """Next character, or an empty string at the end."""
        return self.source[self.place : self.place + 1]

    def take(self) -> str:
        """Next character, read."""
        character = self.peek()
        self.place += 1
        return character

    def choice(self) -> Expression:
        """Alternatives up to a closing parenthesis or the end."""
        options = [self.sequence()]
        while self.peek() == "|":
            self.take()
            options.append(self.sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Expression:
        """Repeated atoms up to `|`, `)` or the end."""
        parts: list[Expression] = []
        while self.peek() not in {"", "|", ")"}:
            parts.append(self.repeated())
        if not parts:
            raise RegexpError("it has an empty alternative")
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self) -> Expression:
        """One atom with its repeat."""
        body = self.atom()
        match self.peek():
            case "*":
                least, most = 0, None
            case "+":
                least, most = 1, None
            case "?":
                least, most = 0, 1
            case "{":
                return self.no_second_repeat(Repeat(body, *self.counts()))
            case _:
                return body
        self.take()
        return self.no_second_repeat(Repeat(body, least, most))

    def no_second_repeat(self, repeat: Repeat) -> Repeat:
        """Lazy and possessive repeats mean different things to different readers."""
        if self.peek() and self.peek() in _REPEATS:
            raise RegexpError(f"`{self.peek()}` follows another repeat")
        return repeat

    def counts(self) -> tuple[int, int | None]:
        """`{m}`, `{m,}` or `{m,n}`."""
        end = self.source.find("}", self.place)
        text = self.source[self.place + 1 : end] if end >= 0 else ""
        low, comma, high = text.partition(",")
        if not (low.isascii() and low.isdecimal()) or (high and not (high.isascii() and high.isdecimal())):
            raise RegexpError("`{` must be followed by one or two numbers and `}`")
        self.place = end + 1
        least = int(low[:9])
        most = None if comma and not high else int((high or low)[:9])
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise RegexpError(f"repeats must be in order and at most {MAX_REPEAT}")
        return least, most

    def atom(self) -> Expression:
        """A group, a class, a point or one plain character."""
        character = self.take()
        match character:
            case "(":
                return self.group()
            case "[":
                return self.character_class()
            case ".":
                return AnyCharacter()
            case "\\":
                return Literal(self.escaped())
            case "^" | "$":
                raise RegexpError(f"`{character}` is not needed: it matches whole words anyway")
            case "*" | "+" | "?" | "{":
                raise RegexpError(f"there is nothing before `{character}` to repeat")
            case "]" | "}":
                raise RegexpError(f"`{character}` closes nothing")
            case _:
                return Literal(character)

    def group(self) -> Expression:
        """What stands in parentheses."""
        if self.peek() == "?":
            raise RegexpError("`(?` is not supported")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise RegexpError(f"groups nest more than {MAX_DEPTH} deep")
        body = self.choice()
        if self.take() != ")":
            raise RegexpError("a parenthesis is not closed")
        self.depth -= 1
        return body

    def escaped(self) -> str:
        """The character behind a backslash."""
        character = self.take()
        if not character:
            raise RegexpError("it ends with a backslash")
        if character.isalnum():
            raise RegexpError(f"`\\{character}` is not supported; write a class such as [0-9]")
        return character

    def character_class(self) -> CharacterClass:
        """`[abc]`, `[^a-z]`."""
        negated = self.peek() == "^"
        if negated:
            self.take()
        ranges: list[tuple[str, str]] = []
        while self.peek() != "]":
            first = self.class_member()
            last = first
            if self.peek() == "-" and self.source[self.place + 1 : self.place + 2] not in {"]", ""}:
                self.take()
                last = self.class_member()
            if last < first:
                raise RegexpError(f"the range `{first}-{last}` runs backwards")
            ranges.append((first, last))
        self.take()
        if not ranges:
            raise RegexpError("it has an empty class")
        return CharacterClass(negated, tuple(ranges))

    def class_member(self) -> str:
        """One character of a class."""
        character = self.take()
        if not character:
            raise RegexpError("a bracket is not closed")
        if character == "[":
            raise RegexpError("`[` inside a class must have a backslash before it")
        return self.escaped() if character == "\\" else character


@lru_cache(maxsize=64)
def parse_regexp(source: str) -> Expression:
    """The expression as a tree, at most `MAX_DEPTH` groups deep and `MAX_SIZE` characters long. Raises: RegexpError."""
    parser = _Parser(source)
    expression = parser.choice()
    if parser.place < len(source):
        raise RegexpError("a parenthesis is closed that was never opened")
    if _size(expression) > MAX_SIZE:
        raise RegexpError("its repeats are too many")
    return expression


def _size(expression: Expression) -> int:
    """Number of characters when all counted repeats are written out."""
    match expression:
        case AnyCharacter() | CharacterClass():
            return 1
        case Literal(text):
            return len(text)
        case Sequence(parts) | Choice(parts):
            return sum(_size(part) for part in parts)
        case Repeat(body, least, most):
            return _size(body) * max(1, least if most is None else most)
        case _:
            assert_never(expression)
