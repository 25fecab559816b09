from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import BadEncoding, BadParameter, MissingParameter
from server.params import FORBIDDEN, accepted, read_parameters


def test_percent_encoding_plus_and_names_are_decoded():
    asked = read_parameters("query=dc.title+%3D%20h%C3%A4st&x%2Dy=1&empty=&bare")
    assert dict(asked) == {"query": "dc.title = häst", "x-y": "1", "empty": "", "bare": ""}


def test_the_first_value_of_a_repeated_name_counts():
    asked = read_parameters("a=1&b=2&a=3&A=4&a=5")
    assert (asked["a"], asked["A"], asked.repeated, asked.all("a")) == ("1", "4", ("a",), ["1", "3", "5"])


def test_a_form_body_comes_before_the_address():
    assert read_parameters(b"a=1", "a=2&b=3").first == {"a": "1", "b": "3"}


@pytest.mark.parametrize("text", ["q=%C5", "q=a%C3", "q=%ff%fe", "q=%01", "q=a%00b", "q=%EF%BF%BF", "q=%ED%A0%80", "q=\udcc5", "%C5=x"])
def test_bytes_that_are_no_text_are_remembered_and_mended(text):
    asked = read_parameters(text)
    (name,) = asked.unreadable
    assert not FORBIDDEN.search(asked[name] + name)
    asked[name].encode()
    with pytest.raises(BadEncoding):
        asked.text(name)


@pytest.mark.parametrize("text", ["q=%09%0A%0D", "q=%C3%A5", "q=%F0%9F%93%9A", "q=å", "q=100%", "q=%zz"])
def test_good_text_needs_no_mending(text):
    assert read_parameters(text).unreadable == ()


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5))
@settings(max_examples=150)
def test_what_a_browser_encodes_is_read_back(pairs):
    try:
        encoded = urlencode(pairs)
    except UnicodeEncodeError:
        return
    asked = read_parameters(encoded)
    clean = {FORBIDDEN.sub("\ufffd", name): FORBIDDEN.sub("\ufffd", value) for name, value in reversed(pairs.items())}
    assert asked.first == clean


@given(st.binary(max_size=60))
@settings(max_examples=200)
def test_any_bytes_give_text_that_xml_can_carry(raw):
    for one in (raw, "q=" + quote(raw), raw.decode("utf-8", "surrogateescape")):
        for name, value in read_parameters(one).pairs:
            assert not FORBIDDEN.search(name + value)
            (name + value).encode("utf-8")


def test_a_missing_parameter_is_told_by_name():
    with pytest.raises(MissingParameter, match="`query` is missing"):
        read_parameters("a=1").text("query")


@pytest.mark.parametrize(("text", "number"), [("5", 5), ("0", 0), ("007", 7), ("9" * 5000, 100), ("0" * 5000 + "1", 1), ("101", 100)])
def test_whole_numbers_are_digits_and_clipped(text, number):
    assert read_parameters(f"n={text}").whole_number("n", 10, maximum=100) == number


@pytest.mark.parametrize("text", ["", "1.5", "%2B3", "-1", "abc", "%D9%A3", "1e3", "+1", "1_0"])
def test_other_numbers_are_refused_with_the_value(text):
    with pytest.raises(BadParameter, match="`n` must be a whole number") as caught:
        read_parameters(f"n={text}").whole_number("n", 10)
    assert caught.value.details["name"] == "n"


def test_a_number_below_the_minimum_is_refused():
    with pytest.raises(BadParameter, match="at least 1, not 0"):
        read_parameters("n=0").whole_number("n", 1, minimum=1)


def test_a_missing_number_is_the_default():
    assert read_parameters("").whole_number("n", 10, minimum=50) == 10


def test_a_word_must_be_one_of_the_list():
    asked = read_parameters("p=xml&q=XML")
    assert asked.one_of("p", ("xml", "string"), "string") == "xml"
    assert asked.one_of("r", ("xml", "string"), "string") == "string"
    with pytest.raises(BadParameter, match=r"`q` is 'XML'; it can be `xml`, `string`"):
        asked.one_of("q", ("xml", "string"), "xml")


def test_a_flood_of_parameters_is_refused():
    with pytest.raises(BadParameter, match="more than 1000"):
        read_parameters("a&" * 1001)


OFFERED = ("application/sru+xml", "text/xml", "text/html")


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", "application/sru+xml"),
        ("*/*", "application/sru+xml"),
        ("text/*", "text/xml"),
        ("text/html, */*;q=0.1", "text/html"),
        ("text/html;q=0, */*", "application/sru+xml"),
        ("TEXT/XML", "text/xml"),
        ("text/xml;q=0.2, text/html;q=0.3", "text/html"),
        ("text/*;q=0.9, text/html;q=0.1", "text/xml"),
        ("image/png", None),
        ("text/xml;q=0", None),
        ("image/gif, *; q=.2, */*; q=.2", "application/sru+xml"),
        ("text/xml;q=.5, text/html;q=.25", "text/xml"),
        (";;, ,", "application/sru+xml"),
        ("nonsense", None),
        ("text/xml;q=many, text/html;q=0.001", "text/html"),
        (";;,,/,q", None),
    ],
)
def test_accept_is_obeyed(header, chosen):
    assert accepted(header, OFFERED) == chosen
