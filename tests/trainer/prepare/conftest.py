"""Data sets as they are published, small."""

import shutil
from collections.abc import Callable
from pathlib import Path

import media
import pytest


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Each encoded once: that takes longer than most of what is done with it."""
    made: dict[str, Path] = {}

    def model(name: str) -> Path:
        if name not in made:
            made[name] = media.PUBLISHED[name](tmp_path_factory.mktemp(name) / "source")
        return made[name]

    return model


@pytest.fixture
def publish(models: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """A copy of one that a test may change."""
    return lambda name: Path(shutil.copytree(models(name), tmp_path / "source"))
