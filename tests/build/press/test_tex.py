"""The edge to TeX: what compiles, what is reported, what is fenced."""

import re

import pytest

from blattwerk.build.press import tex
from blattwerk.build.press.preamble import preamble
from blattwerk.build.press.tex import first_error, overfull, typeset
from blattwerk.errors import TexFailure

PLAIN = "\\documentclass{article}\\begin{document}%s\\end{document}\n"


def test_a_source_becomes_a_pdf() -> None:
    """Bytes in, bytes out."""
    assert typeset(PLAIN % "Hello.", {}).content.startswith(b"%PDF")


def test_equal_sources_are_equal_pdfs() -> None:
    """Before finishing, only TeX's file identifier differs, which comes from the folder's name."""
    one, two = (re.sub(rb"/ID \[.*?\]", b"", typeset(PLAIN % "Hello.", {}).content, flags=re.DOTALL) for _ in range(2))
    assert one == two


def test_an_error_is_reported_with_its_place() -> None:
    """TeX's message and the line."""
    with pytest.raises(TexFailure, match=r"Undefined control sequence.* \(l\.1 .*\\nonsense"):
        typeset(PLAIN % "Text \\nonsense", {})


def test_a_missing_character_is_an_error() -> None:
    """It would be dropped from the page in silence."""
    with pytest.raises(TexFailure, match="Unicode character я"):
        typeset(PLAIN % "\\char200 я", {})


def test_overfull_lines_are_reported() -> None:
    """What sticks out of the margin can be seen without looking."""
    lines = overfull(typeset(PLAIN % "\\rule{40cm}{1pt}", {}).log)
    assert lines and all(line.startswith("Overfull") for line in lines)


@pytest.mark.parametrize(
    "attack",
    [
        "\\input{/etc/passwd}",
        "\\input{../../../../etc/passwd}",
        "\\newread\\f\\openin\\f=/etc/passwd\\ifeof\\f\\errmessage{not readable}\\fi",
        "\\newwrite\\f\\immediate\\openout\\f=/tmp/blattwerk-attack.tex\\immediate\\write\\f{x}\\immediate\\closeout\\f",
        "\\newwrite\\f\\immediate\\openout\\f=../blattwerk-attack.tex\\immediate\\write\\f{x}\\immediate\\closeout\\f",
    ],
)
def test_files_outside_the_folder_are_out_of_reach(attack: str) -> None:
    """Neither read nor written."""
    with pytest.raises(TexFailure):
        typeset(PLAIN % attack, {})


def test_no_program_runs() -> None:
    """Shell escape is off: \\write18 does nothing."""
    made = typeset(PLAIN % "x\\immediate\\write18{touch escaped}\\IfFileExists{escaped}{\\errmessage{ran}}{}", {})
    assert made.content


def test_a_run_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock, or by the processor's time, whichever is up first."""
    monkeypatch.setattr(tex, "SECONDS", 2)
    with pytest.raises(TexFailure, match=r"did not finish within 2 s|made no \.pdf file"):
        typeset(PLAIN % "\\def\\x{\\x}\\x", {})


def test_a_flood_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file grows beyond the limit."""
    monkeypatch.setattr(tex, "FILE_SIZE", 1 << 20)
    flood = (
        "\\newwrite\\f\\immediate\\openout\\f=x.txt\\def\\x{\\immediate\\write\\f{aaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\\x}\\x"
    )
    with pytest.raises(TexFailure):
        typeset(PLAIN % flood, {})


def test_a_missing_engine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that helps."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(TexFailure, match="pdflatex is not installed; `doctor` says"):
        typeset(PLAIN % "x", {})


def test_messages() -> None:
    """The first error counts; a log without one gives none."""
    assert first_error("This is fine.") is None
    assert str(first_error("! Emergency stop.")) == "Emergency stop."
    log = "Missing character: There is no ж (U+0436) in font lmr!\nOutput written."
    assert str(first_error(log)) == "missing character: There is no ж (U+0436) in font lmr!"


def test_lua_cannot_leave_its_folder() -> None:
    """The ways out are taken away before the document begins."""
    from blattwerk.build.page.typefaces import FONT_FILES, font_file

    fonts = {name: path.read_bytes() for name in FONT_FILES if (path := font_file(name))}
    attempts = (
        "io.open('/etc/passwd')",
        "io.open('../x')",
        "io.open('/tmp/x','w')",
        "os.remove('/tmp')",
        "os.execute",
        "io.popen",
    )
    checks = " ".join(f"if {attempt} then error('open') end" for attempt in attempts)
    body = f"\\begin{{document}}x\\directlua{{{checks}}}\\end{{document}}"
    assert typeset(preamble("lualatex") + body, fonts, "lualatex").content
