"""A new course folder, and the schema by which editors check a sheet file."""

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from blattwerk.build.order import pages
from blattwerk.build.order.catalogue import look_into, whole_catalogue
from blattwerk.build.order.class_list import read_students
from blattwerk.build.order.new_course import write_course
from blattwerk.build.order.schema import sheet_schema
from blattwerk.build.order.secret import FILE, read_secret
from blattwerk.build.order.sheet_file import read_sheet
from blattwerk.errors import InputError
from tests.build.own_sheet import SHEET

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is named here is forgotten afterwards."""
    monkeypatch.setattr(pages, "_named", [])
    whole_catalogue.cache_clear()
    yield
    whole_catalogue.cache_clear()


def test_a_new_course_is_whole(tmp_path: Path, forget: None) -> None:
    """Its sheet, class list and secret can be read; git does not see the secret; the editor has a schema."""
    course = tmp_path / "course"
    written = write_course(course)
    look_into(course / "topics")
    sheet = read_sheet(course / "sheet-1.toml")
    assert [entry.key for entry in sheet.entries] == ["softmax", "softmax-2", "our_topic", "tails"]
    assert sheet.page.logo in sheet.files and sheet.course.code == "ML-1"
    assert len(read_students(course / "class.csv").students) == 3
    assert len(read_secret(course / FILE)) == 32
    assert FILE in (course / ".gitignore").read_text().splitlines()
    assert (course / "sheet-1.toml").read_text().startswith("#:schema sheet.schema.json\n")
    assert json.loads((course / "sheet.schema.json").read_text()) == sheet_schema()
    assert all(path.is_file() for path in written)


def test_a_course_of_the_us_says_so(tmp_path: Path, forget: None) -> None:
    """Letter paper and US English."""
    write_course(tmp_path / "course", of_the_us=True)
    look_into(tmp_path / "course" / "topics")
    page = read_sheet(tmp_path / "course" / "sheet-1.toml").page
    assert (page.paper, page.english) == ("letter", "US")


def test_nothing_is_written_over(tmp_path: Path, forget: None) -> None:
    """A folder that holds one of the files keeps it, and gets no other."""
    (tmp_path / "course.toml").write_text("mine")
    with pytest.raises(InputError, match=r"holds course.toml already"):
        write_course(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["course.toml"]


def as_json(value: Any) -> Any:
    """TOML's values as an editor's schema checker sees them."""
    if isinstance(value, Mapping):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def test_the_schema_fits_the_examples() -> None:
    """Every sheet file and course file of ours, and one with all that a sheet can have."""
    jsonschema.Draft202012Validator.check_schema(sheet_schema())
    files = [path for path in EXAMPLES.rglob("*.toml") if path.name != "course.toml"]
    assert len(files) >= 7
    for text in [*(path.read_text("utf-8") for path in files), SHEET]:
        jsonschema.validate(as_json(tomllib.loads(text)), sheet_schema())
    for path in EXAMPLES.rglob("course.toml"):
        jsonschema.validate(as_json(tomllib.loads(path.read_text("utf-8"))), sheet_schema(of_course=True))


@pytest.mark.parametrize(
    "wrong",
    [
        {"exercises": [{"id": "softmax", "point": 3}]},
        {"exercises": [{"id": "softmax", "difficulty": "harder"}]},
        {"exercises": [{"key": "a", "title": "A"}]},
        {"exercises": [{"id": "softmax"}], "page": {"accent": "red"}},
        {"exercises": [{"id": "softmax"}], "page": {"paper": "a3"}},
        {"exercises": [{"id": "softmax"}], "files": {}},
        {},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(wrong: dict[str, Any]) -> None:
    """Mistyped keys and values, while they are typed."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, sheet_schema())


def test_every_key_is_described() -> None:
    """An editor shows what can stand there."""
    schema = sheet_schema()
    tables = [schema, *schema["$defs"].values()]
    bare = [name for table in tables for name, key in table.get("properties", {}).items() if "description" not in key]
    assert bare in ([], ["en", "de"])
