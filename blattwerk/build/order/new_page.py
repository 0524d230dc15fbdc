"""The first page of a new topic: whole, green, every construct once, with a word on each."""

import re
from pathlib import Path

from blattwerk.build.files import write_whole
from blattwerk.errors import InputError

EXAMPLE = Path(__file__).parent / "new_topic.md"


def write_page(topic: str, folder: Path) -> Path:
    """Write the topic with this id into a folder; raises InputError where the id or the place will not do."""
    from blattwerk.build.order.catalogue import whole_catalogue

    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", topic) or topic == "sheet":
        raise InputError(f"'{topic[:60]}' cannot be an id: small letters, digits and underscores, a letter first")
    if topic in whole_catalogue().topics:
        owner = whole_catalogue().topics[topic].package
        raise InputError(f"there is a topic '{topic}' already, of {owner}; choose another id")
    file = folder / f"{topic}.md"
    if file.exists() or file.is_symlink():
        raise InputError(f"{file} is there already, and stays as it is")
    text = EXAMPLE.read_text(encoding="utf-8").replace("topic: new_topic", f"topic: {topic}", 1)
    write_whole(file, text.encode())
    return file
