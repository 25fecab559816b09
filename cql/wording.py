"""Terms of text indexes as words: what a clause asks of the tokens and variants of one text field.

A single word is searched among tokens and variants. What is glued together by punctuation (`O'Neill`, `978-91-29-65263-5`) is
the phrase of its parts or, joined, one word. Names that are words only with their punctuation (`c++`) must be there
as such. Masks stay inside one word; everything literal passes through the folding of the index.
"""

import unicodedata
from dataclasses import dataclass

from cql.diagnostics import EmptyTerm, InvalidTerm, MaskedWordTooShort, UnsupportedRelationForTerm
from cql.indexes import Field, IndexTable, Words
from cql.limits import Limits
from cql.plan import Exact, Fuzzy, Mask, MaskPart, Pattern, Phrase, Plan, Regexp, Value, Word
from cql.regexp_syntax import RegexpError
from cql.regexps import escaped, rewrite
from cql.relations import Reading
from cql.simplify import all_of, any_of
from cql.stems import stemmed
from cql.terms import Chunk, Piece, check_anchors, is_plain, read_chunks, split_at_blanks, split_at_punctuation


@dataclass(frozen=True, slots=True)
class TextRules:
    """What every step needs to know: the relation, the folding of the index and the limits."""

    reading: Reading
    table: IndexTable
    limits: Limits


@dataclass(frozen=True, slots=True)
class _Wording:
    """Words of one chunk: patterns in order, joined forms that stand for all of them, names that must be there whole."""

    patterns: tuple[Pattern, ...]
    joined: tuple[Pattern, ...] = ()
    names: tuple[str, ...] = ()


def plan_words(field: Field, piece: Piece, rules: TextRules, each: bool) -> Plan | None:
    """What `=` (or `==`, when the reading says whole) asks of one text field; None when the piece has no word.

    `each`: the piece is one value of `any` or `all`, so that its chunk may carry anchors of its own.

    Raises: MaskedWordTooShort (29), AnchorMisplaced (32), InvalidTerm (36), UnsupportedRelationForTerm (24).
    """
    phrase, wordings = _phrase(field, piece, rules, each)
    names = [Word(field.name, Exact(name)) for wording in wordings for name in wording.names]
    is_free = not (phrase.starts or phrase.ends)
    if names:
        parts: list[Plan] = list(names)
        if len(phrase.words) > 1 or (phrase.words and not is_free):
            parts.append(phrase)
        return all_of(parts)
    if not phrase.words:
        return None
    if not is_free or len(wordings) > 1:
        return phrase
    base: Plan = Word(field.name, phrase.words[0]) if len(phrase.words) == 1 else phrase
    joined = wordings[0].joined
    return any_of([base, *(Word(field.name, pattern) for pattern in joined)]) if joined else base


def plan_whole_value(field: Field, piece: Piece, rules: TextRules) -> Plan | None:
    """What `==` asks of a text field that keeps whole values (a twin); None when the piece has no word.

    Masks stay inside one word there too, hence they become a regular expression over the value. Raises as `plan_words`.
    """
    if rules.reading.regexp:
        return Value(field.name, Regexp(read_regexp(piece, rules.table, rules.limits)))
    phrase, _ = _phrase(field, piece, rules, each=False)
    if not phrase.words:
        return None
    if all(isinstance(pattern, Exact) for pattern in phrase.words):
        text = " ".join(chunk.text for chunk in read_chunks(piece, rules.reading.masked))
        return any_of([Value(field.name, Exact(form)) for form in whole_values(field, text)])
    if any(isinstance(pattern, Fuzzy) for pattern in phrase.words):
        return phrase
    return Value(field.name, Regexp(" ".join(_within_word(pattern) for pattern in phrase.words)))


def whole_values(field: Field, text: str) -> tuple[str, ...]:
    """Forms under which a text field with whole values keeps the text."""
    return field.normalise(text) if field.normalise is not None else (" ".join(words_of(field, text).tokens),)


def _within_word(pattern: Pattern) -> str:
    """A word or mask as a regular expression that matches no blank."""
    parts = pattern.parts if isinstance(pattern, Mask) else (MaskPart(pattern.text),) if isinstance(pattern, Exact | Fuzzy) else ()
    return "".join({"*": "[^ ]*", "?": "[^ ]"}[part.text] if part.is_mask else escaped(part.text) for part in parts)


