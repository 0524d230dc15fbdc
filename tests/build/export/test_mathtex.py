r"""Formulas for MathJax, as Moodle's filters leave them: our macros expanded, no sign that somebody else would take."""

import pytest

from blattwerk.build.export.mathtex import display, inline
from blattwerk.build.export.texts import Writer, calm
from blattwerk.build.html.markup import Html
from blattwerk.build.html.reading import Environment, read
from blattwerk.errors import TemplateFailure


@pytest.mark.parametrize(
    ("tex", "written"),
    [
        ("\\alpha x", r"\(\alpha x\)"),
        ("0{,}5 < x", r"\(0{,}5\lt x\)"),
        ("\\bm{w}^{\\top} x", r"\(\boldsymbol{w}^{\top}x\)"),
        (
            "{\\spaciousrows\\begin{pmatrix}1&2\\\\[2pt](3)&4\\end{pmatrix}}",
            "\\({\\begin{pmatrix} 1&2 \\\\\n (3)&4 \\end{pmatrix}}\\)",
        ),
        ("\\left<a\\right>", r"\(\left\langle a\right\rangle \)"),
        ("\\text{if \\(x > 0\\), 5\\,\\%}", "\\({\\text{if }{x\\gt 0}\\text{, 5\u202f\\%}}\\)"),
        ("\\operatorname*{argmax}_{x}f", r"\(\operatorname*{argmax}_{x}f\)"),
        ("\\sqrt[3]{x}", r"\(\sqrt[3]{x}\)"),
        ("a~b", r"\(a\ b\)"),
    ],
)
def test_formulas(tex: str, written: str) -> None:
    """By hand."""
    assert inline(read(tex, "math")) == written


def test_a_chain_with_reasons() -> None:
    r"""The reason stands behind its line: \tag is none that works everywhere."""
    (node,) = read("\\begin{align*}\na &= b \\tag*{\\reason{as \\(x=1\\)}} \\\\*\n &= (c)\n\\end{align*}")
    assert isinstance(node, Environment)
    assert display(node.nodes, node.name) == (
        "\\[\\begin{aligned} a & =b &  & \\quad {\\text{as }{x=1}} \\\\\n  & =(c) \\end{aligned}\\]"
    )


def test_an_unknown_macro_is_named() -> None:
    """And never left out."""
    with pytest.raises(TemplateFailure, match=r"topic, en: the macro \\foo is unknown.*near"):
        Writer("en", {}, "topic, en").text("Let \\(\\foo\\).")


@pytest.mark.parametrize("face", ["f(n) and (y)", "range 1:8-)", "see :-)", "( )"])
def test_words_that_look_like_a_face(face: str) -> None:
    """A tag within keeps the emoticon filter away, and nothing else changes."""
    written = calm(Html(face))
    assert "<span>" in written
    assert written.replace("<span>", "").replace("</span>", "") == face
