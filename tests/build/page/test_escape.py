"""Escaping: any string prints as typed, or is refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blattwerk.build.page.escape import SPECIAL, Tex, escape, verbatim
from blattwerk.errors import UnsettableText

printable = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), max_size=40)


@given(printable)
def test_no_character_keeps_its_meaning_for_tex(text: str) -> None:
    """After taking the replacements away, no special character is left."""
    rest = str(escape(text))
    for replacement in sorted(SPECIAL.values(), key=len, reverse=True):
        if replacement != "~":
            rest = rest.replace(replacement, "")
    assert not set(rest) & set('\\{}$&#%_^`"<>|')


@given(printable)
def test_equal_texts_in_any_normal_form_print_the_same(text: str) -> None:
    """NFD and NFC are one text."""
    assert escape(unicodedata.normalize("NFD", text)) == escape(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("typed", "tex"),
    [
        ("\\input{x}", "\\textbackslash{}input\\{x\\}"),
        ("^^5c", "\\textasciicircum{}\\textasciicircum{}5c"),
        ('"a', "\\textquotedbl{}a"),
        ("a--b", "a-\\apart{}-\\apart{}b"),
        (" a\n b\t", "a b"),
        ("50 % & #1 $x_1$ ~", "50 \\% \\& \\#1 \\$x\\_1\\$ \\textasciitilde{}"),
        ("Žluťoučký", "Žluťoučký"),
    ],
)
def test_examples(typed: str, tex: str) -> None:
    """Commands, double carets, babel's quotation mark, ligatures, white space."""
    assert escape(typed) == tex


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\u202e", "\u200b", "\ufeff", "\ud800", "\ue000", "\u0378"])
def test_what_has_no_shape_is_refused(character: str) -> None:
    """Control, bidirectional, zero-width, surrogate, private and unassigned characters; the message names them."""
    with pytest.raises(UnsettableText, match=f"U\\+{ord(character):04X}"):
        escape(f"a{character}b")


def test_escaped_text_is_not_escaped_again() -> None:
    """The type says that it is TeX already."""
    assert isinstance(escape("&"), Tex)


@pytest.mark.parametrize("hostile", ["\\directlua{x}", "A(B", "A)B", "{", "ä", "a\nb", "%"])
def test_what_stands_in_a_pdf_as_it_is_has_plain_letters_only(hostile: str) -> None:
    """A sheet's mark is no place for TeX's commands, nor for the end of a string of PDF."""
    assert verbatim("ABCD-2345 questions en") == "ABCD-2345 questions en"
    with pytest.raises(UnsettableText, match="only letters, digits, spaces and hyphens"):
        verbatim(hostile)
