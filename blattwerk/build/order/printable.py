"""What can be printed: each text that a person typed is checked when it is read, and again on its way to the page."""

import unicodedata

from blattwerk.errors import UnsettableText

SHAPELESS = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))  # categories of Unicode
HIDDEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")  # letters and marks by category, and never seen
NON_JOINER, JOINER = "\u200c", "\u200d"
JOINERS = frozenset((NON_JOINER, JOINER))
EMOJI_STYLE = "\ufe0f"
# Scripts whose letters change their shape with their neighbours, as the names of their letters begin.
JOINED_SCRIPTS = frozenset(("ARABIC", "SYRIAC", "MONGOLIAN", "NKO", "MANDAIC", "ADLAM"))
VIRAMA = 9  # the combining class of the sign that takes a letter's vowel away


def printable(text: str) -> str:
    """The text as it is printed: in normal form (NFC), spaces and line breaks as single spaces.

    Raises UnsettableText for control, format and unassigned characters: they have no shape, and some (bidirectional
    overrides) make a text read otherwise than it is stored. Joiners stay where a script or an emoji needs them.
    """
    normal = unicodedata.normalize("NFC", " ".join(text.split()) if "\u00a0" not in text else text)
    for place, character in enumerate(normal):
        shapeless = character in HIDDEN or unicodedata.category(character) in SHAPELESS
        if shapeless and not (character in JOINERS and _joins(normal, place)):
            raise UnsettableText(
                f"the text {normal!a} holds the character U+{ord(character):04X} "
                f"({unicodedata.name(character, 'without a name')}), which {_trouble(character)}; remove it"
            )
    return normal


def _trouble(character: str) -> str:
    return "changes nothing that is seen there" if character in JOINERS | HIDDEN else "cannot be printed"


def _joins(text: str, place: int) -> bool:
    """Whether a joiner changes what is seen (after RFC 5892, appendix A, and the practice of emoji)."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if not before:
        return False
    if unicodedata.combining(before) == VIRAMA:  # half letters, and letters that are not to be joined
        return True
    if text[place] == JOINER and _is_emoji(before) and _is_emoji(after):
        return True
    if text[place] == JOINER and after and unicodedata.combining(after) == VIRAMA:  # Bengali: a ra with its ya-phala
        return unicodedata.category(before) == "Lo"
    return _script(_letter(text[:place][::-1])) == _script(_letter(text[place + 1 :])) != ""


def belongs_to_the_last(text: str, place: int) -> bool:
    """Whether a character is a mark or a joiner, or joined to the one before: nothing may come between."""
    return bool({text[place - 1], text[place]} & JOINERS) or unicodedata.category(text[place]).startswith("M")


def _letter(text: str) -> str:
    """The first character that is no mark, if there is one."""
    return next((character for character in text if unicodedata.category(character) != "Mn"), "")


def _script(letter: str) -> str:
    """The script of a letter, if its letters are joined."""
    name = unicodedata.name(letter, "") if letter and unicodedata.category(letter) in ("Lo", "Lm") else ""
    return script if (script := name.split(" ")[0]) in JOINED_SCRIPTS else ""


def _is_emoji(character: str) -> bool:
    """A picture, the sign that colours it (a tone of skin), or the one that makes it a picture."""
    picture = character > "\u2190" and unicodedata.category(character) in ("So", "Sk")
    return picture or character == EMOJI_STYLE
