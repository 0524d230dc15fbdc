"""One word and one notation for one thing, in all texts of all topics."""

import re
from pathlib import Path

import blattwerk

PACKAGE = Path(blattwerk.__file__).parent
TEMPLATES = sorted((PACKAGE / "templates").glob("*/*.tex.j2"))
GERMAN = [path for path in TEMPLATES if path.name.endswith("de.tex.j2")]
PAGES = sorted((PACKAGE / "topics").glob("*.md"))
CODE = re.compile(r"<#.*?#>|<%.*?%>", re.DOTALL)

# What is written otherwise here, and how.
NOTATION = {
    r"\\int[^\\$]*(?:\\[^,\\$]*)*\\,\s*d[a-z]\b": "an upright d, \\mathrm{d}x",
    r"(?<![\\a-zA-Z])e\^": "\\exp(x), as the displays have it",
    r"[pq]\([^()|]*\|[^()|]*\)": "\\mid for the bar of a condition",
    r"(?<![\\a-zA-Z}{])N\([a-z0-9]": "\\mathcal{N} for a normal distribution",
}
WORDS = {
    r"\bModen\b": "Modi",
    r"\bSpann\b": "lineare Hülle",
    r"\bIhre[rn]? Maschine\b": "Ihre RBM, Ihre DBM",
    r"[Rr]estringierte|[Bb]eschränkte[nr]? Boltzmann": "Restricted Boltzmann Machine",
    r"\bBias-?(?:e|en|terme|werte)\b": "Biases",
    r"\bSigmoide?[ns]?[- ](?:Neuronen|Knoten)": "Sigmoid-Einheiten",
    r"\b(?:komponenten|koordinaten|eintrags)weise": "elementweise",
    r"\b[Aa]dversarial\b(?!_)|gegnerische": "adversarielle Eingaben",
    r"Bedingte Erwartung\b|\bErwartung\b": "Erwartungswert",
    r"\bverborgene\w*\b|\bversteckte\w*\b": "verdeckt",
    r"(?<![\w.])\d+\.\d": "ein Dezimalkomma",
    r"“[^“”„]*”": "\\enquote{...}",
}
ENGLISH = [rule for rule in WORDS if re.search(rule, "an adversarial input, 0.5, “so to speak”")]


def texts(path: Path) -> list[tuple[int, str]]:
    """The lines of a template, without comments and conditions; what << ... >> prints are words, too."""
    said = CODE.sub(lambda code: "\n" * code[0].count("\n"), path.read_text("utf-8"))
    return list(enumerate(said.splitlines(), 1))


def found(paths: list[Path], rules: dict[str, str]) -> list[str]:
    """Where a rule is broken: the place, what stands there, and what is written instead."""
    return [
        f"{path.parent.name}/{path.name}:{number}: {match[0]!r}, but here one writes {instead}"
        for path in paths
        for number, line in texts(path)
        for rule, instead in rules.items()
        for match in re.finditer(rule, line)
    ]


def test_all_texts_have_one_notation() -> None:
    """Differentials, exponentials, conditions and normal distributions look the same in all topics."""
    assert found([*TEMPLATES, *PAGES], NOTATION) == []


def test_german_texts_have_one_word_for_one_thing() -> None:
    """And their decimals have a comma. Pages have both languages: only what is no English is looked for there."""
    assert found(GERMAN, WORDS) == []
    assert found(PAGES, {rule: word for rule, word in WORDS.items() if rule not in ENGLISH}) == []
