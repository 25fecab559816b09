"""Stems and forms of words, language by language."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cql.plan import Exact, Stemmed
from cql.stems import LANGUAGES, is_form, language_of, stem, stemmed

words = st.text("abcdeghiknorstuyåäöñéжд東9", min_size=1, max_size=14)


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("sv", "sv"), ("sv-SE", "sv"), ("sv_SE", "sv"), ("SV-se", "sv"), ("swe", "sv"), ("en", "en"), ("eng", "en"), ("en-GB", "en"),
        ("nb", "no"), ("nn-NO", "no"), ("nob", "no"), ("ger", "de"), ("deu", "de"), ("de-AT", "de"), ("fre", "fr"), ("nl", "nl"),
        ("tlh", None), ("x", None), ("", None), ("english", None), ("neutral", None),
    ],
)  # fmt: skip
def test_a_locale_names_a_language(locale: str, language: str | None):
    assert language_of(locale) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_an_algorithm_and_is_its_own_locale(language: str):
    assert language_of(language) == language
    assert stem("a", language)
    assert is_form("abcdefghi", pattern) if isinstance(pattern := stemmed("abcdefghi", language), Stemmed) else False


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", "fish fishes fishing fished"),
        ("en", "cry cries cried crying"),
        ("en", "hope hopes hoping hoped"),
        ("sv", "bok boken boks"),
        ("sv", "val valar valarna"),
        ("de", "haus hauses hause"),
        ("fr", "journal journaux"),
        ("fr", "publique publications"),
        ("nl", "boom bomen"),
        ("nl", "school scholen"),
        ("fi", "kirkko kirkon kirkot"),
        ("ru", "книга книги книгу"),
        ("es", "biblioteca bibliotecas"),
    ],
)
def test_forms_find_each_other(language: str, forms: str):
    for one in forms.split():
        pattern = stemmed(one, language)
        assert isinstance(pattern, Stemmed)
        assert [other for other in forms.split() if not is_form(other, pattern)] == [], one


@pytest.mark.parametrize(("word", "other"), [("fish", "fist"), ("fish", "finfish"), ("universe", "universes2"), ("news", "newton")])
def test_other_words_are_no_forms(word: str, other: str):
    pattern = stemmed(word, "en")
    assert isinstance(pattern, Stemmed)
    assert not is_form(other, pattern)


@pytest.mark.parametrize("word", ["a", "s", "1", "1999", "東", "9780306406157"])
def test_single_letters_and_numbers_stand_for_themselves(word: str):
    assert stemmed(word, "en") == Exact(word)


@given(words, st.sampled_from(LANGUAGES))
def test_a_word_is_a_form_of_itself_and_begins_as_its_pattern_says(word: str, language: str):
    pattern = stemmed(word, language)
    if isinstance(pattern, Stemmed):
        assert is_form(word, pattern)
        assert word.startswith(pattern.beginning)
        assert len(pattern.beginning) <= max(2, len(pattern.stem))


def test_stems_are_the_same_from_several_threads():
    some = [
        f"{start}{end}" for start in ("relation", "hop", "nation", "creat", "fish") for end in ("", "al", "ing", "ive", "s", "es", "ed")
    ]
    stem.cache_clear()
    alone = [stem(word, "en") for word in some]
    stem.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda word: stem(word, "en"), some * 20)) == alone * 20
