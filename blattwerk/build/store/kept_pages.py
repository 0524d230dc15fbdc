"""The files that a class was built from, kept beside what was handed out: the record works with them later."""

from collections.abc import Mapping
from pathlib import Path

from blattwerk.build.files import write_whole
from blattwerk.build.order.beside import kept_name
from blattwerk.build.order.catalogue import find_topic
from blattwerk.build.order.pages import FOLDER, is_named
from blattwerk.build.order.sheet_file import SheetFile


def keep_pages(sheet: SheetFile, out: Path) -> tuple[Path, ...]:
    """Copy the files of the sheet's topics that are in no package; their digests stand in the manifest."""
    pages = {page for entry in sheet.exercises if (page := find_topic(entry.id).place.page) and is_named(page)}
    kept = []
    for page in sorted(pages):
        copy = out / FOLDER / page.name
        if copy.absolute() != page:
            write_whole(copy, page.read_bytes())
            kept.append(copy)
    return tuple(kept)


def keep_own_files(sheet: SheetFile, files: Mapping[str, bytes], out: Path) -> None:
    """Copy the files that the sheet names: own texts and exercises, logo, letterhead. Older copies stay."""
    for name, content in files.items():
        copy = out / kept_name(name, sheet.files[name])
        if not copy.exists():
            write_whole(copy, content)
