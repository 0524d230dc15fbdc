"""The symbol of a name that has no other: sigma becomes a Greek letter, x1 and w_new get an index."""

import re
from collections.abc import Iterator

from blattwerk.vocabulary.writers import ATOM, POWER, PREFIX, PRODUCT, QUOTIENT, SUM

GREEK = (  # noqa: SIM905  # two dozen words read better without their quotes
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


_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\S")
_OPENING = {"{": "}", "(": ")", "[": "]"}
_AROUND = {"hat", "bar", "tilde", "vec", "dot", "overline", "underline", "operatorname", "boldsymbol", "bm"}
_AROUND |= {"mathbf", "mathbb", "mathcal", "mathrm", "mathsf", "mathit", "text", "mathop", "widehat", "widetilde"}
_NOTHING = {"\\left", "\\right", "\\,", "\\;", "\\!", "\\:", "\\ ", "'", "~"}


def binding(symbol: str) -> int:
    """How tightly a symbol binds: X^T X, an author's symbol for one matrix, needs brackets before it is inverted."""
    atoms, level, before = 0, ATOM, ""
    for token in _outermost(symbol):
        if token in ("+", "-", "\\pm") and atoms:
            return SUM
        if token in ("+", "-"):
            level = min(level, PREFIX)
        elif token in ("/", "\\cdot", "\\times", "\\odot"):
            level = min(level, PRODUCT)
        elif token == "^":
            level = min(level, POWER)
        elif not (token == "()" and before):  # behind a name they are its arguments: H(S)
            atoms += 1
        before = token
    return min(level, QUOTIENT) if atoms > 1 else level  # beside another factor it needs none


def _outermost(symbol: str) -> Iterator[str]:
    """The tokens of a symbol that stand in no brackets, without indices; a pair of brackets is one token."""
    tokens = iter(_TOKEN.findall(symbol))
    for token in tokens:
        if token in _NOTHING:
            continue
        if token in _OPENING:
            _skip(tokens, token)
            yield "()"
        elif token in "_^":
            _argument(tokens)
            if token == "^":
                yield token
        else:
            if token[1:] in _AROUND:
                _argument(tokens)
            yield token


def _argument(tokens: Iterator[str]) -> None:
    token = next(tokens, "")
    if token in _OPENING:
        _skip(tokens, token)
    elif token[1:] in _AROUND:
        _argument(tokens)


def _skip(tokens: Iterator[str], opened: str) -> None:
    """Go on to behind the bracket that closes this one."""
    for token in tokens:
        if token == _OPENING[opened]:
            return
        if token in _OPENING:
            _skip(tokens, token)
