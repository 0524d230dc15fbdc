"""An instance rendered: what each block of its template has become."""

from collections.abc import Mapping
from dataclasses import fields

from blattwerk.build.order.parts import Placed
from blattwerk.build.page.view import ExerciseView, Item, exercise_view
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.figures import file_name
from blattwerk.vocabulary.language import Lang


def view_of(one: Instance, parts: tuple[Placed, ...], lang: Lang) -> ExerciseView:
    """An instance with these parts, all blocks rendered, hints too."""
    names = {name: file_name(figure) for name, figure in one.figures.items()}
    return exercise_view(1, Item(one, parts, hints=True), lang, names)


def pieces(one: Instance, parts: tuple[Placed, ...], lang: Lang) -> Mapping[str, str]:
    """The rendered text of each block."""
    return pieces_of(view_of(one, parts, lang), parts)


def pieces_of(view: ExerciseView, parts: tuple[Placed, ...]) -> Mapping[str, str]:
    """The text of each block of a view; what is printed of a part beside its blocks goes by the same form of name."""
    texts: dict[str, str] = {"intro": view.intro}
    for here, part in zip(parts, view.parts, strict=True):
        texts |= {f"{here.part.id}_{f.name}": getattr(part, f.name) for f in fields(part)}
    return texts
