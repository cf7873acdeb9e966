"""The ways of a device where there is none."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from torch import Tensor


@contextmanager
def device() -> Iterator[None]:
    """Every tensor says that it is on no CPU, so the ways of a device are taken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tensor, "is_cpu", property(lambda _: False), raising=False)
        yield
