"""One thread per test: the machine is shared, and thread counts may not decide a result."""

import pytest
import torch


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
