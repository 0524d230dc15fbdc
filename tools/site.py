"""The documentation site: the pages of docs/ with the guides beside them, in a lecturer's order, made by Zensical.

`make docs` writes build/docs/site/. A link that leads nowhere, in the site or in the repository, stops it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORK = ROOT / "build" / "docs"
# Sections with their pages in order. A page of docs/ that is named nowhere stands at the end of the second one.
ORDER: Mapping[str, tuple[str, ...]] = {
    "Start": ("index.md", "installing.md"),
    "A course": ("course.md", "classes.md", "exams.md", "moodle.md", "html.md", "notebooks.md", "demos.md"),
    "Topics": ("topics.md", "preview.md", "python.md", "contributing.md"),
    "What to rely on": ("verification.md", "security.md", "changelog.md"),
}
BESIDE = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
REST = "A course"
CODE = r"```.*?```|`[^`\n]*`"  # what looks like a link in it is none
LINK = re.compile(CODE + r"|(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)", re.DOTALL)


def pages() -> dict[str, str]:
    """The text of each page of the site by its name, links between them as they are there."""
    there = {path.name: path for path in sorted((ROOT / "docs").glob("*.md"))}
    there |= {name: ROOT / source for source, name in BESIDE.items()}
    return {name: relinked(path, set(there)) for name, path in there.items()}


def relinked(path: Path, names: set[str]) -> str:
    """A page with its links as the site has them; one to another file of the repository becomes that file's name."""

    def link(match: re.Match[str]) -> str:
        if match[3] is None:
            return match[0]
        image, words, target, anchor = match[1], match[2], match[3], match[4] or ""
        if "://" in target or (image and path.parent.name == "docs"):
            return match[0]
        file = Path(os.path.normpath(path.parent / target))
        name = BESIDE.get(file.name, file.name) if file.parent in (ROOT, ROOT / "docs") else ""
        if name in names:
            return f"[{words}]({name}{anchor})"
        if not file.exists():
            raise SystemExit(f"{path.relative_to(ROOT)}: the link to {target} leads nowhere")
        return words if words.startswith("`") else f"`{words}`"

    return LINK.sub(link, path.read_text(encoding="utf-8"))


def navigation(names: Iterable[str]) -> list[dict[str, list[str]]]:
    """The sections of the site, each page that is there once."""
    there = list(names)
    placed = {name for section in ORDER.values() for name in section}
    rest = tuple(name for name in there if name not in placed)
    sections = {title: (*section, *(rest if title == REST else ())) for title, section in ORDER.items()}
    return [{title: [name for name in section if name in there]} for title, section in sections.items()]


def configuration(nav: list[dict[str, list[str]]]) -> str:
    """Zensical's settings. No page asks another site for a font or a script."""
    sections = ",\n".join(
        f"  {{ {json.dumps(title)} = {json.dumps(names)} }}" for part in nav for title, names in part.items()
    )
    return f"""[project]
site_name = "Blattwerk"
site_description = "Exercise sheets for machine-learning courses, drawn per student, solved exactly, proven, typeset"
docs_dir = "pages"
site_dir = "site"
use_directory_urls = false
nav = [
{sections}
]

[project.theme]
font = false
features = ["navigation.sections", "navigation.top", "content.code.copy", "toc.follow"]
"""


def main() -> int:
    """Write the pages and the settings, and have the site made, strictly."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(ROOT / "docs" / "images", WORK / "pages" / "images")
    texts = pages()
    for name, text in texts.items():
        (WORK / "pages" / name).write_text(text, encoding="utf-8")
    (WORK / "zensical.toml").write_text(configuration(navigation(texts)), encoding="utf-8")
    zensical = Path(sys.executable).with_name("zensical")
    done = subprocess.run([zensical, "build", "--clean", "--strict"], cwd=WORK, check=False).returncode
    print(f"{WORK.relative_to(ROOT) / 'site' / 'index.html'}" if done == 0 else "the site has broken links; see above")
    return done


if __name__ == "__main__":
    sys.exit(main())
