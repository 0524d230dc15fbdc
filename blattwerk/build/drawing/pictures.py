"""The pictures of figures; equal figures are drawn once, and one that cannot be drawn stops no other."""

from collections.abc import Callable, Mapping

from blattwerk.build.limits import TimeUp, seconds, within
from blattwerk.errors import SheetFailure, TopicFailure
from blattwerk.vocabulary.figures import Figure


def vector_graphic(figure: Figure) -> bytes | SheetFailure:
    """A figure as SVG, or why it cannot be drawn."""
    from blattwerk.build.drawing.figures import svg

    return _drawn(figure, svg)


def pictures(figures: Mapping[str, Figure]) -> dict[str, bytes | SheetFailure]:
    """Each figure as a PDF, or why it cannot be drawn, by file name."""
    if not figures:
        return {}
    from blattwerk.build.drawing.figures import pdf  # matplotlib takes a while to load, and many processes draw nothing

    return {name: _drawn(figure, pdf) for name, figure in figures.items()}


def _drawn(figure: Figure, draw: Callable[[Figure], bytes]) -> bytes | SheetFailure:
    try:
        with within(seconds()):
            return draw(figure)
    except (Exception, TimeUp) as error:  # noqa: BLE001  # a topic's figure may be anything; it stops its own sheets
        return TopicFailure(f"a {type(figure).__name__} cannot be drawn: {type(error).__name__}: {error}")
