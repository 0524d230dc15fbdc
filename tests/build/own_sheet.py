"""A sheet with all that a lecturer can add: texts, exercises by hand, given numbers, a topic twice."""

from pathlib import Path

SHEET = r"""
[course]
title = "ML"
[sheet]
title = "S"
number = 1

[page]
points = "table"
logo = "logo.svg"
footer = "Room 7 & 8"

[[text]]
body = { en = "Read **chapter 2** first.", de = "Lesen Sie zuerst **Kapitel 2**." }
[[text]]
before = "essay"
body = "Only $x^2$ matters here."

[[exercises]]
id = "softmax"
params = { n = 3, odds = [7, 28, 17], label = 0, rate = 0.1 }

[[exercises]]
id = "softmax"
key = "softmax-2"
new_page = true
[exercises.wording]
probabilities = { en = "What is $p$?", de = "Wie lautet $p$?" }

[[exercises]]
key = "essay"
title = { en = "In your own words", de = "In eigenen Worten" }
bonus = true
[[exercises.parts]]
question = { en = "Why?", de = "Warum?" }
solution = { en = "Because.", de = "Darum." }
points = 1.5
[[exercises.parts]]
question_file = "own/square.tex"
solution_file = "own/square.tex"
points = 4
marking = [{ points = 4, text = "all of it" }]
"""
TEX = "% mine\n\\newcommand{\\mine}{7}\\gdef\\points#1{BROKEN}Prove $\\mine^2 = 49$. % the end"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><circle cx="5" cy="5" r="4" fill="#004862"/></svg>'


def write(folder: Path, sheet: str = SHEET, tex: str = TEX) -> Path:
    """The sheet with its files in a folder."""
    (folder / "own").mkdir(parents=True, exist_ok=True)
    (folder / "own" / "square.tex").write_text(tex, "utf-8")
    (folder / "logo.svg").write_text(SVG, "utf-8")
    file = folder / "sheet.toml"
    file.write_text(sheet, "utf-8")
    return file
