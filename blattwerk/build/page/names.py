"""The names of a sheet's files, as they stand in the output folder and as a page mentions them."""

from collections.abc import Iterable

from blattwerk.build.job import KINDS, Kind
from blattwerk.build.page.escape import Tex
from blattwerk.build.page.header import breakable
from blattwerk.vocabulary.language import Lang


def pdf_path(kind: Kind, student: str, lang: Lang) -> str:
    """The path of a PDF in the output folder."""
    return f"{kind}/{student}.{lang}.pdf"


def html_path(kind: Kind, student: str, lang: Lang) -> str:
    """The path of the page of HTML beside a PDF."""
    return f"{kind}/{student}.{lang}.html"


def notebook_name(student: str, key: str, lang: Lang) -> str:
    """The file of an entry's notebook, in the folders notebooks (the student's) and solutions."""
    return f"{student}.{key}.{lang}.ipynb"


def notebook_mention(student: str, key: str, lang: Lang) -> Tex:
    """A notebook's file as the question sheet names it."""
    return breakable(notebook_name(student, key, lang))


def own_paths(student: str, notebooks: Iterable[str], langs: tuple[Lang, ...]) -> tuple[str, ...]:
    """All paths in the output folder that can be this student's; `notebooks` are the keys of entries that have them."""
    names = [(key, lang) for key in notebooks for lang in langs]
    return (
        *(path(kind, student, lang) for path in (pdf_path, html_path) for kind in KINDS for lang in langs),
        *(f"{room}/{notebook_name(student, *name)}" for room in ("notebooks", "solutions") for name in names),
    )
