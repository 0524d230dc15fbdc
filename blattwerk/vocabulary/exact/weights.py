"""Draws for small layers W v + b: whole numbers other than 0, and the biases that lead to chosen results."""

from collections.abc import Iterable

from blattwerk.vocabulary.draws import Draws

Vector = tuple[int, ...]


def up_to(largest: int) -> Vector:
    """All whole numbers up to a size, but 0."""
    return tuple(n for n in range(-largest, largest + 1) if n)


def nonzero(draws: Draws, name: str, count: int, largest: int) -> Vector:
    """`count` whole numbers up to a size, none of them 0."""
    return tuple(draws.choice(f"{name}[{i}]", up_to(largest)) for i in range(count))


def biases(results: Iterable[int], rows: Iterable[Vector], before: Vector) -> Vector:
    """b with W v + b = z."""
    return tuple(z - sum(w * v for w, v in zip(row, before, strict=True)) for z, row in zip(results, rows, strict=True))
