"""Resumption tokens: oai-pmh.md 9."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from server.auth.secrets import Secrets
from server.oai.tokens import BadToken, Token, read_token, token_secrets, write_token
from server.oai_settings import OaiSettings

SECRETS = Secrets((b"s" * 32,))
TOKEN = Token("ListRecords", "oai_dc", "a:b", 0, 2_000_000_000, 1_700_000_000, "b 1/å", 50, 1234, "abcdef123456p", 0)

tokens = st.builds(
    Token,
    verb=st.sampled_from(["ListRecords", "ListIdentifiers", "ListSets"]),
    prefix=st.text("abc_-.~!*'()", min_size=1, max_size=30),
    set_spec=st.text("abc:", max_size=80),
    since=st.integers(-(10**11), 10**11), until=st.integers(0, 10**11), after_stamp=st.integers(0, 10**11),
    after_id=st.text(max_size=60).filter(lambda text: text.isprintable()),
    cursor=st.integers(0, 10**9), total=st.integers(0, 10**9), fingerprint=st.text("0123456789abcdef", max_size=40), expires=st.just(0),
)  # fmt: skip


@settings(max_examples=200)
@given(tokens)
def test_a_token_comes_back_as_it_was(token):
    text = write_token(token, SECRETS)
    assert read_token(text, SECRETS, 0) == token
    assert re.fullmatch(r"[A-Za-z0-9._~-]{1,1024}", text)


def test_no_single_character_can_be_changed_left_out_or_added():
    text = write_token(TOKEN, SECRETS)
    for place in range(len(text)):
        for other in "AZaz09-_.~ \n=é":
            if other != text[place]:
                with pytest.raises(BadToken):
                    read_token(text[:place] + other + text[place + 1 :], SECRETS, 0)
        with pytest.raises(BadToken):
            read_token(text[:place], SECRETS, 0)
        with pytest.raises(BadToken):
            read_token(text[:place] + text[place + 1 :], SECRETS, 0)
    for more in "A=.~\n \x00":
        with pytest.raises(BadToken):
            read_token(text + more, SECRETS, 0)


def test_halves_of_two_tokens_make_no_third():
    one, other = write_token(TOKEN, SECRETS), write_token(Token("ListIdentifiers", "x", "", 0, 1, 1, "a", 1, 2, "", 0), SECRETS)
    for left, right in ((one, other), (other, one)):
        with pytest.raises(BadToken):
            read_token(f"{left.split('.')[0]}.{right.split('.')[1]}", SECRETS, 0)


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    with pytest.raises(BadToken):
        read_token(text, SECRETS, 0)


def test_an_old_secret_is_still_good_and_a_foreign_one_is_not():
    old = write_token(TOKEN, Secrets((b"o" * 32,)))
    assert read_token(old, Secrets((b"n" * 32, b"o" * 32)), 0) == TOKEN
    with pytest.raises(BadToken, match="not made by this server"):
        read_token(old, SECRETS, 0)


def test_a_token_expires():
    text = write_token(Token("ListRecords", "x", "", 0, 1, 1, "a", 1, 2, "", 100), SECRETS)
    assert read_token(text, SECRETS, 100).expires == 100
    with pytest.raises(BadToken, match="expired"):
        read_token(text, SECRETS, 101)


async def test_a_token_belongs_to_its_verb(repository):
    page = await repository.ask("ListRecords", metadataPrefix="oai_dc")
    assert (await repository.ask("ListIdentifiers", resumptionToken=page.token)).errors == ["badResumptionToken"]
    assert (await repository.ask("ListRecords", resumptionToken=page.token)).errors == []


async def test_a_list_does_not_go_on_by_other_definitions(open_repository, make_bib, tmp_path):
    sets = [{"setSpec": "a", "setName": "A", "cql": "dc.title = title"}]
    made = await open_repository(max_count=1, sets=sets)
    await made.store(make_bib("1", "title"), make_bib("2", "title"))
    in_set = await made.ask("ListRecords", metadataPrefix="oai_dc", set="a")
    without = await made.ask("ListRecords", metadataPrefix="oai_dc")
    changed = await open_repository(max_count=1, sets=[sets[0] | {"cql": "dc.title = other"}])
    assert (await changed.ask("ListRecords", resumptionToken=in_set.token)).errors == ["badResumptionToken"]
    assert (await changed.ask("ListRecords", resumptionToken=without.token)).errors == []
    conf = tmp_path / "oai.yaml"
    conf.write_text("format: {oai_dc: {include_items: 1, xsl_file: x.xsl, metadataNamespace: n, schema: s.xsd}}")
    (tmp_path / "x.xsl").write_text('<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>')
    other = await open_repository(max_count=1, conf_file=conf)
    assert (await other.ask("ListRecords", resumptionToken=without.token)).errors == ["badResumptionToken"]


def test_a_token_secret_of_its_own_signs_and_earlier_ones_stay_good():
    """oai-pmh.md 9 and 21: token_secret, and token_secrets_old for rotation."""
    own = token_secrets(OaiSettings(token_secret="x" * 16), SECRETS)
    rotated = token_secrets(OaiSettings(token_secret="y" * 16, token_secrets_old=["x" * 16]), SECRETS)
    text = write_token(TOKEN, own)
    assert read_token(text, own, 0) == read_token(text, rotated, 0) == TOKEN
    back = token_secrets(OaiSettings(token_secrets_old=["x" * 16]), SECRETS)
    assert read_token(text, back, 0) == read_token(write_token(TOKEN, token_secrets(OaiSettings(), SECRETS)), back, 0) == TOKEN
    for other in (SECRETS, token_secrets(OaiSettings(token_secret="y" * 16), SECRETS)):
        with pytest.raises(BadToken):
            read_token(text, other, 0)


@pytest.mark.parametrize("values", [{"token_secret": "short"}, {"token_secrets_old": ["z" * 20, "short"]}])
def test_token_secrets_that_protect_nothing_are_refused(values):
    with pytest.raises(ValidationError, match="16 bytes"):
        OaiSettings(**values)
