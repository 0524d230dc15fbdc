"""German words break where a reader expects it, with both engines."""

import re

import pytest

from blattwerk.build.job import Engine
from blattwerk.build.page.font_files import find_file
from blattwerk.build.page.typefaces import FONT_FILES
from blattwerk.build.press.formats import set_with_format
from blattwerk.build.press.preamble import preamble
from blattwerk.build.press.tex import typeset

# What TeX's German patterns make of some of these by themselves: Kreu-zen-tro-pie, Zu-stands-s-um-me, mitt-ler-er.
DECLARED = """
    Kreuz-en-tro-pie Kreuz-en-tro-pi-en Nach-kom-ma-stel-le Nach-kom-ma-stel-len Zu-stands-sum-me Zu-stands-sum-men
    Gra-di-en-ten-um-kehr Teil-auf-ga-be Teil-auf-ga-ben ir-gend-et-was mitt-le-rer Like-li-hood Base-line
    Note-book Bottle-neck An-ces-tral Codes Ad-ver-sa-ri-el-le Au-to-en-co-der Merk-mals-kar-ten In-te-grand
    In-paint-ings Re-strict-ed Bhat-ta-cha-ry-ya Learn-ing
"""
# Words that are left to the patterns, with umlauts, which the engines encode in different ways.
OTHERS = "Ver-hält-nis-se Über-lap-pung Ab-ga-be-frist Auf-wärts-durch-lauf Stan-dard-nor-mal-ver-tei-lung"


def broken(words: str, language: str, engine: Engine) -> list[str]:
    """The words as TeX breaks them in a sheet of this language, from its log."""
    shown = "\n".join(f"\\showhyphens{{{word.replace('-', '')}}}" for word in words.split())
    sheet = f"\\begin{{sheet}}{{{language}}}{{}}{{}}{{mark}}\ntext\n{shown}\n\\end{{sheet}}"
    document = f"\\begin{{document}}\n{sheet}\n\\end{{document}}\n"
    if engine == "pdflatex":  # as sheets are set: the exceptions have to survive in the format
        log = set_with_format(document, {}).log
    else:
        fonts = {name: path.read_bytes() for name in FONT_FILES if (path := find_file(name))}
        log = typeset(preamble(engine) + document, fonts, engine).log
    return re.findall(r"^\[\] \\\S+ (\S+)$", log, re.MULTILINE)


def plain(word: str) -> str:
    """Without umlauts, which pdflatex writes into its log in the font's encoding."""
    return re.sub(r"\^\^[0-9a-f]{2}|[^\x00-\x7f]", "?", word)


@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
def test_german_words_break_where_they_should(engine: Engine) -> None:
    """Declared words as declared, all others by the patterns."""
    expected = f"{DECLARED} {OTHERS}"
    assert [*map(plain, broken(expected, "ngerman", engine))] == [*map(plain, expected.split())]


def test_english_is_left_alone() -> None:
    """The exceptions are those of German; English sheets go by their own patterns."""
    german, *english = broken("Teil-auf-ga-be like-li-hood prob-a-bil-ity", "english", "pdflatex")
    assert german != "Teil-auf-ga-be"
    assert english == ["like-li-hood", "prob-a-bil-ity"]
