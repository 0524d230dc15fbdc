"""Which signs in TeX say that something holds."""

import pytest

from blattwerk.build.check.signs import signs


@pytest.mark.parametrize(
    ("tex", "read"),
    [
        ("so \\(a = b < c\\)", "= <"),
        ("\\[ a \\le b \\ne c \\]", "\\le \\ne"),
        ("\\begin{align*}\na &= b \\\\\n&\\approx c\n\\end{align*}", "= \\approx"),
        ("a = b in words", ""),
        ("\\(\\sum_{i=1}^{n} x_i = 1\\), \\(\\lim_{x \\to 0} x^{k=2}\\)", "="),
        ("\\(p(h_k = 1 \\mid v)\\), \\(\\hat{p}(x = 0)\\), \\(1[z > 0]\\), \\(\\sigma(a = b)\\)", ""),
        ("\\(\\bigl(p(h = 1)\\bigr)_k = 3\\)", "="),
        ("\\(2 (a = b)\\), \\((a < b)\\)", "= <"),
        ("\\(x \\in [0, 1)\\) and \\(y = 1\\)", "="),
        ("\\(f\\colon A \\to B\\), \\(x \\mapsto y\\), \\(t \\to 0\\)", "\\to"),
        ("\\(a \\text{ where \\(b = c\\) and = in words}\\)", "="),
        ("\\begin{align*} a &= b \\tag*{\\reason{as \\(c > d\\) = so}} \\end{align*}", "= >"),
        ("\\(\\begin{pmatrix} a = b \\end{pmatrix}\\), \\begin{center} a = b \\end{center}", "="),
        ("\\(a \\implies b\\), \\(a \\iff b\\)", "\\implies \\iff"),
        ("\\(x \\sim p\\), \\(w \\leftarrow w'\\)", "\\sim \\leftarrow"),
        ("\\(a \\leqslant b\\)", ""),
    ],
)
def test_relations_are_read(tex: str, read: str) -> None:
    """In formulas, but not in indices, arguments and words."""
    found = list(signs(tex))
    assert " ".join(sign.sign for sign in found) == read
    assert all(tex.startswith(sign.sign, sign.position) for sign in found)
