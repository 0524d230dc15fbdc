"""The symbol of a name that has no other: sigma becomes a Greek letter, x1 and w_new get an index."""

import re

GREEK = (  # noqa: SIM905
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi"
    " omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
).split()


def symbol_of(name: str) -> str:
    """A name as TeX of math mode."""
    stem, *rest = name.strip("_").split("_")
    if found := re.fullmatch(r"([A-Za-z]+?)(\d+)", stem):
        stem, rest = found[1], [found[2], *rest]
    first = f"\\{stem}" if stem in GREEK else stem if len(stem) == 1 else f"\\mathrm{{{stem}}}"
    below = ",".join(_index(part) for part in rest if part)
    return f"{first}_{{{below}}}" if below else first


def _index(part: str) -> str:
    if part in GREEK:
        return f"\\{part}"
    return part if len(part) == 1 or part.isdigit() else f"\\mathrm{{{part}}}"
