import string

import pytest

from server.i18n import LANGUAGES, choose_language, message, messages, number


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys_and_places(language):
    reference = messages("en")
    own = messages(language)
    assert own.keys() == reference.keys()
    assert {key: places(text) for key, text in own.items()} == {key: places(text) for key, text in reference.items()}
    assert all(text.strip() for text in own.values())


@pytest.mark.parametrize(
    ("asked", "header", "chosen"),
    [
        ("", "", "en"),
        ("sv", "en", "sv"),
        ("xx", "sv-SE,sv;q=0.9,en;q=0.8", "sv"),
        ("", "en-GB,sv;q=0.5", "en"),
        ("", "de, sv;q=0.4", "sv"),
        ("", "sv;q=0", "en"),
        ("", "fi", "en"),
        ("", ";;;,q=,sv;q=x", "en"),
    ],
)
def test_the_language_asked_for_wins_then_the_browsers(asked, header, chosen):
    assert choose_language(asked, header) == chosen


def test_values_are_put_in_their_places():
    assert message("sv", "status_records", count=number("sv", 12345)) == "12\u00a0345 poster går att hitta"
    assert number("en", 1234567) == "1,234,567"


def test_an_unknown_key_is_our_mistake():
    with pytest.raises(KeyError):
        message("en", "no such key")
