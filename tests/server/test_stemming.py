"""How the words behind stems are looked up, and how far."""

from collections.abc import Sequence

import pytest

from cql.plan import AnyOf, Exact, Phrase, Plan, Word
from cql.stems import stemmed
from indexer.engine.port import ScanPage, ScanTerm
from server.errors import QueryTooExpensive
from server.stemming import LEAST_COST, MOST_WORDS, STEP, spelled_out


class WordLists:
    """Lists of words by field; `asked`: fields and start of every reading."""

    def __init__(self, **lists: list[str]) -> None:
        self.lists = {field: sorted(words) for field, words in lists.items()}
        self.asked: list[tuple[Sequence[str], str]] = []

    async def browse(self, fields: Sequence[str], start: str, count: int) -> ScanPage:
        self.asked.append((fields, start))
        words = sorted({word for field in fields for word in self.lists[field] if word >= start})
        return ScanPage(tuple(ScanTerm(word, word, 1) for word in words[:count]), False, len(words) <= count)


def word(text: str, field: str = "title") -> Word:
    return Word(field, stemmed(text, "en"))


async def test_a_plan_without_stems_is_left_alone():
    lists, plan = WordLists(title=["reef"]), AnyOf((Word("title", Exact("reefs")), Phrase("title", (Exact("a"), Exact("b")))))
    assert await spelled_out(plan, lists.browse) is plan
    assert lists.asked == []


async def test_all_fields_are_asked_at_once_for_each_stem():
    lists = WordLists(title=["fish", "fist"], subject=["fishing", "sea"])
    plan = AnyOf((word("fish"), word("fishes"), word("fish", "subject"), Phrase("title", (Exact("sea"), stemmed("fished", "en")))))
    spelled = await spelled_out(plan, lists.browse)
    assert lists.asked == [(("title", "subject"), "fis")]
    assert spelled == AnyOf(
        (
            Phrase("title", (Exact("fish"),)),
            Phrase("title", (Exact("fishing"),)),
            Phrase("subject", (Exact("fish"),)),
            Phrase("subject", (Exact("fishing"),)),
            Phrase("title", (Exact("sea"), Exact("fish"))),
            Phrase("title", (Exact("sea"), Exact("fishing"))),
        )
    )


async def test_long_lists_are_read_in_steps_and_no_further_than_the_beginning():
    filling = [f"fisa{number:05d}" for number in range(STEP * 2)]
    lists = WordLists(title=[*filling, "fish", "fishes", *(f"fit{number:05d}" for number in range(STEP * 2))])
    assert await spelled_out(word("fish"), lists.browse) == AnyOf((Phrase("title", (Exact("fish"),)), Phrase("title", (Exact("fishes"),))))
    assert len(lists.asked) == 3


@pytest.mark.parametrize(
    "plan",
    [
        word("fish"),
        AnyOf(tuple(word(f"word{letter}{other}q") for letter in "bcdfghjklmnpqrtvwxz" for other in "bcdfghjklmnpqrtvwxz0123456789")),
    ],
    ids=["too many words begin so", "too many words are asked for"],
)
async def test_there_is_a_limit(plan: Plan):
    lists = WordLists(title=[f"fisa{number:05d}" for number in range(MOST_WORDS + 1)])
    with pytest.raises(QueryTooExpensive) as told:
        await spelled_out(plan, lists.browse)
    assert "leave out the modifier stem" in str(told.value.sentence)
    assert len(lists.asked) <= max(MOST_WORDS // LEAST_COST, MOST_WORDS // STEP) + 1
