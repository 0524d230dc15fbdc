"""Topics of another package: copies of the rectangle, each broken in its own way."""

from pathlib import Path
from shutil import copytree

HERE = Path(__file__).parent
WHOLE = "tests.build.check.rectangle"
Change = tuple[str, str, str]  # the file, what stands there, and what shall

INFO = "Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
DOOR = "[blattwerk.exercises]\n{name} = {name}.topic:EXERCISE\n"


def install(site: Path, name: str, changes: tuple[Change, ...] = ()) -> Path:
    """The rectangle as a package of this name with these changes, as an installer leaves it; the package's folder."""
    home = copytree(HERE / "rectangle", site / name, ignore=lambda *_: ["__pycache__"])
    (home / "templates" / "rectangle").rename(home / "templates" / name)
    for file in (home / "topic.py", home / "solver.py"):
        text = file.read_text(encoding="utf-8").replace(WHOLE, name).replace('"rectangle"', f'"{name}"')
        file.write_text(text, encoding="utf-8")
    for file, old, new in changes:
        path = where(home, file)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert old in text, (file, old)
        path.write_text(text.replace(old, new, 1).replace("PACKAGE", name), encoding="utf-8")
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    for file, text in (("METADATA", INFO), ("entry_points.txt", DOOR), ("top_level.txt", "{name}\n")):
        (info / file).write_text(text.format(name=name), encoding="utf-8")
    return home


def where(home: Path, file: str) -> Path:
    """A file of the topic: a template by its last name alone."""
    return home / "templates" / home.name / file if file.endswith(".j2") else home / file


def line(home: Path, file: str, text: str) -> int:
    """The number of the first line that holds a text."""
    lines = where(home, file).read_text(encoding="utf-8").splitlines()
    return next(number for number, one in enumerate(lines, 1) if text in one)
