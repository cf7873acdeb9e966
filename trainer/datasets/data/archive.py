"""How embedded data sets are stored: npz archives that come out the same byte for byte everywhere."""

import hashlib
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

EPOCH = (1980, 1, 1, 0, 0, 0)
Arrays = dict[str, NDArray[Any]]


def pack(arrays: Arrays) -> bytes:
    """An npz archive, stored and with fixed times: compressed bytes would differ between zlib versions."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), content.getvalue())
    return archive.getvalue()


def write(arrays: Arrays, path: Path) -> None:
    """Write an archive, and print its SHA-256 for the data card."""
    content = pack(arrays)
    path.write_bytes(content)
    sys.stdout.write(f"{hashlib.sha256(content).hexdigest()}  {path.name}\n")
