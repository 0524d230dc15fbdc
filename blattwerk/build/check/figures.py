"""Figures are data: frozen, hashable, with a text for those who do not see them."""

from collections.abc import Iterator, Mapping

from blattwerk.build.check.complaint import Case, Objection, of_one_instance
from blattwerk.build.check.places import place_of
from blattwerk.vocabulary.figures import Figure
from blattwerk.vocabulary.language import LANGUAGES


@of_one_instance
def figures_described(case: Case) -> Iterator[Objection]:
    """Every figure is a value with a text alternative in both languages."""
    one = case.instance()
    place = place_of(one.exercise.figures)
    figures: Mapping[str, object] = one.figures
    for name, figure in figures.items():
        if not isinstance(figure, Figure):
            yield place, f"the figure '{name}' is a {type(figure).__name__}, and no Figure"
            continue
        hash(figure)
        for lang in LANGUAGES:
            if not figure.alt[lang].strip():
                yield place, f"the figure '{name}' has no alternative text in '{lang}'"
