"""Text on its way to TeX: trusted TeX has a type of its own, and every other string is escaped in one pass."""

from markupsafe import Markup

from blattwerk.build.order.printable import printable


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

    Raises UnsettableText where it cannot be printed, see `printable`.
    """
    return Tex("".join(SPECIAL.get(character, character) for character in printable(text)))
