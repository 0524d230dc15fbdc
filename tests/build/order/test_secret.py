"""The secret and the overrides: who can draw what."""

import json
import resource
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blattwerk.build.numbers import draw
from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import choose, order
from blattwerk.build.order.secret import beside, new_secret, read_secret
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.cli import app
from blattwerk.errors import InputError

EXERCISES = ["kl_normal_1d", "kl_histogram"]
SHEET = {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": e} for e in EXERCISES]}


def params(student: str, secret: bytes = b"", **changes: object) -> dict[str, object]:
    """The numbers of each exercise for one student."""
    both = (Student("a"), Student("b"))
    (one,) = choose(order(checked_sheet({**SHEET, **changes}, "s"), both, 7, ("en",), secret=secret), [student])
    return {drawn.key: drawn.params for drawn in draw(one).exercises}


def test_a_new_secret_is_for_its_owner_only(tmp_path: Path) -> None:
    """Mode 600, 32 random bytes, never replaced."""
    path = new_secret(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(read_secret(path)) == 32
    assert beside(tmp_path / "sheet.toml") == path
    with pytest.raises(InputError, match="is there already"):
        new_secret(tmp_path)


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        ("00" * 32, 0o644, "others can read the secret"),
        ("00" * 31, 0o600, "holds no secret of 32 bytes"),
        ("not hex", 0o600, "holds no secret"),
        ("ä", 0o600, "cannot be read"),
    ],
)
def test_bad_secrets(tmp_path: Path, content: str, mode: int, message: str) -> None:
    """Too open, too short, no secret; the message never holds the content."""
    path = tmp_path / "blattwerk.secret"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(InputError, match=message) as caught:
        read_secret(path)
    assert content not in str(caught.value)


def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    """It is no sign that there is no secret: the disk with the secret may not be there today."""
    link = tmp_path / "blattwerk.secret"
    link.symlink_to(tmp_path / "stick" / "secret")
    assert beside(tmp_path / "sheet.toml") == link
    for use in (lambda: read_secret(link), lambda: new_secret(tmp_path)):
        with pytest.raises(InputError, match=r"is a link to .*stick/secret, where nothing is; bring that file back"):
            use()
    assert not (tmp_path / "stick").exists()


def test_a_full_disk_leaves_no_empty_secret(tmp_path: Path) -> None:
    """The system refuses the write; the next attempt finds nothing in its way."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(InputError, match=r"blattwerk\.secret cannot be written: File too large"):
            new_secret(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
    assert len(read_secret(new_secret(tmp_path))) == 32


def test_without_links_a_secret_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sticks know none; another's secret is not replaced there either."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    assert len(read_secret(new_secret(tmp_path))) == 32
    with pytest.raises(InputError, match="is there already"):
        new_secret(tmp_path)


def test_the_secret_changes_every_number() -> None:
    """With another secret, another sheet."""
    one, two = params("a", b"x"), params("a", b"y")
    assert all(one[e] != two[e] for e in EXERCISES)


def test_an_override_changes_one_exercise_of_one_student() -> None:
    """And no other number."""
    override = [{"student": "a", "exercise": "kl_histogram", "draw": 1}]
    before, after = params("a"), params("a", overrides=override)
    assert before["kl_normal_1d"] == after["kl_normal_1d"]
    assert before["kl_histogram"] != after["kl_histogram"]
    assert params("b") == params("b", overrides=override)
    assert params("a", overrides=[{**override[0], "draw": 2}])["kl_histogram"] != after["kl_histogram"]


def test_the_secret_is_in_no_output(tmp_path: Path) -> None:
    """Not in a PDF, the manifest, a source, or what is printed; without one, a class is warned."""
    roster = tmp_path / "class.csv"
    roster.write_text("id,name,email\na,A,a@x.org\nb,Ω,b@x.org\n")
    sheet = tmp_path / "sheet.toml"
    sheet.write_text('[course]\ntitle="ML"\n[sheet]\ntitle="S"\n[[exercises]]\nid="kl_normal_1d"\n')
    arguments = ["build", str(sheet), "--seed", "1", "--roster", str(roster), "--lang", "en", "--jobs", "1", "--tex"]
    warned = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "one")])
    assert "there is no secret" in warned.output
    secret = new_secret(tmp_path).read_text().strip()
    done = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "two")])
    assert done.exit_code == 0, done.output
    assert "there is no secret" not in done.output
    assert secret not in done.output
    for path in (tmp_path / "two").rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes()
            assert bytes.fromhex(secret) not in path.read_bytes()
    one, two = (json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("one", "two"))
    assert one["students"][0]["exercises"][0]["params"] != two["students"][0]["exercises"][0]["params"]


def test_overrides_for_nobody_are_refused(tmp_path: Path) -> None:
    """A mistyped id would leave the student with the old draw."""
    roster = tmp_path / "class.csv"
    roster.write_text("id,name,email\na,A,a@x.org\n")
    sheet = tmp_path / "sheet.toml"
    sheet.write_text(
        '[course]\ntitle="ML"\n[sheet]\ntitle="S"\n[[exercises]]\nid="kl_normal_1d"\n'
        '[[overrides]]\nstudent="x"\nexercise="kl_normal_1d"\n'
    )
    with pytest.raises(InputError, match="the class list holds no 'x'"):
        CliRunner().invoke(app, ["build", str(sheet), "--seed", "1", "--roster", str(roster)], catch_exceptions=False)
