"""Build smartwatch.npz from a Python package, byte for byte the same on any machine.

    python trainer/datasets/data/build_smartwatch.py SEGLEARN_WHEEL

The wheel of seglearn 1.2.5 holds the recordings as a pickle, which only this script ever opens: what it may
name are numpy's arrays, and nothing else.
"""

import argparse
import hashlib
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from trainer.datasets.data.archive import Arrays, write

HERE = Path(__file__).parent
SOURCE = "seglearn/data/watch_dataset.npy"
SHA256 = "eb122f23cdf06ef6bd6c6c5312958ec5cf9d038e2e6d457b8081662c75a42537"
HEADER = 128
"""Bytes of numpy's own header before the pickle."""
ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}


class ArraysOnly(pickle.Unpickler):
    """Refuses a pickle that names anything but numpy's arrays."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"{SOURCE} names {module}.{name}, which no array needs.")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def recordings(wheel: Path) -> Arrays:
    """Samples [244102, 6] of all series one after the other; length, subject, side, exercise [140]."""
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(SOURCE)
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"{SOURCE} is not the one of seglearn 1.2.5; its hash differs.")
    source = ArraysOnly(io.BytesIO(content[HEADER:])).load().item()
    return {
        "sample": np.concatenate(source["X"]).astype("<f2"),
        "length": np.array([len(series) for series in source["X"]], "<u2"),
        "subject": source["subject"].astype("u1"),
        "right": source["side"].astype("u1"),
        "exercise": source["y"].astype("u1"),
        "channels": np.array(source["X_labels"]),
        "exercises": np.array(source["y_labels"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "smartwatch.npz")
    options = parser.parse_args()
    write(recordings(options.wheel), options.out)


if __name__ == "__main__":
    main()
