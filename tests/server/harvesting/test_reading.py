"""Answers of every kind, sound and unsound."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.harvesting.reading import AnswerReader, BadAnswer, ListToken, read_response_date, read_whole
from server.harvesting.repairing import MARK, declared_encoding, repaired

OAI = "http://www.openarchives.org/OAI/2.0/"


def envelope(body, head='<?xml version="1.0" encoding="UTF-8"?>', namespace=f'xmlns="{OAI}"'):
    if isinstance(body, str):
        body = body.encode()
    return f"{head}<OAI-PMH {namespace}><responseDate>2026-01-31T12:00:00Z</responseDate>".encode() + body + b"</OAI-PMH>"


def record(number, text=""):
    return (
        f"<record><header><identifier>i{number}</identifier><datestamp>2026-01-0{number}</datestamp></header>"
        f'<metadata><m:r xmlns:m="urn:m">{text}</m:r></metadata></record>'
    )


def listed(*records):
    return f"<ListRecords>{''.join(records)}</ListRecords>"


def read(content):
    answer = AnswerReader(BytesIO(content))
    return list(answer.items()), answer


def test_items_token_and_date_are_read():
    body = listed(record(1), record(2)).replace(
        "</ListRecords>", '<resumptionToken cursor="0" completeListSize="9" expirationDate="x"> t </resumptionToken></ListRecords>'
    )
    items, answer = read(envelope(body))
    assert [(one.identifier, one.datestamp, one.metadata) for one in items] == [
        ("i1", "2026-01-01", b'<m:r xmlns:m="urn:m" xmlns="http://www.openarchives.org/OAI/2.0/"/>'),
        ("i2", "2026-01-02", b'<m:r xmlns:m="urn:m" xmlns="http://www.openarchives.org/OAI/2.0/"/>'),
    ]
    assert answer.token == ListToken("t", 0, 9)
    assert answer.response_date.isoformat() == "2026-01-31T12:00:00+00:00"


@pytest.mark.parametrize("namespace", ["", 'xmlns="urn:wrong"'])
def test_namespaces_do_not_matter(namespace):
    assert len(read(envelope(listed(record(1)), namespace=namespace))[0]) == 1


def test_a_record_within_the_metadata_is_no_item():
    marc = '<record xmlns="http://www.loc.gov/MARC21/slim"><header/><leader/></record>'
    items, _ = read(envelope(listed(record(1, marc), record(2, marc))))
    assert [one.identifier for one in items] == ["i1", "i2"]
    assert b"<leader/>" in items[1].metadata


def test_errors_are_read():
    _, answer = read(envelope('<error code="badArgument">no\n such</error><error code="badVerb"/>'))
    assert answer.errors == [("badArgument", "no such"), ("badVerb", "")]


SPOILT = {
    "control character": (b"a\x02b", "ab"),
    "reference to one": (b"a&#2;b&#x1F;", "ab"),
    "reference beyond Unicode": (b"a&#x110000;b", "ab"),
    "surrogate": (b"a&#xD800;b", "ab"),
    "entity of HTML": (b"a&nbsp;&eacute;", "a\xa0é"),
    "entity of nobody": (b"a&nonsense;", "a&nonsense;"),
    "bare ampersand": (b"a & b &", "a & b &"),
    "byte of Latin-1": (b"caf\xe9", "caf\ufffd"),
    "noncharacter": ("a\uffffb".encode(), "ab"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_xml_forbids_is_repaired_and_the_record_is_named(name):
    spoilt, wanted = SPOILT[name]
    content = envelope(listed(record(1), record(2, "HERE"), record(3)).encode().replace(b"HERE", spoilt))
    items, answer = read(content)
    assert [one.identifier for one in items] == ["i1", "i2", "i3"]
    assert [one.is_repaired for one in items] == [False, True, False]
    assert answer.repaired_count == 1
    assert wanted.replace("&", "&amp;") in items[1].metadata.decode()
    assert MARK.encode() not in items[1].metadata


def test_a_damaged_answer_gives_what_comes_before_the_damage():
    content = envelope(listed(record(1), record(2), record(3)))
    items = AnswerReader(BytesIO(content[: content.rindex(b"</record>")])).items()
    assert [next(items).identifier, next(items).identifier] == ["i1", "i2"]
    with pytest.raises(BadAnswer, match="Not well-formed XML"):
        next(items)


REFUSED = {
    "empty": (b"", "is empty"),
    "HTML": (b"<!DOCTYPE html>\n<html/>", "HTML"),
    "other XML": (b"<a><record/></a>", "no OAI-PMH"),
    "text": (b"Internal error", "no XML"),
    "UTF-16": ("<a/>".encode("utf-16"), "character set"),
    "UTF-7": (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "character set"),
    "entities": (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "declares entities"),
    "many entities": (b'<!DOCTYPE a [<!ENTITY x "y">' + b'<!ENTITY z "&x;&x;">' * 9 + b']><a b="&z;"/>', "declares entities"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_answer_is_refused_in_a_sentence(name):
    content, sentence = REFUSED[name]
    with pytest.raises(BadAnswer, match=sentence):
        read(content)
    with pytest.raises(BadAnswer, match=sentence):
        read_whole(BytesIO(content))


def test_a_declaration_behind_a_long_comment_is_refused_too():
    with pytest.raises(BadAnswer, match="declares entities"):
        read(b"<a><!--" + b"x" * 100_000 + b'--><b/><!ENTITY x "y">' + b"</a>")


def test_latin_1_is_read_when_it_is_announced():
    content = envelope("<error code='x'>ö</error>", '<?xml version="1.0" encoding="ISO-8859-1"?>').decode().encode("latin-1")
    assert read(content)[1].errors == [("x", "ö")]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31T12:00:00.750Z", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31T14:00:00+02:00", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31T12:00:00", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
    ],
)
def test_moments_are_read_as_repositories_write_them(text, moment):
    assert read_response_date(text).isoformat() == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "31.1.2026"])
def test_what_is_no_moment_is_none(text):
    assert read_response_date(text) is None


def test_a_reference_across_two_reads_stays_whole():
    text = "x" * (65_536 - 40) + "&eacute;" * 20
    content = envelope(listed(record(1, text + "\x02")))
    items, _ = read(content)
    assert items[0].metadata.decode().count("é") == 20


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_within_a_record_cost_nothing_but_a_bad_answer(content):
    try:
        items, _ = read(envelope(listed(record(1, "HERE")).encode().replace(b"HERE", content)))
    except BadAnswer:
        return
    assert items[0].identifier == "i1"


@given(st.text(st.characters(exclude_characters="<", exclude_categories=())))
@settings(max_examples=150, deadline=None)
def test_any_text_is_xml_after_repair(text):
    read(envelope(listed(record(1, "HERE")).encode().replace(b"HERE", repaired(text).replace("]]>", "").encode("utf-8", "replace"))))


def test_the_encoding_is_that_of_the_declaration():
    assert declared_encoding(b"\xef\xbb\xbf<?xml version='1.0' encoding='windows-1252'?>") == "windows-1252"
    assert declared_encoding(b"<a/>") == "utf-8"
