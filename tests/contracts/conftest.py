"""One thread per test: the machine is shared, and thread counts may not decide a result."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from combined import AGAIN, ONCE, small

from trainer.datasets.synthetic import Synthetic


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _few_are_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """No contract is about accuracy: to draw and to test 3,000 examples takes longer than eight steps."""
    monkeypatch.setattr(Synthetic, "tested", {"validation": 96, "test": 128})


def named(combination: Sequence[object]) -> str:
    return "-".join(map(str, combination))


@pytest.fixture(params=ONCE, ids=named)
def spec(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Every strategy with every fusion that it fits, with two or three modalities."""
    return small(*request.param)


@pytest.fixture(params=ONCE + AGAIN, ids=named)
def any_spec(request: pytest.FixtureRequest) -> dict[str, Any]:
    """All of these, and each strategy and each fusion with the other number of modalities."""
    return small(*request.param)
