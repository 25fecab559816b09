"""XCQL of both vocabularies (sru-cql.md 15)."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cql.parser import parse
from cql.tree import Clause, Query
from cql.xcql import NAMESPACE_1, NAMESPACE_2, scan_clause1, scan_clause2, xcql1, xcql2, xcql2_content

QUERIES = [
    "fish",
    'dc.title any/relevant "sea wind" and cat sortBy dc.date/sort.descending dc.title',
    "a or (b not/x=y c) prox/distance<=3 d",
    '> dc = "info:srw/cql-context-set/1/dc-v1.1" > "urn:d" dc.title = "<b> & \\"c\\""',
    "a and (b and (c and d))",
]


def test_the_oasis_form_is_that_of_the_acceptance_data(shared_data: Path):
    lines = (shared_data / "cql" / "valid.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    assert len([case for case in cases if "xcql2" in case]) > 200
    assert not [case["id"] for case in cases if xcql2(parse(case["query"])) != case.get("xcql2")]


@pytest.mark.parametrize("text", QUERIES)
def test_both_forms_validate_against_their_schemas(shared_data: Path, text: str):
    query = parse(text)
    new = etree.XMLSchema(etree.parse(shared_data / "xsd" / "sru" / "sru-2.0" / "xcql.xsd"))
    new.assertValid(etree.fromstring(xcql2(query)))
    for version, sort in (("1.1", False), ("1.2", True)):
        old = etree.XMLSchema(etree.parse(shared_data / "xsd" / "sru" / f"sru-{version}" / "xcql.xsd"))
        for element in etree.fromstring(f"<all>{xcql1(query, sort)}</all>"):
            old.assertValid(etree.fromstring(etree.tostring(element)))


def test_the_old_form_puts_sort_keys_last_into_the_outermost_element():
    root = etree.fromstring(xcql1(parse("a and b sortBy dc.date/ascending")))
    assert [etree.QName(child).localname for child in root] == ["boolean", "leftOperand", "rightOperand", "sortKeys"]
    assert "sortKeys" not in xcql1(parse("a and b sortBy dc.date"), sort=False)


def test_the_old_form_has_prefixes_at_every_operand():
    text = xcql1(parse('> x = "u" (a and (> x = "v" > y = "w" x.b = c))'))
    root = etree.fromstring(f"<q>{text}</q>")
    names = {"x": NAMESPACE_1}
    assert root.xpath("x:prefixes/x:prefix/x:identifier/text()", namespaces=names) == ["u"]
    assert root.xpath("x:triple/x:rightOperand/x:prefixes/x:prefix/x:identifier/text()", namespaces=names) == ["v", "w"]


def test_assignments_around_each_other_become_one_and_the_inner_one_counts():
    text = xcql1(parse('> x = "u" > y = "w" (> X = "v" x.b = c)'))
    root = etree.fromstring(f"<q>{text}</q>")
    assert root.xpath("//x:identifier/text()", namespaces={"x": NAMESPACE_1}) == ["v", "w"]


@pytest.mark.parametrize("text", ['a and (> x = "u" b)', '> x = "u" (> y = "v" b)'])
def test_the_new_form_is_left_out_for_nested_prefixes(text: str):
    assert xcql2(parse(text)) is None
    assert xcql2_content(parse(text)) is None


def test_embedded_content_declares_its_namespace_on_each_element():
    content = xcql2_content(parse('> x = "u" a and b sortBy dc.date'))
    tags = [child.tag for child in etree.fromstring(f"<xQuery>{content}</xQuery>")]
    assert tags == [f"{{{NAMESPACE_2}}}{name}" for name in ("prefixes", "triple", "sortKeys")]


def test_scan_clauses_stand_without_a_wrapper():
    clause = parse("dc.title any/x fish").root
    assert isinstance(clause, Clause)
    for text, namespace in ((scan_clause1(clause), NAMESPACE_1), (scan_clause2(clause), NAMESPACE_2)):
        tags = [child.tag for child in etree.fromstring(f"<q>{text}</q>")]
        assert tags == [f"{{{namespace}}}{name}" for name in ("index", "relation", "term")]


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"], whitelist_characters="\t\n\r"), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_terms_survive_the_way_through_xml(term: str):
    if {"\ufffe", "\uffff"} & set(term):
        return
    text = xcql1(Query(Clause("dc.title", "=", (), term)))
    assert etree.fromstring(text).findtext(f"{{{NAMESPACE_1}}}term") == term
