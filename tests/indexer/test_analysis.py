"""Folding, words, headings and sort keys."""

import pickle
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis import JOINED_LENGTH, PROFILES, TOKEN_LENGTH, Analyser
from indexer.folding import fold_character, fold_table

NEUTRAL = Analyser()
SWEDISH = Analyser("sv")
DANISH = Analyser("da")
ODD_CHARACTERS = "´’‘`ʻʼʿ\u00ad\u200b\u200d'.-+#·½™²ﬁßæøłđþıİŋÅåÄäÖöéÉ\u0301\u030a\u0308\u0327"
ODD_CHARACTERS += "東ガｶﾞ한글กิ้हिन्दीΩς٤ؤأة\ufe20\x98\x9c\x85\ue000\ue001\ud7ff _/"
ANY_TEXT = st.text(st.one_of(st.sampled_from(ODD_CHARACTERS), st.characters(exclude_categories=["Cs"])), max_size=60)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Åsa", "asa"),
        ("A\u030asa", "asa"),
        ("Asa", "asa"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("STRAẞE", "strasse"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("istanbul", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("ıspanak", "ispanak"),
        ("ﬁn", "fin"),
        ("Qurʼān", "quran"),
        ("Qurʾān", "quran"),
        ("Quran", "quran"),
        ("ʻAbd Allāh", "abd allah"),
        ("ʿAbd Allāh", "abd allah"),
        ("Œuvre", "oeuvre"),
        ("Ærø", "aero"),
        ("Þórður", "thordur"),
        ("Đorđe", "dorde"),
        ("Ħal Ŋoo", "hal ngoo"),
        ("élève", "eleve"),
        ("e\u0301le\u0300ve", "eleve"),
        ("Việt Nam", "viet nam"),
        ("東京大学", "東 京 大 学"),
        ("カタカナ", "カ タ カ ナ"),
        ("ｶﾞ", "ガ"),
        ("ＡＢＣ１２", "abc12"),
        ("القرآن", "القران"),
        ("القران", "القران"),
        ("الْقُرْآنُ", "القران"),
        ("مكتبـــة", "مكتبه"),
        ("على", "علي"),
        ("مؤتمر شئون", "موتمر شيون"),
        ("١٩٨٤ ۱۹۸۴", "1984 1984"),
        ("שָׁלוֹם", "שלום"),
        ("Rossii͡a", "rossiia"),
        ("Rossii\ufe20a\ufe21", "rossiia"),
        ("pamʹi͡atʹ", "pamiat"),
        ("Ёлка Йод", "елка иод"),
        ("Ἀθῆναι τῷ", "αθηναι τω"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("co\u00adop", "coop"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a\x85b\x98c", "abc"),
        ("a\u202eb", "ab"),
        ("한국어 책", "한국어 책"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("हिन्दी", "हिन्दी"),
        ("กิน", "ก ิ น"),
        ("ພາສາ", "ພ າ ສ າ"),
        ("2½", "2 1 2"),
        ("Foo™", "foo"),
        ("x² H₂O", "x2 h2o"),
        ("O'Neill", "o neill"),
        ("O’Neill", "o neill"),
        ("O´Neill", "o neill"),
        ("co-operation", "co operation"),
        ("co\u2010operation", "co operation"),
        ("L'été", "l ete"),
        ("AC/DC", "ac dc"),
        ("C++", "c"),
        ("snake_case", "snake case"),
        ("a\ue000b", "a b"),
        ("one\ntwo\tthree\x1ffour", "one two three four"),
        ("--- ... !", ""),
        ("", ""),
    ],
)
def test_text_is_cut_into_folded_words(text, tokens):
    assert NEUTRAL.tokens(text) == tokens.split()
    assert NEUTRAL.occurrence(text) == tokens
    assert NEUTRAL.words(text).tokens == tuple(tokens.split())


@pytest.mark.parametrize(
    ("text", "variants"),
    [
        ("O'Neill", ["oneill"]),
        ("O’Neill", ["oneill"]),
        ("O´Neill", ["oneill"]),
        ("O`Neill", ["oneill"]),
        ("O\u2032Neill", ["oneill"]),
        ("ONeill", []),
        ("L'été", ["lete"]),
        ("co-operation", ["cooperation"]),
        ("U.S.A.", ["usa"]),
        ("U. S. A.", []),
        ("978-0-306-40615-7", ["9780306406157"]),
        ("rock'n'roll-band", ["rocknrollband"]),
        ("col·lecció", ["colleccio"]),
        ("al-ʻUzlah", ["aluzlah"]),
        ("C++", ["c++"]),
        ("C# och .NET", ["c#", ".net"]),
        ("ASP.NET", ["aspnet"]),
        ("c+++", []),
        ("AC/DC", []),
        ("a--b a.-b", []),
        ("well-known, well-known", ["wellknown"]),
        (f"{'a' * 20}-{'b' * 20}", ["a" * 20 + "b" * 20]),
        (f"{'a' * 20}-{'b' * 21}", []),
        ("end. Next", []),
        ("naïve-été x-y", ["naiveete", "xy"]),
        ("東京-大阪", []),
    ],
)
def test_glued_parts_are_also_one_joined_word(text, variants):
    assert NEUTRAL.variants(text) == variants
    assert NEUTRAL.cut(text)[1] == tuple(variants)
    assert NEUTRAL.words(text).variants == tuple(variants)


@pytest.mark.parametrize("text", ["oneill", "O'Neill", "ONeill", "O\u2019NEILL"])
def test_any_spelling_of_a_glued_name_shares_a_form(text):
    words = NEUTRAL.words(text)
    assert "oneill" in {*words.tokens, *words.variants}


@pytest.mark.parametrize(
    ("language", "text", "tokens"),
    [
        ("sv", "Åsa öl ägg", "åsa öl ägg"),
        ("sv", "A\u030asa o\u0308l", "åsa öl"),
        ("fi", "ÄÄKKÖNEN Öl", "ääkkönen öl"),
        ("sv", "élan Müller Ærø", "elan muller aero"),
        ("da", "Ærø Ålborg Öl", "ærø ålborg ol"),
        ("nb", "SØR ÆRLIG", "sør ærlig"),
        ("de", "Käse Ärger", "kase arger"),
        ("es", "año", "ano"),
        ("neutral", "öl", "ol"),
    ],
)
def test_letters_of_a_language_keep_their_identity(language, text, tokens):
    assert Analyser(language).occurrence(text) == tokens


def test_bare_forms_are_variants_of_documents_only():
    both = Analyser("sv", also_fold=True)
    assert both.cut("Öl och bröd") == ("öl och bröd", ("ol", "brod"))
    assert both.words("Öl").variants == ()
    assert Analyser("da", also_fold=True).variants("Ærø") == ["aero"]


def test_hangul_words_have_syllable_pairs_in_documents_only():
    assert NEUTRAL.cut("대학교육 책") == ("대학교육 책", ("대학", "학교", "교육"))
    assert NEUTRAL.words("대학교육").variants == ()
    assert NEUTRAL.variants("한글") == []


def test_tokens_and_headings_are_cut_and_not_dropped():
    assert NEUTRAL.tokens("x" * 300 + " y") == ["x" * TOKEN_LENGTH, "y"]
    assert NEUTRAL.tokens("é" * 300 + " y") == ["e" * TOKEN_LENGTH, "y"]
    assert len(NEUTRAL.heading("word " * 400)) <= 512
    assert NEUTRAL.occurrence("word " * 400).count(" ") == 399


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("Dogs -- Training.", "dogs training"),
        ("  Lagerlöf,   Selma ", "lagerlof selma"),
        ("Hats--History", "hats history"),
    ],
)
def test_heading_is_the_whole_value_without_punctuation(text, heading):
    assert NEUTRAL.heading(text) == heading


@pytest.mark.parametrize(
    ("language", "in_order"),
    [
        ("neutral", ["Ål", "Öken", "Zebra"]),
        ("sv", ["Zebra", "Zz", "Ål", "Åsa", "Ägg", "Öken"]),
        ("fi", ["Zorro", "Åbo", "Äiti", "Öylätti"]),
        ("da", ["Zebra", "Ægir", "Ørsted", "Aabenraa", "Ålborg"]),
        ("no", ["Zebra", "Ærlig", "Ødegård", "Ås"]),
        ("de", ["Ader", "Äpfel", "Arm"]),
        ("de-2", ["Ader", "Äpfel", "Afrika"]),
        ("es", ["nube", "nzz", "ñandú", "oso"]),
        ("neutral", ["Volume 2", "Volume 10", "Volume 100"]),
        ("neutral", ["a b", "ab"]),
    ],
)
def test_sort_keys_follow_the_alphabet_of_the_profile(language, in_order):
    analyser = Analyser(language)
    keys = [analyser.sort_key(text) for text in in_order]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_numbers_in_sort_keys_are_padded():
    assert NEUTRAL.sort_key("Part 12 of 007") == "part 00000012 of 00000007"
    assert NEUTRAL.sort_key("0") == "00000000"
    assert NEUTRAL.sort_key("123456789") == "123456789"


@pytest.mark.parametrize(
    ("word", "folded"),
    [("RÉCIFS", "recifs"), ("O'Nei", "onei"), ("co-op", "coop"), ("", ""), ("...", ""), ("ʻAbd", "abd"), ("y" * 99, "y" * TOKEN_LENGTH)],
)
def test_a_word_of_a_query_is_folded_in_one_piece(word, folded):
    assert NEUTRAL.fold_word(word) == folded


@settings(max_examples=300)
@given(ANY_TEXT)
def test_tokens_of_joined_tokens_are_the_same_tokens(text):
    for analyser in (NEUTRAL, SWEDISH, DANISH):
        tokens = analyser.tokens(text)
        assert analyser.tokens(" ".join(tokens)) == tokens


@settings(max_examples=300)
@given(ANY_TEXT)
def test_no_word_holds_blanks_private_characters_or_is_too_long(text):
    for analyser in (NEUTRAL, Analyser("sv", also_fold=True)):
        occurrence, variants = analyser.cut(text)
        tokens = occurrence.split()
        assert " ".join(tokens) == occurrence
        for word in (*tokens, *variants):
            assert word
            assert not any(char.isspace() or unicodedata.category(char) in {"Co", "Cc", "Cs"} for char in word)
        assert all(len(token) <= TOKEN_LENGTH for token in tokens)
        assert all(len(word) <= max(TOKEN_LENGTH, JOINED_LENGTH) for word in variants)


@settings(max_examples=200)
@given(ANY_TEXT)
def test_composed_and_decomposed_text_has_the_same_words(text):
    for analyser in (NEUTRAL, SWEDISH):
        composed = analyser.cut(unicodedata.normalize("NFC", text))
        assert analyser.cut(unicodedata.normalize("NFD", text)) == composed


@settings(max_examples=200)
@given(st.text(max_size=400), st.sampled_from(sorted(PROFILES)))
def test_sort_keys_are_short(text, language):
    key = Analyser(language).sort_key(text)
    assert len(key) <= 255
    assert key == key.strip()


@settings(max_examples=200)
@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_ascii_text_is_cut_as_all_other_text(text):
    occurrence, variants = NEUTRAL.cut(text)
    beside = NEUTRAL.cut(f"{text} é")
    assert beside == (f"{occurrence} e".strip(), variants)


def test_unknown_profiles_are_refused_by_name():
    with pytest.raises(ValueError, match="klingon"):
        Analyser("klingon")


def test_analysers_are_values_that_travel_between_processes():
    assert pickle.loads(pickle.dumps(Analyser("sv", also_fold=True))) == Analyser("sv", also_fold=True)
    assert hash(Analyser()) == hash(Analyser("neutral"))


def test_threads_share_an_analyser():
    texts = [f"Ålder {number} naïve-été" for number in range(3000)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(NEUTRAL.cut, texts))
    assert found == [(f"alder {number} naive ete", ("naiveete",)) for number in range(3000)]


def test_a_long_text_without_blanks_is_cut_quickly():
    assert NEUTRAL.cut("a-b " + "x" * 200_000) == ("a b " + "x" * TOKEN_LENGTH, ("ab",))
    assert NEUTRAL.cut("a" + "-b" * 50_000)[1] == ()


@given(st.lists(ANY_TEXT.map(lambda text: text.replace("\x1f", "")), max_size=5), st.sampled_from(["neutral", "sv", "da"]))
@settings(max_examples=300, deadline=None)
def test_the_subfields_of_a_field_are_cut_as_each_of_them_alone(texts: list[str], language: str):
    analyser = Analyser(language, also_fold=True)
    words, variants = analyser.cut_pieces(["10", *(f"a{text}" for text in texts)])
    alone = [analyser.cut(text) for text in ("0", *texts)]
    assert words == [occurrence for occurrence, _ in alone]
    assert (variants or [()] * len(words)) == [forms for _, forms in alone]


@given(ANY_TEXT.map(lambda text: unicodedata.normalize("NFKC", text)), st.sampled_from(["", "åäö"]))
@settings(max_examples=300, deadline=None)
def test_a_text_is_folded_as_its_characters_are(text: str, kept: str):
    assert fold_table(kept).fold(text) == unicodedata.normalize("NFC", "".join(fold_character(char, kept) for char in text))
