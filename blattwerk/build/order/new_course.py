"""A course folder that builds at once: what sheets share, a sheet, a class with invented names, a topic, a secret."""

import json
from pathlib import Path

from blattwerk.build.files import write_whole
from blattwerk.build.order.course_file import COURSE
from blattwerk.build.order.new_page import write_page
from blattwerk.build.order.pages import FOLDER
from blattwerk.build.order.schema import sheet_schema
from blattwerk.build.order.secret import FILE, new_secret
from blattwerk.errors import InputError

EXAMPLE = Path(__file__).parent / "new_course"
TOPIC = "our_topic"
SCHEMA = "sheet.schema.json"
NAMES = {"gitignore.txt": ".gitignore"}
IN_THE_US = (('paper = "a4"            # or "letter", "a5"', 'paper = "letter"        # or "a4", "a5"'),
             ('english = "British"     # or "US"', 'english = "US"          # or "British"'))  # fmt: skip


def write_course(folder: Path, of_the_us: bool = False) -> tuple[Path, ...]:
    """Write the files of a new course; raises InputError, and writes nothing, where one of them is there already."""
    files = {NAMES.get(path.name, path.name): path.read_text(encoding="utf-8") for path in sorted(EXAMPLE.iterdir())}
    files[SCHEMA] = json.dumps(sheet_schema(), indent=1, ensure_ascii=False) + "\n"
    for said, otherwise in IN_THE_US if of_the_us else ():
        files[COURSE] = files[COURSE].replace(said, otherwise)
    wanted = [*files, f"{FOLDER}/{TOPIC}.md", FILE]
    if there := [name for name in wanted if (folder / name).exists() or (folder / name).is_symlink()]:
        raise InputError(f"{folder} holds {', '.join(there)} already, and stays as it is; name another folder")
    for name, text in files.items():
        write_whole(folder / name, text.encode())
    return (*(folder / name for name in files), write_page(TOPIC, folder / FOLDER), new_secret(folder))
