"""One thread per test: the machine is shared, and thread counts may not decide a result."""

from typing import Any

import pytest
import torch
from combined import COMBINATIONS, small

from trainer.datasets.synthetic import Synthetic


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _few_are_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """No contract is about accuracy: to draw and to test 3,000 examples takes longer than eight steps."""
    monkeypatch.setattr(Synthetic, "tested", {"validation": 96, "test": 128})


@pytest.fixture(params=COMBINATIONS, ids=lambda c: "-".join(map(str, c)))
def spec(request: pytest.FixtureRequest) -> dict[str, Any]:
    return small(*request.param)