def plan_each_word(field: Field, piece: Piece, rules: TextRules, every: bool) -> Plan | None:
    """What `all` (`every`) or `any` asks of one text field for one blank-separated value; None when it has no word."""
    pieces = [piece] if rules.reading.regexp else split_at_punctuation(piece, rules.reading.masked)
    plans = [plan for part in pieces if (plan := plan_words(field, part, rules, each=True)) is not None]
    if not plans:
        return None
    return all_of(plans) if every else any_of(plans)


def phrases(field: Field, piece: Piece, rules: TextRules) -> tuple[Phrase, ...]:
    """The phrases that a clause contributes to `prox`: one, or one for each word of `any`.

    Raises: EmptyTerm (27) when there is no word, and what `plan_words` raises.
    """
    is_list = rules.reading.relation in {"any", "all"}
    pieces = [piece]
    if is_list:
        pieces = [part for value in split_at_blanks(piece) for part in split_at_punctuation(value, rules.reading.masked)]
    found = [_phrase(field, part, rules, each=is_list)[0] for part in pieces]
    if not any(phrase.words for phrase in found):
        raise no_words(piece)
    return tuple(phrase for phrase in found if phrase.words)


def no_words(piece: Piece) -> EmptyTerm:
    """The diagnostic (27) for a term in which no letter and no digit is left."""
    return EmptyTerm(
        f"Position {piece.at}: the term has no letter and no digit to search for; write  cql.allRecords = 1  to find everything.",
        offset=piece.at,
    )


def _phrase(field: Field, piece: Piece, rules: TextRules, each: bool) -> tuple[Phrase, list[_Wording]]:
    """All words of a piece as one phrase (possibly without words), and the wordings of its chunks."""
    reading = rules.reading
    starts = ends = reading.whole
    if reading.regexp:
        wordings = [_regexp_wording(part, rules) for part in split_at_blanks(piece)]
    elif is_plain(piece.text, reading.masked):
        wordings = [_plain_wording(piece.text, field, rules)]
    else:
        chunks = read_chunks(piece, reading.masked)
        check_anchors(chunks, each, reading.whole)
        starts = starts or any(chunk.starts for chunk in chunks)
        ends = ends or any(chunk.ends for chunk in chunks)
        wordings = [_wording(chunk, field, rules) for chunk in chunks if chunk.parts]
    words = tuple(pattern for wording in wordings for pattern in wording.patterns)
    return Phrase(field.name, words, starts, ends), wordings


def _wording(chunk: Chunk, field: Field, rules: TextRules) -> _Wording:
    if not chunk.has_masks:
        return _plain_wording(chunk.text, field, rules)
    if rules.reading.fuzzy or rules.reading.stem:
        name = "fuzzy" if rules.reading.fuzzy else "stem"
        raise UnsupportedRelationForTerm(
            f"Position {chunk.at}: modifier {name} cannot be used with masks; leave one of them out.", offset=chunk.at
        )
    return _masked_wording(chunk, field, rules.table)


def _plain_wording(text: str, field: Field, rules: TextRules) -> _Wording:
    """Words of a text without masks: one chunk, or several with blanks between them."""
    words = words_of(field, text)
    if rules.reading.fuzzy:
        return _Wording(tuple([_fuzzy(token) for token in words.tokens]))
    if rules.reading.stem:
        return _stemmed_wording(words, text, rules.reading.stem)
    patterns = tuple([Exact(token) for token in words.tokens])
    if not words.variants:
        return _Wording(patterns)
    return _Wording(patterns, _joined(words, text), _names(words))


def _stemmed_wording(words: Words, text: str, language: str) -> _Wording:
    """Forms are looked for among the tokens; a single word itself among the variants too, as without `stem`."""
    patterns = tuple([stemmed(token, language) for token in words.tokens])
    itself = (Exact(words.tokens[0]),) if len(words.tokens) == 1 else ()
    return _Wording(patterns, (*itself, *_joined(words, text)), _names(words))


def words_of(field: Field, text: str) -> Words:
    """Tokens and variants of a text by the rule of a text field."""
    if field.words is None:
        raise ValueError(f"text field `{field.name}` has no rule that cuts words")
    return field.words(text)


