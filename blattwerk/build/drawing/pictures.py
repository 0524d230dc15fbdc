"""The pictures of figures; equal figures are drawn once, and one that cannot be drawn stops no other."""

from collections.abc import Mapping

from blattwerk.build.limits import TimeUp, seconds, within
from blattwerk.errors import SheetFailure, TopicFailure
from blattwerk.vocabulary.figures import Figure


def pictures(figures: Mapping[str, Figure]) -> dict[str, bytes | SheetFailure]:
    """Each figure as a PDF, or why it cannot be drawn, by file name."""
    if not figures:
        return {}
    from blattwerk.build.drawing.figures import pdf  # matplotlib takes a while to load, and many processes draw nothing

    def drawn(figure: Figure) -> bytes | SheetFailure:
        try:
            with within(seconds()):
                return pdf(figure)
        except (Exception, TimeUp) as error:  # noqa: BLE001  # a topic's figure may be anything; it stops its own sheets
            return TopicFailure(f"a {type(figure).__name__} cannot be drawn: {type(error).__name__}: {error}")

    return {name: drawn(figure) for name, figure in figures.items()}
