"""The documentation site: each page has its place, each link between pages and into the repository leads somewhere."""

import re
from pathlib import Path

import pytest

from tools import site


def test_every_page_stands_in_the_navigation_once() -> None:
    """Also one that nobody has put into the order yet."""
    placed = [name for part in site.navigation([*site.pages(), "new.md"]) for names in part.values() for name in names]
    assert sorted(placed) == sorted([*site.pages(), "new.md"])
    assert placed[:2] == ["index.md", "installing.md"]


def test_links_stay_within_the_site() -> None:
    """To other pages and pictures; what lies beside the site is named, and not linked."""
    texts = site.pages()
    for name, text in texts.items():
        for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)):
            there = target in texts or ((site.ROOT / "docs" / target).is_file() and target.startswith("images/"))
            assert "://" in target or there, f"{name}: {target}"


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its page; one to another file of the repository is told by name."""
    monkeypatch.setattr(site, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "tool.py").touch()
    page = tmp_path / "docs" / "page.md"
    page.write_text("See [the tool](../tool.py) and [contributing](../CONTRIBUTING.md#rooms).")
    assert site.relinked(page, {"contributing.md"}) == "See `the tool` and [contributing](contributing.md#rooms)."
    page.write_text("Code: `f[0](v)`.")
    assert site.relinked(page, set()) == "Code: `f[0](v)`."
    page.write_text("See [it](nowhere.md).")
    with pytest.raises(SystemExit, match=r"docs/page\.md: the link to nowhere\.md leads nowhere"):
        site.relinked(page, set())