def _names(words: Words) -> tuple[str, ...]:
    return tuple(variant for variant in words.variants if not is_word(variant))


def _joined(words: Words, text: str) -> tuple[Pattern, ...]:
    """Variants that stand for the whole text, if that is one chunk: its parts without what was between them."""
    if any(map(str.isspace, text.strip())):
        return ()
    whole = "".join(words.tokens)
    return tuple(Exact(variant) for variant in words.variants if variant == whole and words.tokens != (whole,))


def _fuzzy(token: str) -> Pattern:
    """One error is forgiven in words of three to five characters, two in longer ones. Source: the SRU page, 14.3."""
    return Exact(token) if len(token) < 3 else Fuzzy(token, 1 if len(token) <= 5 else 2)


def _regexp_wording(piece: Piece, rules: TextRules) -> _Wording:
    return _Wording((Regexp(read_regexp(piece, rules.table, rules.limits)),))


def read_regexp(piece: Piece, table: IndexTable, limits: Limits, fold: bool = True) -> str:
    """The regular expression of a term, folded if wished and spelled for every engine. Raises: InvalidTerm (36)."""
    try:
        if len(piece.text) > limits.regexp_characters:
            raise RegexpError(f"it has more than {limits.regexp_characters} characters")
        return rewrite(piece.text.replace("\\\\", "\\"), table.fold if fold else str)
    except RegexpError as error:
        raise InvalidTerm(f"Position {piece.at}: the regular expression cannot be used: {error}.", offset=piece.at) from None


def _masked_wording(chunk: Chunk, field: Field, table: IndexTable) -> _Wording:
    words = _split_words(chunk.parts)
    patterns = tuple(pattern for word in words for pattern in _word_patterns(word, chunk, field, table))
    joined: tuple[Pattern, ...] = ()
    text = chunk.text
    if len(words) > 1 and len(split_at_punctuation(Piece(text.replace("*", "x").replace("?", "x"), 0), masked=False)) == 1:
        whole = [part if part.is_mask else MaskPart(table.fold(part.text)) for part in chunk.parts]
        joined = (Mask(tuple(part for part in whole if part.text)),)
    return _Wording(patterns, joined)


def _split_words(parts: tuple[MaskPart, ...]) -> list[list[MaskPart]]:
    """Words of a masked chunk: punctuation separates as it does in the index, masks belong to the word they touch."""
    words: list[list[MaskPart]] = [[]]
    for part in parts:
        if part.is_mask:
            words[-1].append(part)
            continue
        letters: list[str] = []
        for character in part.text:
            if _belongs_to_word(character):
                letters.append(character)
                continue
            if letters:
                words[-1].append(MaskPart("".join(letters)))
                letters = []
            if words[-1]:
                words.append([])
        if letters:
            words[-1].append(MaskPart("".join(letters)))
    return [word for word in words if word]


def _belongs_to_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"}


def is_word(word: str) -> bool:
    """Whether a variant is a word like any other, not a name that keeps its punctuation."""
    return all(_belongs_to_word(character) for character in word)


def _word_patterns(word: list[MaskPart], chunk: Chunk, field: Field, table: IndexTable) -> list[Pattern]:
    """Patterns of one word; more than one when its script has a word for each character."""
    patterns: list[Pattern] = []
    current: list[MaskPart] = []
    for part in word:
        if part.is_mask:
            current.append(part)
            continue
        for number, token in enumerate(_literal_tokens(part.text, field, table)):
            if number:
                patterns.append(_pattern(current))
                current = []
            current.append(MaskPart(token))
    if not any(not part.is_mask for part in current) and not patterns:
        raise MaskedWordTooShort(
            f"Position {chunk.at}: a word of nothing but masks would match everything; write at least one letter or digit.",
            details="1",
            offset=chunk.at,
        )
    patterns.append(_pattern(current))
    return patterns


def _literal_tokens(text: str, field: Field, table: IndexTable) -> tuple[str, ...]:
    if not text.isascii():
        tokens = words_of(field, text).tokens
        if len(tokens) > 1:
            return tokens
    folded = table.fold(text)
    return (folded,) if folded else ()


def _pattern(parts: list[MaskPart]) -> Pattern:
    if len(parts) == 1 and not parts[0].is_mask:
        return Exact(parts[0].text)
    return Mask(tuple(parts))
