"""What can be printed: each text that a person typed is checked when it is read, and again on its way to the page."""

import unicodedata

from blattwerk.errors import UnsettableText

SHAPELESS = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))  # categories of Unicode


def printable(text: str) -> str:
    """The text as it is printed: in normal form (NFC), spaces and line breaks as single spaces.

    Raises UnsettableText for control, format and unassigned characters: they have no shape, and some (bidirectional
    overrides) make a text read otherwise than it is stored.
    """
    normal = unicodedata.normalize("NFC", " ".join(text.split()) if "\u00a0" not in text else text)
    for character in normal:
        if unicodedata.category(character) in SHAPELESS:
            raise UnsettableText(
                f"the text {normal!a} holds the character U+{ord(character):04X} "
                f"({unicodedata.name(character, 'without a name')}), which cannot be printed; remove it"
            )
    return normal
