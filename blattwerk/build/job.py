"""What all stages speak of: the kinds of a sheet, and the engines of TeX. Data only."""

from typing import Literal

Kind = Literal["questions", "solutions"]
KINDS: tuple[Kind, ...] = ("questions", "solutions")
Engine = Literal["pdflatex", "lualatex"]
