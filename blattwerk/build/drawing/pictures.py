"""The pictures of a sheet's figures; equal figures are drawn once."""

from collections.abc import Mapping

from blattwerk.vocabulary.figures import Figure


def pictures(figures: Mapping[str, Figure]) -> dict[str, bytes]:
    """Each figure as a PDF, by file name."""
    if not figures:
        return {}
    from blattwerk.build.drawing.figures import pdf  # matplotlib takes a while to load, and many processes draw nothing

    return {name: pdf(figure) for name, figure in figures.items()}
