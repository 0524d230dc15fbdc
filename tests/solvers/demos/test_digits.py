"""The digits: scikit-learn's, and MNIST's files with all that can be wrong with them."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from blattwerk.errors import InputError
from blattwerk.solvers.demos.digits import FILES, IMAGES, LABELS, check_mnist, digits


def idx(magic: int, *shape: int) -> bytes:
    """A whole idx file with the bytes 0, 1, 2, ..."""
    size = int(np.prod(shape))
    return struct.pack(f">I{len(shape)}I", magic, *shape) + bytes(i % 10 for i in range(size))


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    """A folder with four small files of the right form, one of them packed."""
    for name in FILES:
        count = 6 if name.startswith("train") else 4
        content = idx(IMAGES, count, 28, 28) if "images" in name else idx(LABELS, count)
        (tmp_path / name).write_bytes(content)
    (tmp_path / f"{FILES[1]}.gz").write_bytes(gzip.compress((tmp_path / FILES[1]).read_bytes()))
    (tmp_path / FILES[1]).unlink()
    return tmp_path


def test_scikit_learns_digits_are_the_default() -> None:
    """1797 images of 8 x 8 pixels from 0 to 1, with all ten labels."""
    data = digits()
    assert data.images.shape == (1797, 8, 8) and data.side == 8
    assert (data.images.min(), data.images.max()) == (0.0, 1.0)
    assert set(data.labels) == set(range(10))


def test_mnist_is_read_from_its_files(mnist: Path) -> None:
    """Big-endian, row by row, scaled to 0..1; packed files too."""
    check_mnist(mnist)
    data = digits(str(mnist))
    assert data.images.shape == (6, 28, 28)
    assert data.images[0, 0, 3] == 3 / 255
    assert data.labels.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (FILES[0], idx(LABELS, 6, 28, 28), "is not an idx file of this kind: it begins with 2049, not with 2051"),
        (FILES[0], idx(IMAGES, 6, 28, 28)[:-1], r"is damaged: its head announces 4704 bytes, 4703 follow"),
        (FILES[0], idx(IMAGES, 6, 8, 8), "holds images of 8 x 8 pixels, not 28 x 28"),
        (FILES[2], idx(IMAGES, 5, 28, 28), "holds 5 images, but there are 4 labels"),
        (FILES[3], b"", "is not an idx file of this kind: it begins with 0"),
        (FILES[3], None, f"there is no {FILES[3]} .* in .*; --mnist takes a folder with {FILES[0]}, "),
        (f"{FILES[1]}.gz", b"no gzip", "cannot be read: Not a gzipped file"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(mnist: Path, name: str, content: bytes | None, message: str) -> None:
    """Magic numbers, sizes, missing and damaged files."""
    if content is None:
        (mnist / name).unlink()
    else:
        (mnist / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        check_mnist(mnist)
