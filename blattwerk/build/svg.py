"""An SVG of plain shapes as a PDF, which TeX can include: a logo, a letterhead.

Shapes, paths, groups, transformations, colours. What else SVG has (text, gradients, transparency, pictures) is refused
by name; a drawing program can turn text into paths, or write a PDF itself.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

import pikepdf
from fontTools.pens.basePen import BasePen
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import PathBuilder, parse_path

from blattwerk.build.files import file_in_memory

SHAPES = ("path", "rect", "circle", "ellipse", "line", "polygon", "polyline")
GROUPS = ("svg", "g", "a")
SILENT = ("title", "desc", "metadata", "defs", "namedview", "style")
LARGEST = 20_000  # elements
POINTS: Mapping[str, float] = {"": 0.75, "px": 0.75, "pt": 1, "mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72, "pc": 12}
NAMES: Mapping[str, str] = {
    "black": "#000000", "white": "#ffffff", "red": "#ff0000", "green": "#008000", "blue": "#0000ff", "gray": "#808080",
    "grey": "#808080", "silver": "#c0c0c0", "maroon": "#800000", "navy": "#000080", "teal": "#008080",
    "orange": "#ffa500", "yellow": "#ffff00", "purple": "#800080", "olive": "#808000", "lime": "#00ff00",
    "aqua": "#00ffff", "cyan": "#00ffff", "fuchsia": "#ff00ff", "magenta": "#ff00ff", "currentcolor": "#000000",
}  # fmt: skip
INHERITED = ("fill", "stroke", "stroke-width", "fill-rule", "stroke-linecap", "stroke-linejoin")

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class _Style:
    """How a shape is drawn: what it inherits, and where."""

    said: Mapping[str, str]
    matrix: Matrix


@lru_cache(maxsize=16)
def pdf_of(content: bytes) -> bytes:
    """The PDF of an SVG, of the same size; raises ValueError with what cannot be drawn."""
    root = _root(content)
    left, top, width, height = _box(root)
    flipped = (1, 0, 0, -1, -left, top + height)  # SVG counts downwards
    try:
        drawn = "\n".join(_drawn(root, _Style({"fill": "black", "stroke": "none"}, flipped)))
    except RecursionError as error:
        raise ValueError("the SVG holds groups in groups, nested far too deeply; save it as PDF") from error
    factor = _points(root.get("width", "")) / width if _length(root.get("width", "")) else 0.75
    stream = f"{factor:g} 0 0 {factor:g} 0 0 cm\n{drawn}\n"
    with pikepdf.new() as document, file_in_memory() as target:
        page = document.add_blank_page(page_size=(round(width * factor, 3), round(height * factor, 3)))
        page.obj.Contents = pikepdf.Stream(document, stream.encode("ascii"))
        document.save(target, deterministic_id=True)
        target.seek(0)
        return target.read()


def _root(content: bytes) -> ElementTree.Element:
    if b"<!ENTITY" in content:
        raise ValueError("the SVG defines entities, which are not read; save it as plain SVG")
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ValueError(f"is no SVG file: {error}") from error
    if _name(root) != "svg":
        raise ValueError("is no SVG file")
    if sum(1 for _ in root.iter()) > LARGEST:
        raise ValueError(f"the SVG has more than {LARGEST} elements; save it as PDF")
    return root


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _box(root: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, top, width and height of what is seen."""
    box = [float(number) for number in re.findall(r"[-+.\deE]+", root.get("viewBox", ""))]
    if len(box) != 4:
        box = [0, 0, _points(root.get("width", "")) / 0.75, _points(root.get("height", "")) / 0.75]
    if not (0 < box[2] < 1e5 and 0 < box[3] < 1e5):
        raise ValueError("the SVG says neither viewBox nor width and height")
    return box[0], box[1], box[2], box[3]


def _length(text: str) -> re.Match[str] | None:
    return re.fullmatch(r"\s*([\d.]+)\s*(px|pt|mm|cm|in|pc|)\s*", text)


def _points(text: str) -> float:
    found = _length(text)
    return float(found[1]) * POINTS[found[2]] if found else 0.0


def _drawn(element: ElementTree.Element, style: _Style) -> Iterator[str]:
    name = _name(element)
    if name in SILENT or not isinstance(element.tag, str):
        return
    if name not in (*SHAPES, *GROUPS):
        raise ValueError(f"the SVG holds <{name}>, which cannot be drawn here; turn it into paths, or save it as PDF")
    style = _styled(element, style)
    if name in SHAPES:
        yield from _shape(element, style)
    for child in element:
        yield from _drawn(child, style)


