"""Mixed queries drawn from the records themselves, so that nearly every one has hits. One fixed seed, so runs compare."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.marc import Read, SourceProfile, read_file
from indexer.record import first

WORD = re.compile(r"[^\W\d_]{3,}")
ISBN = re.compile(r"[0-9-]{9,16}[0-9Xx]")
SEED = 11


@dataclass(frozen=True)
class Drawn:
    """What one record offers for queries."""

    words: list[str]
    surname: str
    isbn: str
    number: str


@dataclass(frozen=True)
class BenchQuery:
    """One request: its class and its parameters."""

    kind: str
    parameters: dict[str, str]


def draw(file: Path, sample: int = 3000) -> list[Drawn]:
    """A reservoir of records from the whole file."""
    chance = random.Random(SEED)
    kept: list[Drawn] = []
    for count, item in enumerate(read_file(file, SourceProfile())):
        if not isinstance(item, Read) or (len(kept) >= sample and chance.randrange(count + 1) >= sample):
            continue
        record = item.record
        title = next((first(body, "a") for body in record.bodies("245")), "")
        words = [word.lower() for word in WORD.findall(title)]
        if not words:
            continue
        name = next((WORD.findall(first(body, "a").split(",")[0]) for body in record.bodies("100")), [])
        isbns = [found[0].replace("-", "") for body in record.bodies("020") if (found := ISBN.match(first(body, "a")))]
        one = Drawn(words, name[0].lower() if name else "", isbns[0] if isbns else "", item.identity.control_number)
        if len(kept) < sample:
            kept.append(one)
        else:
            kept[chance.randrange(sample)] = one
    return kept


def queries(drawn: list[Drawn], each: int = 30, records: int = 10) -> list[BenchQuery]:
    """`each` queries of every class, shuffled."""
    chance = random.Random(SEED)

    def pick(one: Drawn) -> str:
        return chance.choice(one.words)

    def other() -> str:
        return pick(chance.choice(drawn))

    classes: dict[str, Callable[[Drawn], str]] = {
        "term": pick,
        "title": lambda one: f"dc.title = {pick(one)}",
        "and": lambda one: f"dc.title = {one.words[0]} and dc.title = {one.words[-1]}" if len(one.words) > 1 else "",
        "or": lambda one: f'dc.title any "{pick(one)} {other()} {other()}"',
        "phrase": lambda one: f'dc.title adj "{" ".join(one.words[:3])}"' if len(one.words) > 2 else "",
        "author and title": lambda one: f"dc.creator = {one.surname} and dc.title = {pick(one)}" if one.surname else "",
        "isbn": lambda one: f"bath.isbn = {one.isbn}" if one.isbn else "",
        "id": lambda one: f'rec.id = "{one.number}"' if one.number else "",
        "truncated": lambda one: f"dc.title = {max(one.words, key=len)[:5]}*",
        "date range": lambda one: f"dc.title = {pick(one)} and dc.date >= {chance.randrange(1950, 2015)}",
        "not": lambda one: f"dc.title = {pick(one)} not dc.title = {other()}",
        "sorted": lambda one: f"dc.title = {pick(one)} sortby dc.date",
        "miss": lambda one: f"dc.title = {pick(one)}qqqx",
    }
    found = [BenchQuery(kind, _search(text, records)) for kind, text in _texts(classes, drawn, each, chance)]
    found += [BenchQuery("scan", _scan(f"dc.title = {other()[:4]}")) for _ in range(each)]
    chance.shuffle(found)
    return found


def _texts(classes: dict[str, Callable[[Drawn], str]], drawn: list[Drawn], each: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    for kind, make in classes.items():
        texts: dict[str, None] = {}
        for one in chance.sample(drawn, len(drawn)):
            text = make(one)
            if text:
                texts[text] = None
            if len(texts) == each:
                break
        yield from ((kind, text) for text in texts)


def _search(text: str, records: int) -> dict[str, str]:
    return {
        "version": "1.1",
        "operation": "searchRetrieve",
        "query": text,
        "maximumRecords": str(records),
        "recordSchema": "marcxml",
    }


def _scan(text: str) -> dict[str, str]:
    return {"version": "1.1", "operation": "scan", "scanClause": text, "maximumTerms": "20"}
