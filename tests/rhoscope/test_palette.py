"""Colors that everybody tells apart: with normal vision, with deuteranopia and with protanopia."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from rhoscope import palette

VISION = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
"""Machado, Oliveira and Fernandes 2009, full strength, on linear RGB."""
LEAST = 16.0
"""Distance in CIELAB; neighbors on a chart are told apart from about 10 on."""


def linear(color: str) -> NDArray[np.float64]:
    parts = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.clip(to_xyz @ rgb, 1e-9, None) / np.array([0.9505, 1.0, 1.089])
    fx, fy, fz = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("scheme", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_runs_are_told_apart_from_each_other_and_from_the_first_modalities(
    scheme: dict[str, str], vision: str
) -> None:
    names = [palette.of_run(i) for i in range(palette.RUNS)] + [palette.of_modality(i) for i in range(2)]
    seen = {name: lab(np.clip(VISION[vision] @ linear(scheme[name]), 0, 1)) for name in names}
    close = {
        (a, b): round(float(np.linalg.norm(seen[a] - seen[b])), 1)
        for a, b in itertools.combinations(names, 2)
        if np.linalg.norm(seen[a] - seen[b]) < LEAST
    }
    assert close == {}


@pytest.mark.parametrize("scheme", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_lines_stand_out_from_what_is_behind_them(scheme: dict[str, str]) -> None:
    luminance = np.array([0.2126, 0.7152, 0.0722])
    behind = float(luminance @ linear(scheme["surface"]))
    for name in [palette.of_run(i) for i in range(palette.RUNS)]:
        one = float(luminance @ linear(scheme[name]))
        assert (max(one, behind) + 0.05) / (min(one, behind) + 0.05) >= 3, name
