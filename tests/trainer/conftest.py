"""One thread per test: the machine is shared, and thread counts may not decide a result."""

import pytest
import torch

from trainer.datasets.synthetic import Synthetic


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def few_are_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what is not about accuracy: to draw and to test 3,000 examples takes longer than a short run."""
    monkeypatch.setattr(Synthetic, "tested", {"validation": 96, "test": 128})