def _styled(element: ElementTree.Element, style: _Style) -> _Style:
    """The style inside an element."""
    given = dict(element.attrib)
    for declaration in element.get("style", "").split(";"):
        key, _, value = declaration.partition(":")
        given[key.strip()] = value.strip()
    if "class" in given:
        raise ValueError("the SVG has classes of styles, which are not read; save it as plain SVG or PDF")
    for key in ("opacity", "fill-opacity", "stroke-opacity"):
        if float(given.get(key, "1").rstrip("%") or 1) not in (1, 100):
            raise ValueError(f"the SVG has {key}, which cannot be drawn here; save it as PDF")
    for key in ("filter", "mask", "clip-path"):
        if given.get(key, "none") != "none":
            raise ValueError(f"the SVG has {key}, which cannot be drawn here; save it as PDF")
    said = {**style.said, **{key: given[key] for key in INHERITED if key in given}}
    if given.get("display") == "none":
        said["fill"] = said["stroke"] = "none"
    return replace(style, said=said, matrix=_product(style.matrix, _transformation(given.get("transform", ""))))


def _shape(element: ElementTree.Element, style: _Style) -> Iterator[str]:
    fill, stroke = _colour(style.said["fill"]), _colour(style.said["stroke"])
    builder: Any = PathBuilder()
    plain = ElementTree.Element(str(element.tag), {k: v for k, v in element.attrib.items() if k != "transform"})
    try:
        builder.add_path_from_element(plain)
        pen = _Pen()
        for path in builder.paths:
            parse_path(path, TransformPen(pen, style.matrix))
    except (ValueError, AssertionError, IndexError, NotImplementedError, KeyError) as error:
        raise ValueError(f"the SVG's <{_name(element)}> cannot be read: {error}") from error
    if not pen.operators or not (fill or stroke):
        return
    if fill:
        yield f"{fill} rg"
    if stroke:
        a, b, c, d, _, _ = style.matrix
        wide = float(re.sub(r"[a-z%]+$", "", style.said.get("stroke-width", "1")) or 1) * math.sqrt(abs(a * d - b * c))
        caps, joins = ("butt", "round", "square"), ("miter", "round", "bevel")
        cap, join = style.said.get("stroke-linecap", "butt"), style.said.get("stroke-linejoin", "miter")
        yield f"{stroke} RG {wide:.4f} w {caps.index(cap) if cap in caps else 0} J"
        yield f"{joins.index(join) if join in joins else 0} j"
    yield from pen.operators
    even = "*" if style.said.get("fill-rule") == "evenodd" and fill else ""
    yield ("B" if fill and stroke else "f" if fill else "S") + even


def _colour(text: str) -> str:
    """Red, green and blue for PDF, or nothing for none."""
    text = NAMES.get(text.strip().lower(), text.strip().lower())
    if text == "none":
        return ""
    if found := re.fullmatch(r"rgb\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)", text):
        return " ".join(f"{min(int(part), 255) / 255:.4f}" for part in found.groups())
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        text = "#" + "".join(2 * sign for sign in text[1:])
    if not re.fullmatch(r"#[0-9a-f]{6}", text):
        raise ValueError(f"the SVG has the colour {text[:40]!a}, which cannot be drawn here; save it as PDF")
    return " ".join(f"{int(text[i : i + 2], 16) / 255:.4f}" for i in (1, 3, 5))


def _transformation(text: str) -> Matrix:
    matrix: Matrix = (1, 0, 0, 1, 0, 0)
    for name, inside in re.findall(r"(\w+)\s*\(([^)]*)\)", text):
        numbers = [float(number) for number in re.findall(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?", inside)]
        matrix = _product(matrix, _one(name, numbers))
    return matrix


def _one(name: str, numbers: list[float]) -> Matrix:
    n = len(numbers)
    if name == "matrix" and n == 6:
        return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
    if name == "translate" and n in (1, 2):
        return (1, 0, 0, 1, numbers[0], numbers[1] if n == 2 else 0)
    if name == "scale" and n in (1, 2):
        return (numbers[0], 0, 0, numbers[-1], 0, 0)
    if name == "rotate" and n in (1, 3):
        cos, sin = math.cos(math.radians(numbers[0])), math.sin(math.radians(numbers[0]))
        x, y = numbers[1:] if n == 3 else (0.0, 0.0)
        return (cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y)
    if name in ("skewX", "skewY") and n == 1:
        slope = math.tan(math.radians(numbers[0]))
        return (1, slope, 0, 1, 0, 0) if name == "skewY" else (1, 0, slope, 1, 0, 0)
    raise ValueError(f"the SVG has the transformation {name[:20]!a}, which cannot be drawn here; save it as PDF")


def _product(outer: Matrix, inner: Matrix) -> Matrix:
    """First the inner one, then the outer one."""
    a, b, c, d, e, f = outer
    p, q, r, s, t, u = inner
    return (a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f)


class _Pen(BasePen):  # type: ignore[misc]  # the library has no types
    """Writes a path as operators of PDF."""

    def __init__(self) -> None:
        super().__init__(None)
        self.operators: list[str] = []

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802  # the library's name
        self.operators.append(f"{pt[0]:.4f} {pt[1]:.4f} m")

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802  # the library's name
        self.operators.append(f"{pt[0]:.4f} {pt[1]:.4f} l")

    def _curveToOne(  # noqa: N802  # the library's name
        self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]
    ) -> None:
        self.operators.append(" ".join(f"{x:.4f} {y:.4f}" for x, y in (pt1, pt2, pt3)) + " c")

    def _closePath(self) -> None:  # noqa: N802  # the library's name
        self.operators.append("h")
