"""Names of many people on one page, each in the font that has its letters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from blattwerk.build.job import Engine
from blattwerk.build.page.escape import Tex
from blattwerk.build.page.header import printed_name
from blattwerk.build.page.typefaces import FONT_FILES, Face, engine_for, face_for, font_file
from blattwerk.errors import UnsettableText


@dataclass(frozen=True)
class People:
    """The names that can be printed, and the fonts of those that need one of their own."""

    names: frozenset[str]
    faces: Mapping[str, Face]

    def printed(self, name: str) -> Tex:
        """A name in its font; nothing where it cannot be printed."""
        return printed_name(name, self.faces, alone=False) if name in self.names else Tex("")

    def engine_with(self, text: str) -> Engine:
        """What sets all these names, and a text beside them."""
        if self.faces:
            return "lualatex"
        return engine_for({"names": "".join(self.names), "group, ids and title": text})

    def fonts_with(self, text: str) -> tuple[Path, ...]:
        """The font files that lie beside the source."""
        if self.engine_with(text) == "pdflatex":
            return ()
        own = dict.fromkeys(face.file for face in self.faces.values())
        return (*(path for name in FONT_FILES if (path := font_file(name))), *own)


def named(names: Iterable[str]) -> People:
    """These people, as far as their names can be printed on this machine."""
    printable, faces = set(), {}
    for name in filter(None, names):
        try:
            face = face_for(name)
        except UnsettableText:
            continue
        printable.add(name)
        if face:
            faces[name] = face
    return People(frozenset(printable), faces)
