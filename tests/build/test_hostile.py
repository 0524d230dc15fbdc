"""A hostile class: whatever stands in a class list prints as typed or is refused, and touches nobody else's sheet."""

import subprocess
from pathlib import Path
from random import Random

import pikepdf
import pytest

from blattwerk.build.order.class_list import Student, parse_roster
from blattwerk.build.order.ordered import order
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.page.typefaces import PDFLATEX
from blattwerk.errors import RosterError
from tests.build.classes import built

SHEET = checked_sheet(
    {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": "kl_normal_1d"}]}, "sheet"
)

RANDOM = Random(1)  # the same names in every run
SETTABLE = sorted(PDFLATEX - {"\u00a0", "…"})  # an ellipsis is set, and read, as three dots

NAMES = (
    "\\input{/etc/passwd}",
    "\\immediate\\write18{touch /tmp/blattwerk-owned}",
    "\\directlua{os.execute('touch /tmp/blattwerk-owned')}",
    "\\end{document}",
    "\\end{sheet}\\begin{sheet}{}{}{}{}",
    "\\catcode`\\%=12 %",
    "^^5cinput{x}",
    "^^^^005cinput",
    "% comment",
    "a % b & c # d $ e _ f { g } h ~ i ^ j",
    '"a"o"u"s"A',
    "``quoted'' ,,quoted''",
    "a--b---c",
    "?`!`<<>>",
    "}} \\fi \\else \\fi {{",
    "$x$ \\(y\\) \\[z\\]",
    "<< secret >> <% if x %> <# y #> {{ z }}",
    "{% raw %}",
    "O'Neill-O’Neill",
    "Jean‐Pierre".replace("‐", "-"),
    "Robert'); DROP TABLE students;--",
    "$(touch /tmp/blattwerk-owned)",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "ﬁ".replace("ﬁ", "fi") + "nal ff ffi",
    "Zoë Ümläut Ŝtrange Đặng".replace("ặ", "a"),
    "Nguyễn Văn Đức",
    "Ελένη Παπαδοπούλου",
    "Щербакова",
    "A" * 200,
    "Wort " * 39 + "Ende",
    *("x" + "".join(RANDOM.choices(SETTABLE, k=30)) + "x" for _ in range(15)),
)


def text_of(path: Path) -> str:
    """The words of a PDF; line breaks and hyphens at line ends are undone by taking all spaces away."""
    return "".join(subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout.decode().split())


@pytest.fixture(scope="module")
def class_of_enemies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One build of all the names, in German, where the quotation mark is special."""
    out = tmp_path_factory.mktemp("enemies")
    students = tuple(Student(f"id{i:03d}", name, f"m{i}@x.org") for i, name in enumerate(NAMES))
    report, records = built(order(SHEET, students, 7, ("de",)), out)
    assert report.failures == {}
    assert len(records) == len(NAMES)
    return out


@pytest.mark.parametrize("index", range(len(NAMES)), ids=lambda i: ascii(NAMES[i])[:30])
def test_names_print_as_typed(class_of_enemies: Path, index: int) -> None:
    """On the question and on the solution; a straight apostrophe becomes a typographic one."""
    for kind in ("questions", "solutions"):
        printed = text_of(class_of_enemies / kind / f"id{index:03d}.de.pdf")
        assert "".join(NAMES[index].split()).replace("'", "’") in printed


def test_nothing_ran() -> None:
    """No command of any name was carried out."""
    assert not Path("/tmp/blattwerk-owned").exists()


def test_no_pdf_holds_anything_of_another_student(class_of_enemies: Path) -> None:
    """Text, titles, links, and the bytes of every object, decompressed: no other id, e-mail or code."""
    paths = sorted((class_of_enemies / "questions").iterdir())
    ids = [path.name.split(".")[0] for path in paths]
    for path, own in zip(paths, ids, strict=True):
        with pikepdf.open(path) as pdf:
            dump = b"".join(
                obj.read_bytes() if isinstance(obj, pikepdf.Stream) else repr(obj).encode() for obj in pdf.objects
            )
        words = text_of(path)
        for other in ids:
            if other != own:
                assert other not in words
                assert other.encode() not in dump
        assert b"BwSheet" not in dump
        assert b"@x.org" not in dump  # e-mail addresses of students are nowhere
        assert own in words


def test_no_question_holds_anything_of_a_solution(class_of_enemies: Path) -> None:
    """The solution's words, and its boxes."""
    for path in (class_of_enemies / "questions").iterdir():
        words = text_of(path)
        assert "Musterlösung" not in words
        assert "Bewertung" not in words
        assert "≈" not in words


@pytest.mark.parametrize("name", ["a\u202eb", "a\u200bb", "a\x1bb", "A" * 10_000, "\ufffe", "a\u200db"])
def test_names_that_nobody_can_print_are_refused(name: str) -> None:
    """Bidirectional and zero-width controls, escapes, noncharacters, joiners that join nothing, endless names."""
    with pytest.raises(RosterError, match="line 2: the name"):
        parse_roster(f"id,name,email\n1,{name},\n", "list")
