"""Plans with stems, and the same plans in words: the matcher finds the same documents with both."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cql.indexes import IndexTable
from cql.matcher import matches
from cql.parser import parse
from cql.plan import AllOf, AnyOf, Exact, Mask, MaskPart, Near, Nothing, Pattern, Phrase, Plan, Regexp, Stemmed, Without, Word
from cql.planner import plan_query
from cql.stems import is_form, stemmed
from cql.word_forms import MOST_PHRASES, Words, stems_of, with_words

WORDS = ("reef", "reefs", "reefed", "cry", "cries", "crying", "sea", "seas", "fish", "fishes", "1999", "f.sh", "fis", "no|one", "a")
stems: st.SearchStrategy[Pattern] = st.sampled_from(WORDS).map(lambda word: stemmed(word, "en"))
exact: st.SearchStrategy[Pattern] = st.sampled_from(WORDS).map(Exact)
patterns: st.SearchStrategy[Pattern] = st.one_of(stems, stems, exact, st.just(Mask((MaskPart("re"), MaskPart("*", True)))))
phrases = st.builds(Phrase, st.just("t"), st.lists(patterns, min_size=1, max_size=3).map(tuple), st.booleans(), st.booleans())
sides = st.lists(phrases, min_size=1, max_size=2).map(tuple)
plans: st.SearchStrategy[Plan] = st.recursive(
    st.one_of(
        st.builds(Word, st.just("t"), patterns),
        phrases,
        st.builds(Near, st.just("t"), sides, sides, st.integers(0, 1), st.sampled_from((None, 1, 3)), st.booleans()),
    ),
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Without, inner, inner),
    ),
    max_leaves=4,
)
texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), max_size=2)


class Document:
    """A document with one text field; `words` is the word list of an index that has just it."""

    def __init__(self, occurrences: list[str], variants: list[str]) -> None:
        self.text = {"t": occurrences}
        self.variants = {"t": variants}
        self.keys: dict[str, list[str]] = {}
        self.numbers: dict[str, list[int]] = {}


def found(plan: Plan, words: set[str]) -> Words:
    """The forms among some words of everything that the plan has stems of."""
    return {pattern: sorted(word for word in words if is_form(word, pattern)) for _, pattern in stems_of(plan)}


def has_stems(plan: Plan) -> bool:
    return next(stems_of(plan), None) is not None


@given(plans, st.lists(texts, min_size=1, max_size=5), st.lists(st.sampled_from(WORDS), max_size=2))
@settings(max_examples=300, deadline=None)
def test_words_find_what_stems_find(plan: Plan, all_texts: list[list[str]], variants: list[str]):
    documents = [Document(occurrences, variants) for occurrences in all_texts]
    spelled = with_words(plan, found(plan, {word for one in all_texts for text in one for word in text.split(" ")}))
    assert not has_stems(spelled)
    assert [matches(spelled, one) for one in documents] == [matches(plan, one) for one in documents]


def test_few_forms_become_phrases_of_words_and_many_an_expression():
    pattern = Stemmed("reef", "ree", "en")
    phrase = Phrase("t", (Exact("coral"), pattern))
    assert with_words(phrase, {pattern: ["reef", "reefs"]}) == AnyOf(
        (Phrase("t", (Exact("coral"), Exact("reef"))), Phrase("t", (Exact("coral"), Exact("reefs"))))
    )
    many = ["reef", *(f"reef{number:02d}" for number in range(MOST_PHRASES))]
    spelled = with_words(phrase, {pattern: many})
    assert isinstance(spelled, Phrase)
    assert isinstance(spelled.words[1], Regexp)
    for word in many:
        assert matches(spelled, Document([f"coral {word}"], []))
    assert not matches(spelled, Document(["coral reef1"], []))


@pytest.mark.parametrize(
    "plan", [Word("t", Stemmed("x", "x", "en")), Phrase("t", (Exact("a"), Stemmed("x", "x", "en")))], ids=["word", "phrase"]
)
def test_a_stem_without_words_finds_nothing(plan: Plan):
    nothing = {pattern: [] for _, pattern in stems_of(plan)}
    assert with_words(plan, nothing) == Nothing()
    near = Near("t", (Phrase("t", (Exact("a"),)),), (Phrase("t", (Stemmed("x", "x", "en"),)),), 1, 3, False)
    assert with_words(near, nothing) == Nothing()


@pytest.mark.parametrize(
    ("query", "text", "finds"),
    [
        ('dc.title any/stem "fish frog"', "Frogs of the sea", True),
        ('dc.title any/stem "fish frog"', "Toads", False),
        ('dc.title all/stem "fish frog"', "Frogs and fishing", True),
        ('dc.title all/stem "fish frog"', "Frogs", False),
        ('dc.title =/stem "coral reefs"', "A coral reef", True),
        ('dc.title =/stem "coral reefs"', "Reefs, coral", False),
        ('dc.title adj/stem "^coral reefs^"', "Coral reef", True),
        ("dc.title =/stem/locale=sv-SE valarna", "Valen", True),
        ("dc.title =/stem/locale=swe valarna", "Valens", True),
        ("dc.title =/stem/locale=en valarna", "Valen", False),
        ("dc.title =/stem c++", "C++ for all", True),
        ("dc.title =/stem c++", "C for all", False),
        ("dc.title =/stem O'Neill", "Oneill at sea", True),
        ("dc.title =/stem oneill", "O'Neill at sea", True),
        ('dc.title =/stem/unmasked "reef*"', "Reefs", True),
        ("dc.title <>/stem fish", "Fishes", False),
        ("dc.title <>/stem fish", "Reefs", True),
        ("dc.title =/stem coral prox/distance=2 dc.title =/stem fishes", "Coral reef fish", True),
        ("dc.title =/stem/relevant fishes", "Fish", True),
    ],
)
def test_what_stems_mean(query: str, text: str, finds: bool, table: IndexTable, make_view):
    planned = plan_query(parse(query), table)
    assert planned.stems
    view = make_view({"title": [text]})
    words = {word for occurrence in view.text["title"] for word in occurrence.split(" ")}
    assert matches(planned.plan, view) is matches(with_words(planned.plan, found(planned.plan, words)), view) is finds


def test_only_queries_with_stems_are_marked(table: IndexTable):
    assert not plan_query(parse('dc.title any/relevant "fish frog" or dc.title = /fuzzy sea'), table).stems
    inside = plan_query(parse("dc.date = 1999 or (dc.title = a and dc.title =/stem b)"), table)
    assert inside.stems
    kept = plan_query(parse("dc.date = 1999 and cql.resultSetId = x"), table, resolve_result_set=lambda _: inside)
    assert kept.stems
    assert plan_query(parse("cql.resultSetId = x"), table, resolve_result_set=lambda _: inside).stems
