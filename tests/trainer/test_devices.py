"""Small vectors are numpy's where there is no device to wait for: a device's own operators find the same."""

from typing import Any

import numpy as np
import pytest
import torch
from devices import device
from hypothesis import given
from hypothesis import strategies as st
from recorded import Trained

from rhoscope.torch.balance import measure, ratios
from rhoscope.torch.coefficients import shares_kept
from rhoscope.torch.host import tensor_of
from rhoscope.torch.outcomes import log_sums
from trainer.attempt.session import HOST_SERIES

SMALL = {
    "dataset": "synthetic",
    "epochs": 1,
    "train_size": 96,
    "batch_size": 16,
    "previews": False,
    "norms_every": 1,
    "effects_every": 1,
}
FINITE = st.floats(-50, 50, width=32)


@given(st.integers(1, 4), st.integers(2, 5), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_scores_and_ratios_of_a_batch(modalities: int, classes: int, samples: int, seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    logits = {f"m{i}": 9 * torch.randn(samples, classes, generator=random) for i in range(modalities)}
    target = torch.randint(classes, (samples,), generator=random)
    fused = torch.stack(list(logits.values())).sum(0)
    here = measure(logits, target, fused=fused)
    with device():
        there = measure(logits, target, fused=fused)
        pairs = [(ratios(here.log_score, rule), ratios(there.log_score, rule)) for rule in ("mean", "min")]
    pairs += [(ratios(here.log_score, rule), ratios(there.log_score, rule)) for rule in ("mean", "min")]
    pairs += [(here.log_score, there.log_score), (here.loss, there.loss), (here.accuracy, there.accuracy)]
    assert here.fused is not None
    assert there.fused is not None
    both = [(here.fused, there.fused), (here.table(here.ratios()), there.table(there.ratios()))]
    for plain, device_made in both:
        torch.testing.assert_close(tensor_of(plain).flatten(), tensor_of(device_made).flatten())
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


@given(st.lists(st.floats(0, 20, width=32), min_size=1, max_size=4), st.floats(0, 3, width=32))
def test_the_coefficients_of_a_step(rho: list[float], alpha: float) -> None:
    for rule in ("paper", "official-code", "journal"):
        here = shares_kept(torch.tensor(rho, dtype=torch.float64), alpha, rule)
        with device():
            there = shares_kept(torch.tensor(rho, dtype=torch.float64), alpha, rule)
        torch.testing.assert_close(here, there, rtol=1e-12, atol=1e-12)


@given(st.lists(st.one_of(FINITE, st.sampled_from([float("-inf"), float("nan")])), min_size=1, max_size=9))
def test_sums_of_logarithms(logs: list[float]) -> None:
    values = torch.tensor([logs, logs], dtype=torch.float64)
    with device():
        there = log_sums(values)
    torch.testing.assert_close(log_sums(values), there, rtol=1e-12, atol=1e-12, equal_nan=True)


@pytest.mark.parametrize(
    "spec",
    [
        {"strategy": "joint"},
        {"strategy": "ogm-ge", "noise": "tensor-std"},
        {"strategy": "ogm-ge", "k_rule": "official-code", "noise": "sgd-diagonal"},
        {"strategy": "agm"},
    ],
    ids=lambda spec: "-".join(str(value) for value in spec.values()),
)
def test_every_series_of_a_run(spec: dict[str, Any]) -> None:
    here = Trained({**SMALL, **spec}).sink
    with device():
        there = Trained({**SMALL, **spec}).sink
    assert here.names() == there.names()
    assert len(here.steps()) == 6
    for name in here.names() - set(HOST_SERIES):
        np.testing.assert_allclose(here.series(name), there.series(name), rtol=2e-4, atol=1e-6, err_msg=name)
