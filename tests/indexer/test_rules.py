"""The grammar of extraction rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.rules import ALL_CODES, Rule, RuleError, Take, read_rules

ALL = frozenset(ALL_CODES)


def joined(codes: str) -> Take:
    return Take(frozenset(codes), joined=True)


def single(codes: str) -> Take:
    return Take(frozenset(codes), joined=False)


@pytest.mark.parametrize(
    ("text", "tag", "takes", "indicators", "span"),
    [
        ("245(abnp)", "245", (joined("abnp"),), ("", ""), (None, None)),
        ("245b", "245", (single("b"),), ("", ""), (None, None)),
        ("020az", "020", (single("az"),), ("", ""), (None, None)),
        ("650(a)xz", "650", (joined("a"), single("xz")), ("", ""), (None, None)),
        ("100a(bc)d", "100", (single("a"), joined("bc"), single("d")), ("", ""), (None, None)),
        ("245", "245", (Take(ALL, joined=False),), ("", ""), (None, None)),
        ("69.(*)", "69.", (Take(ALL, joined=True),), ("", ""), (None, None)),
        ("6..x", "6..", (single("x"),), ("", ""), (None, None)),
        ("245[.0]a", "245", (single("a"),), ("", "0"), (None, None)),
        ("264[#1]b", "264", (single("b"),), (" ", "1"), (None, None)),
        ("773w9", "773", (single("w9"),), ("", ""), (None, None)),
        ("008_/35-37", "008", (Take(ALL, joined=False),), ("", ""), (35, 37)),
        ("008_/22", "008", (Take(ALL, joined=False),), ("", ""), (22, 22)),
        ("245a_/0-9", "245", (single("a"),), ("", ""), (0, 9)),
        ("leader_/6", "leader", (Take(ALL, joined=False),), ("", ""), (6, 6)),
        ("ITMa", "ITM", (single("a"),), ("", ""), (None, None)),
    ],
)
def test_short_rules(text: str, tag: str, takes: tuple[Take, ...], indicators: tuple[str, str], span: tuple[int | None, int | None]):
    (rule,) = read_rules(text)
    assert (rule.text, rule.tag, rule.takes) == (text, tag, takes)
    assert (rule.when.ind1, rule.when.ind2) == indicators
    assert (rule.start, rule.end) == span


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24",
        "245(",
        "245(a",
        "245)a(",
        "245()",
        "245a-b",
        "245[0]a",
        "245[012]a",
        "245a_/",
        "245a_/9-3",
        "245a_/x",
        "245 a",
        "leaders_/6",
        "24$a",
    ],
)
def test_a_short_rule_that_cannot_be_read_is_told_with_its_text(text: str):
    with pytest.raises(RuleError, match=r"rule|character"):
        read_rules(text)


def test_a_rule_of_digits_asks_for_quotation_marks():
    with pytest.raises(RuleError, match="quotation marks"):
        read_rules(245)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"tag": "245", "takes": "a"}, "no key `takes`"),
        ({"take": "a"}, "either `tag` or `source`"),
        ({"tag": "245", "source": "languages"}, "either `tag` or `source`"),
        ({"tag": 245}, "quotation marks"),
        ({"tag": "2455"}, "three characters"),
        ({"tag": "245", "take": "(a"}, "cannot be read at"),
        ({"tag": "245", "range": "9-3"}, "`range`"),
        ({"tag": "245", "range": True}, "`range`"),
        ({"tag": "245", "when": {"indicator": "1"}}, "`when` knows no `indicator`"),
        ({"tag": "245", "when": {"subfield": {"equals": "x"}}}, "with `code`"),
        ({"tag": "245", "when": {"subfield": "a"}}, "is a mapping"),
        ({"tag": "245", "when": {"matches": "("}}, "no regular expression"),
        ({"tag": "245", "when": 3}, "`when` is a mapping"),
        ({"tag": "245", "split": "["}, "no regular expression"),
        ({"tag": "245", "type": "number"}, "`type` of a rule"),
        ({"tag": "245", "translate": "x"}, "`translate` is a mapping"),
        (["245a"], "a rule is a text"),
        (None, "a rule is a text"),
    ],
)
def test_a_long_rule_that_cannot_be_read_is_told(entry: object, message: str):
    with pytest.raises(RuleError, match=message):
        read_rules(entry)


def test_long_rules_have_all_that_was_written():
    (rule,) = read_rules(
        {
            "tag": "6..", "take": "(ab)", "ind1": "#1", "ind2": "7", "range": "0-3", "split": ";", "pipe": ["trim"],
            "when": {"has": "a", "not_has": "z", "subfield": {"code": "2", "equals": "sao"}},
            "translate": {"x": "y"}, "first": True, "to": "other", "prefix": "p", "default": "d",
            "type": "keyword", "sort": False, "anywhere": False,
        }
    )  # fmt: skip
    assert (rule.tag, rule.takes, rule.when.ind1, rule.when.ind2) == ("6..", (joined("ab"),), " 1", "7")
    assert (rule.when.has, rule.when.not_has, rule.when.code, rule.when.equals) == ("a", "z", "2", ("sao",))
    assert (rule.start, rule.end, rule.split, rule.pipe, rule.translate) == (0, 3, ";", ("trim",), (("x", "y"),))
    assert (rule.first, rule.to, rule.prefix, rule.default) == (True, "other", "p", "d")
    assert (rule.words, rule.values, rule.sort, rule.anywhere) == (False, True, False, False)


@pytest.mark.parametrize(
    ("more", "words", "values"),
    [
        ({}, True, True),
        ({"type": "text"}, True, False),
        ({"type": "keyword"}, False, True),
        ({"facet": False}, True, False),
        ({"suggest": False}, True, False),
    ],
)
def test_a_rule_may_give_only_words_or_only_whole_values(more: dict[str, object], words: bool, values: bool):
    (rule,) = read_rules({"tag": "245", **more})
    assert (rule.words, rule.values) == (words, values)


def test_a_list_of_tags_is_a_rule_for_each():
    assert [rule.tag for rule in read_rules({"tag": ["700", "710"], "take": "a"})] == ["700", "710"]


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader_of_rules(text: str):
    try:
        rules = read_rules(text)
    except RuleError:
        return
    assert all(isinstance(rule, Rule) for rule in rules)
