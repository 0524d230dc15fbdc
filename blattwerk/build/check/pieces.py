"""An instance rendered: what each block of its template has become."""

from collections.abc import Mapping
from dataclasses import fields

from blattwerk.build.order.parts import Placed
from blattwerk.build.page.view import ExerciseView, Item, PartView, exercise_view
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.figures import file_name
from blattwerk.vocabulary.language import Lang

OF_A_PART = tuple(f.name for f in fields(PartView) if f.name not in ("id", "letter", "points", "space"))


def view_of(one: Instance, parts: tuple[Placed, ...], lang: Lang) -> ExerciseView:
    """An instance with these parts, all blocks rendered, hints too."""
    names = {name: file_name(figure) for name, figure in one.figures.items()}
    return exercise_view(1, Item(one, parts, hints=True), lang, names)


def pieces(one: Instance, parts: tuple[Placed, ...], lang: Lang) -> Mapping[str, str]:
    """The rendered text of each block, by the block's name."""
    view = view_of(one, parts, lang)
    texts: dict[str, str] = {"intro": view.intro}
    for part in view.parts:
        texts |= {f"{part.id}_{name}": getattr(part, name) for name in OF_A_PART}
    return texts
