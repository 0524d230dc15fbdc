"""Text on its way to TeX: trusted TeX has a type of its own, and every other string is escaped in one pass."""

import unicodedata

from markupsafe import Markup

from blattwerk.errors import UnsettableText


class Tex(Markup):
    """TeX that our own code or a template wrote. Never make one of a string that a person typed; use `escape`."""


SPECIAL = {
    "\\": "\\textbackslash{}",
    "{": "\\{",
    "}": "\\}",
    "$": "\\$",
    "&": "\\&",
    "#": "\\#",
    "%": "\\%",
    "_": "\\_",
    "^": "\\textasciicircum{}",
    "~": "\\textasciitilde{}",
    "`": "\\textasciigrave{}",
    '"': "\\textquotedbl{}",  # babel's German makes umlauts of it
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "\\textbar{}",
    # Signs that a font joins with the next one (-- becomes a dash, ,, a quotation mark) are kept apart.
    "-": "-{}",
    ",": ",{}",
    "'": "'{}",
    "‘": "‘{}",
    "’": "’{}",
    "!": "!{}",
    "?": "?{}",
    "\u00a0": "~",
}


def escape(text: str) -> Tex:
    """Any string as TeX that prints it as typed (NFC); spaces and line breaks become single spaces.

    Raises UnsettableText for control, format and unassigned characters: they have no shape, and some (bidirectional
    overrides) make a text read otherwise than it is stored.
    """
    normal = unicodedata.normalize("NFC", " ".join(text.split()) if "\u00a0" not in text else text)
    for character in normal:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            raise UnsettableText(
                f"the text {normal!a} holds the character U+{ord(character):04X} "
                f"({unicodedata.name(character, 'without a name')}), which cannot be printed; remove it"
            )
    return Tex("".join(SPECIAL.get(character, character) for character in normal))
