"""Logos: what an SVG of shapes becomes, and what is refused."""

import io

import pikepdf
import pytest

from blattwerk.build.svg import pdf_of

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="40mm" viewBox="0 0 80 40">'


def test_the_page_has_the_size_of_the_drawing() -> None:
    """By its width in millimetres; the operators are those of the shapes."""
    pdf = pdf_of(f'{HEAD}<g transform="translate(10 5)"><rect x="1" y="2" width="4" height="3"/></g></svg>'.encode())
    with pikepdf.open(io.BytesIO(pdf)) as document:
        (page,) = document.pages
        assert [float(side) for side in page.mediabox] == pytest.approx([0, 0, 113.386, 56.693], abs=0.01)
        assert b"11.0000 33.0000 m" in page.Contents.read_bytes()  # 10 + 1, 40 - 5 - 2
    assert pdf == pdf_of(
        f'{HEAD}<g transform="translate(10 5)"><rect x="1" y="2" width="4" height="3"/></g></svg>'.encode()
    )


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<text>a</text>", "holds <text>"),
        ('<rect width="1" height="1" fill="url(#g)"/>', r"the colour 'url\(#g\)'"),
        ('<rect width="1" height="1" opacity="0.5"/>', "opacity"),
        ('<rect width="1" height="1" class="a"/>', "classes of styles"),
        ('<image href="file:///etc/passwd"/>', "holds <image>"),
        ('<path d="M 0 x"/>', "<path> cannot be read"),
        ('<g transform="spin(3)"/>', "the transformation 'spin'"),
        ("<g>" * 3000 + "</g>" * 3000, "far too many|brackets|nested"),
        ("<g>", "is no SVG file"),
    ],
)
def test_what_cannot_be_drawn_is_named(inside: str, message: str) -> None:
    """Rather than left out in silence."""
    with pytest.raises(ValueError, match=message):
        pdf_of(f"{HEAD}{inside}</svg>".encode())


@pytest.mark.parametrize("content", [b"", b"<html/>", b'<!DOCTYPE a [<!ENTITY b "c">]><svg/>', b"<svg/>"])
def test_what_is_no_drawing_is_refused(content: bytes) -> None:
    """Without a size, with entities, or something else."""
    with pytest.raises(ValueError, match="SVG"):
        pdf_of(content)
