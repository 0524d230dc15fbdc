"""Handwritten digits: the 8 x 8 digits that come with scikit-learn, or MNIST from a folder with its four idx files.

The idx format (LeCun, Cortes, Burges, The MNIST database): big-endian; magic number 2051 for images (then count, rows,
columns, one byte a pixel) and 2049 for labels (then count, one byte a label). Files may be packed with gzip.
"""

import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from blattwerk.errors import InputError

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
IMAGES, LABELS = 2051, 2049
SMALL, FIRST = 8, 5000  # pixels along an edge of the small digits, and how many there are at most


@dataclass(frozen=True)
class Digits:
    """Images (count, side, side) with values from 0 (white) to 1 (black), and their labels 0..9 (count)."""

    images: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int64]

    @property
    def side(self) -> int:
        """Pixels along an edge."""
        return int(self.images.shape[1])


@cache
def digits(mnist: str = "") -> Digits:
    """MNIST's training images from this folder, or scikit-learn's 1797 digits where there is none named.

    Raises InputError where a file is missing or not what it should be.
    """
    if mnist:
        images, labels = (_read(Path(mnist), name) for name in FILES[:2])
        return Digits(images / 255.0, labels.astype(np.int64))
    from sklearn.datasets import load_digits

    data = load_digits()
    return Digits(data.images / 16.0, data.target.astype(np.int64))


@cache
def small_digits(mnist: str = "") -> Digits:
    """Digits of 8 x 8 pixels: scikit-learn's, or MNIST's first 5000 without two pixels at each edge, by means of 3 x 3.

    MNIST's digits themselves have 20 x 20 of the 28 x 28 pixels. Raises InputError as `digits` does.
    """
    data = digits(mnist)
    if data.side == SMALL:
        return data
    inner = data.images[:FIRST, 2:-2, 2:-2]
    return Digits(inner.reshape(-1, SMALL, 3, SMALL, 3).mean(axis=(2, 4)), data.labels[:FIRST])


def check_mnist(folder: Path) -> None:
    """Raise InputError unless all four files are there and whole, and there is a label for each image."""
    counts = [len(_read(folder, name)) for name in FILES]
    for images, labels, name in ((counts[0], counts[1], FILES[0]), (counts[2], counts[3], FILES[2])):
        if images != labels:
            raise InputError(
                f"{folder / name} holds {images} images, but there are {labels} labels; fetch the files again"
            )


def _read(folder: Path, name: str) -> npt.NDArray[np.uint8]:
    """The content of one idx file; raises InputError that says what is wrong with it."""
    path = next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None)
    if path is None:
        raise InputError(
            f"there is no {name} (or {name}.gz) in {folder}; --mnist takes a folder with {', '.join(FILES)}"
        )
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    expected, dimensions = (IMAGES, 3) if "images" in name else (LABELS, 1)
    head = 4 + 4 * dimensions
    magic = int.from_bytes(data[:4], "big")
    if magic != expected or len(data) < head:
        raise InputError(f"{path} is not an idx file of this kind: it begins with {magic}, not with {expected}")
    shape = tuple(int.from_bytes(data[i : i + 4], "big") for i in range(4, head, 4))
    size = int(np.prod(shape))
    if len(data) - head != size:
        raise InputError(f"{path} is damaged: its head announces {size} bytes, {len(data) - head} follow")
    if dimensions == 3 and shape[1:] != (28, 28):
        raise InputError(f"{path} holds images of {shape[1]} x {shape[2]} pixels, not 28 x 28")
    return np.frombuffer(data, np.uint8, offset=head).reshape(shape)
