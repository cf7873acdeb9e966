"""Quick modes of benchmarks: copies, as the product is in tests, with all of ours that they start."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATH = {"PYTHONPATH": str(Path(__file__).parent)}
PARTS = ("flood", "listening", "pace", "trackers.measure", "watching")
"""Programs that benchmarks start."""


def benchmarks() -> list[str]:
    """Their names."""
    return sorted(path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py"))


def modules() -> list[str]:
    """What a copy runs."""
    parts = [f"rig.{part}" for part in PARTS]
    return ["chromium", "tensorboard.main", *(f"benchmarks.{name}" for name in (*benchmarks(), *parts))]


def command(name: str) -> list[str]:
    """What is typed for a quick mode."""
    return [sys.executable, "-m", f"benchmarks.{name}", "--quick"]
