"""What all stages speak of: the kinds of a sheet, and the engines of TeX. Data only.

`marking` is the tutor's copy of a solution, with the marking scheme and the usual mistakes; students get none of it.
"""

from typing import Literal

Kind = Literal["questions", "solutions", "marking"]
KINDS: tuple[Kind, ...] = ("questions", "solutions", "marking")
FOR_STUDENTS: tuple[Kind, ...] = ("questions", "solutions")
FOR_STAFF: tuple[Kind, ...] = ("solutions", "marking")
WHOLE: tuple[Kind, ...] = ("questions", "marking")  # on these two stands everything that a topic says
Engine = Literal["pdflatex", "lualatex"]
English = Literal["British", "US"]
