"""The colors of all charts, distinguishable with red-green color vision deficiencies.

The page has the same in `dashboard/page/style/palette.css`; a test compares them.
"""

from collections.abc import Sequence

LIGHT: dict[str, str] = {
    "joint": "#3a4252",
    "modality-0": "#d1610a",
    "modality-1": "#1c6fc4",
    "modality-2": "#128066",
    "modality-3": "#a3408f",
    "modality-4": "#7a6a00",
    "modality-5": "#6a4bc4",
    "run-0": "#4154e3",
    "run-1": "#800f32",
    "run-2": "#05a0ae",
    "run-3": "#a29060",
    "run-4": "#3a3b70",
    "run-5": "#7d3c00",
    "run-6": "#935a6d",
    "run-7": "#353294",
    "run-8": "#1697cc",
    "run-9": "#1305f9",
    "surface": "#ffffff",
    "ground": "#f6f7f9",
    "line": "#e4e7ec",
    "line-strong": "#cdd2db",
    "ink": "#171a21",
    "ink-2": "#566072",
    "accent": "#4f46e5",
    "accent-soft": "#eef2ff",
    "chart-grid": "#eceef2",
    "chart-axis": "#667085",
    "chart-reference": "#98a1b0",
    "chart-mark": "#6366f1",
    "chart-odd": "#d92d20",
}
DARK: dict[str, str] = {
    "joint": "#dfe3ea",
    "modality-0": "#ff9f4a",
    "modality-1": "#62b0ff",
    "modality-2": "#3fcaa8",
    "modality-3": "#e58fd5",
    "modality-4": "#d9c548",
    "modality-5": "#b3a0ff",
    "run-0": "#885fc1",
    "run-1": "#cf4f0c",
    "run-2": "#95fcce",
    "run-3": "#60f985",
    "run-4": "#2c6afe",
    "run-5": "#fbed0c",
    "run-6": "#ab6349",
    "run-7": "#c44189",
    "run-8": "#8ee3f0",
    "run-9": "#9bb189",
    "surface": "#191c24",
    "ground": "#101218",
    "line": "#2a2f3a",
    "line-strong": "#3f4655",
    "ink": "#edeff4",
    "ink-2": "#a3abba",
    "accent": "#8b93fb",
    "accent-soft": "#262b4a",
    "chart-grid": "#262b35",
    "chart-axis": "#98a1b2",
    "chart-reference": "#687184",
    "chart-mark": "#a5b4fc",
    "chart-odd": "#ff6b61",
}
RUNS, MODALITIES = 10, 6
FIXED = ("audio", "visual", "text")
"""Modalities whose hues do not depend on any other."""


def of_run(place: int) -> str:
    """A run's color by its place among those shown.

    >>> of_run(11)
    'run-1'
    """
    return f"run-{place % RUNS}"


def hues(names: Sequence[str]) -> dict[str, int]:
    """The hue of each modality by its name, so that it is the same in every run and beside any others.

    Well-known names are fixed, others follow from their letters; of two that would be the same, the later in
    alphabetical order takes the next that is free. The page does the same in `charts/hues.js`.

    >>> hues(["visual"]), hues(["sensor", "audio"])
    ({'visual': 1}, {'audio': 0, 'sensor': 2})
    """
    given = {name: FIXED.index(name) for name in names if name in FIXED}
    for name in sorted(set(names) - set(FIXED)):
        first = _letters_sum(name)
        places = [(first + i) % MODALITIES for i in range(MODALITIES)]
        given[name] = next((place for place in places if place not in given.values()), places[0])
    return given


def _letters_sum(name: str) -> int:
    total = 0
    for byte in name.encode():
        total = (31 * total + byte) % 65521
    return total % MODALITIES


def of_modality(place: int) -> str:
    """A modality's color by its hue; -1 is all of them jointly.

    >>> of_modality(-1), of_modality(0)
    ('joint', 'modality-0')
    """
    return "joint" if place < 0 else f"modality-{place % MODALITIES}"
