"""Text on its way to TeX: trusted TeX has a type of its own, and every other string is escaped in one pass."""

import re

from markupsafe import Markup

from blattwerk.build.order.printable import printable
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
    "`": "\\textasciigrave\\apart{}",
    '"': "\\textquotedbl{}",  # babel's German makes umlauts of it
    "<": "\\textless\\apart{}",
    ">": "\\textgreater\\apart{}",
    "|": "\\textbar{}",
    # Signs that a font joins with the next one (-- becomes a dash, ,, a quotation mark) are kept apart.
    "-": "-\\apart{}",
    ",": ",\\apart{}",
    "'": "'\\apart{}",
    "‘": "‘\\apart{}",
    "’": "’\\apart{}",
    "!": "!\\apart{}",
    "?": "?\\apart{}",
    "\u00a0": "~",
}


def escape(text: str) -> Tex:
    """Any string as TeX that prints it as typed (NFC); spaces and line breaks become single spaces.

    Raises UnsettableText where it cannot be printed, see `printable`.
    """
    return Tex("".join(SPECIAL.get(character, character) for character in printable(text)))


def verbatim(text: str) -> Tex:
    """A text for where TeX's commands would stand as they are, such as a page's dictionary.

    Raises UnsettableText for anything but the letters of ASCII, digits, spaces and hyphens.
    """
    if not re.fullmatch(r"[A-Za-z0-9 -]*", text):
        raise UnsettableText(
            f"{text!r} is to stand in a PDF as it is, where only letters, digits, spaces and hyphens may stand"
        )
    return Tex(text)
