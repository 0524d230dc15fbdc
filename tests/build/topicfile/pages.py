"""A small topic on one page, and copies of it in which something is changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from blattwerk.build.order import pages
from blattwerk.build.order.catalogue import Topic, look_into, whole_catalogue
from blattwerk.build.order.pages import place_of_page
from blattwerk.build.topicfile.topic import compiled

COIN = """\
---
topic: coin
title.en: A biased coin
title.de: Eine unfaire Münze
source: Bishop, Pattern Recognition and Machine Learning (2006), exercise 2.1
---

```python draw
p = fraction(1, 98, 99)  # p
shift = integer(1, 1000000)  # s
require(p != Fraction(1, 2))
```

```python solve
mean = p + shift                # \\mathbb{E}[x]
second = p * (1 + shift)**2 + (1 - p) * shift**2
variance = second - mean**2     # \\operatorname{Var}[x]
entropy = -p * log(p) - (1 - p) * log(1 - p)    # H
```

```python check enumeration
faces = ((shift, 1 - p), (shift + 1, p))
mean = sum(x * w for x, w in faces)
second = sum(x * x * w for x, w in faces)
variance = sum((x - mean)**2 * w for x, w in faces)
import math
entropy = -sum(float(w) * math.log(w) for x, w in faces)
```

```python check scipy
from scipy import stats
coin = stats.bernoulli(float(p), loc=shift)
mean, variance, entropy = coin.mean(), coin.var(), coin.entropy()
```

:en: A coin shows $x = {{shift + 1}}$ with probability $p = {{p}}$, and $x = {{shift}}$ otherwise.
:de: Eine Münze zeigt $x = {{shift + 1}}$ mit Wahrscheinlichkeit $p = {{p}}$ und sonst $x = {{shift}}$.

## moments {points=3 asks="mean, variance" hold="variance < mean"}
:en: Compute the mean and the variance.
:de: Berechnen Sie Erwartungswert und Varianz.
:hint.en: There are *two* faces{{if shown(entropy)}}, here and in {{letter entropy}}{{end}}.
:hint.de: Es gibt *zwei* Seiten{{if shown(entropy)}}, hier und in {{letter entropy}}{{end}}.
```python mistake -1
# the square of the mean forgotten | das Quadrat des Erwartungswerts vergessen
variance = second
```

## entropy {points=2 asks="entropy"}
:en: Compute the entropy $H$ in nats, to four decimals.
:de: Berechnen Sie die Entropie $H$ in Nat, auf vier Nachkommastellen.
:hint.en: It does not depend on $s$.
:hint.de: Sie hängt nicht von $s$ ab.
:rubric 2: the value | der Wert
:mistake 1: logarithm to the base 2 | Logarithmus zur Basis 2

## bound {points=2}
:en: Show that $p (1 - p) \\le 1/4$ for all $p$.
:de: Zeigen Sie $p (1 - p) \\le 1/4$ für alle $p$.
:hint.en: Complete the square.
:hint.de: Ergänzen Sie quadratisch.
```python prove
p = unit
p * (1 - p) == 1/4 - (p - 1/2)**2
_ <= 1/4    # a square is not negative | ein Quadrat ist nicht negativ
```
"""

BARS = """\
```python figure faces
# two bars of heights {{p}} and {{1 - p}} | zwei Säulen der Höhen {{p}} und {{1 - p}}
bars(("1", "0"), ("p", (p, 1 - p)), grid=10)
```
"""


def page(folder: Path, *changes: tuple[str, str]) -> Path:
    """The coin in a file of this folder, with these changes."""
    text = COIN
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = folder / "coin.md"
    file.write_text(text, encoding="utf-8")
    return file


def topic(file: Path) -> Topic:
    """The topic of a file, as a door of the catalogue hands it on."""
    return Topic(compiled(str(file)).exercise, "topics", "", place_of_page(file))


def line(file: Path, text: str) -> int:
    """The number of the first line that holds a text."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, one in enumerate(lines, 1) if text in one)


@contextmanager
def known_topic(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalogue looks into this file."""
    monkeypatch.setattr(pages, "_named", [])
    whole_catalogue.cache_clear()
    look_into(file)
    yield
    whole_catalogue.cache_clear()
