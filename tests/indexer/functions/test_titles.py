"""Non-filing characters and sort titles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyser
from indexer.functions.punctuation import trim_punct
from indexer.functions.titles import ARTICLES, author_sort, filing_text, nonfiling_count, title_sort, without_article, without_nonsorting

NEUTRAL = Analyser()


@pytest.mark.parametrize(
    ("text", "skip", "language", "filing"),
    [
        ("The cat in the hat /", "4", "eng", "cat in the hat"),
        ("A cat", "2", "eng", "cat"),
        ("Cat", "0", "eng", "Cat"),
        ("al-ʻUzlah", "4", "ara", "Uzlah"),
        ("al-ʻUzlah", "3", "ara", "Uzlah"),
        ("al-Ḥīrah : al-madīnah", "4", "ara", "Ḥīrah : al-madīnah"),
        ("Munṣif", "3", "ara", "Munṣif"),
        ("Analytical mass", "2", "eng", "Analytical mass"),
        ("The analytical", "5", "eng", "analytical"),
        ("L'été", "2", "fre", "été"),
        ("Les misérables", "5", "fre", "misérables"),
        ('"The" thing', "6", "eng", "thing"),
        ("السيرة النبوية /", "2", "ara", "سيرة النبوية"),
        ("A", "2", "eng", "A"),
        ("The", "9", "eng", "The"),
        ("Title", "x", "eng", "Title"),
        ("Title", "", "", "Title"),
        ("Title", "٤", "", "Title"),
        ("\x98The \x9ccat", "0", "", "cat"),
        ("\x98The \x9ccat", "4", "eng", "cat"),
        ("Der \x98große \x9cMann", "0", "", "Der Mann"),
        ("\x88The \x89cat", "0", "", "cat"),
        ("\x98unclosed cat", "0", "", "unclosed cat"),
        ("[Report]", "0", "", "Report"),
        ("... and justice", "0", "", "and justice"),
        ("Hello.", "0", "", "Hello"),
        ("...", "0", "", ""),
        ("", "4", "", ""),
    ],
)
def test_filing_text(text, skip, language, filing):
    assert filing_text(text, skip, language) == filing


@pytest.mark.parametrize(
    ("texts", "skip", "key"),
    [
        (["The cat :", "a story /"], "4", "cat a story"),
        (["Volume 2"], "0", "volume 00000002"),
        (["", "only b"], "0", "only b"),
        ([], "0", ""),
        (["..."], "0", ""),
    ],
)
def test_title_sort(texts, skip, key):
    assert title_sort(NEUTRAL, texts, skip, "eng") == key


def test_author_sort_puts_the_title_behind_the_name():
    assert author_sort(NEUTRAL, "Strindberg, August,", "roda rummet") == "strindberg august  roda rummet"
    assert author_sort(NEUTRAL, "", "roda rummet") == ""
    same = [author_sort(NEUTRAL, "Li", "b"), author_sort(NEUTRAL, "Li, A", "a")]
    assert same == sorted(same)
    assert len(author_sort(NEUTRAL, "x" * 300, "y" * 300)) <= 255


def test_nonsorting_marks_vanish_from_shown_text_only():
    assert without_nonsorting("\x98The \x9ccat") == "The cat"
    assert without_nonsorting("plain") == "plain"


@pytest.mark.parametrize(
    ("text", "language", "rest"),
    [("Les misérables", "fre", "misérables"), ("L’été", "fre", "été"), ("Lesson", "fre", "Lesson"),
     ("Die Welt", "swe", "Die Welt"), ("The", "eng", "The")],
)  # fmt: skip
def test_articles_go_by_language(text, language, rest):
    assert without_article(text, language) == rest


def test_articles_are_listed_in_lower_case():
    assert all(article == article.lower() for articles in ARTICLES.values() for article in articles)


@settings(max_examples=200)
@given(st.text(max_size=30), st.sampled_from("0123456789 |"), st.sampled_from(["eng", "ara", ""]))
def test_the_count_is_inside_the_text(text, skip, language):
    count = nonfiling_count(text, skip, language)
    assert 0 <= count <= max(len(text) - 1, 0)
    assert len(title_sort(NEUTRAL, [text], skip, language)) <= 255


@pytest.mark.parametrize(
    ("text", "trimmed"),
    [
        ("Dogs /", "Dogs"), ("Paris :", "Paris"), ("[S.l. :", "S.l."), ("Smith, J.", "Smith, J."), ("Smith, John, Jr.", "Smith, John, Jr."),
        ("Smith, John,", "Smith, John"), ("Dogs.", "Dogs"), ("cats, etc.", "cats, etc."), ("wait...", "wait..."), ("[1984?]", "1984?"),
        ("[Paris] [London]", "[Paris] [London]"), ("Foo (Firm).", "Foo (Firm)"), ("12.", "12."), ("1984.", "1984"), ("  a   b ;", "a b"),
        ("/", "/"), ("[]", "[]"), ("Foo]", "Foo"), ("J. R. R.", "J. R. R."), ("Dogs ,", "Dogs"), ("Title =", "Title"), ("a:b:", "a:b:"),
        ("Ōta.", "Ōta"), ("Öst.", "Öst"), ("", ""), ("   ", ""),
    ],
)  # fmt: skip
def test_trim_punct(text, trimmed):
    assert trim_punct(text) == trimmed


@settings(max_examples=300)
@given(st.text(st.sampled_from("ab .,:;/=[]()"), max_size=20))
def test_trim_punct_is_idempotent_and_never_empties(text):
    trimmed = trim_punct(text)
    assert trim_punct(trimmed) == trimmed
    assert bool(trimmed) == bool(text.split())
