"""Few kernels find what more of them find, and no other values."""

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from devices import device
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from towers import Late, batch, plain

from rhoscope import Balance
from rhoscope.torch.likelihood import summed
from rhoscope.torch.linear_parts import even_parts, linear_parts, stacked_parts
from rhoscope.torch.outcomes import outcomes


@given(
    st.integers(1, 3), st.integers(1, 9), st.integers(2, 40), st.floats(1e-2, 1e3), st.integers(0, 2**32 - 1)
)
def test_sums_are_those_of_each_samples_outcome(m: int, n: int, c: int, spread: float, seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    logits = spread * torch.randn(m, n, c, generator=random)
    logits[:, ::2] = logits[:, ::2].round()  # among which are many that are equal
    target = torch.randint(c, (n,), generator=random)
    log_p, hits = outcomes(logits, target)
    result = summed(logits, target)
    torch.testing.assert_close(result[0].double(), log_p.sum(-1), rtol=1e-6, atol=1e-6)
    assert result[1].tolist() == hits.sum(-1).tolist()
    torch.testing.assert_close(result[2].double(), log_p.exp().sum(-1), rtol=1e-6, atol=1e-37)


@pytest.mark.parametrize("level", [0.0, 1e-3, 5.0, -1e4])
def test_of_equal_logits_the_first_is_the_likeliest(level: float) -> None:
    logits = torch.full((2, 4, 1000), level)
    assert summed(logits, torch.tensor([0, 1, 500, 999]))[1].tolist() == [1, 1]


@pytest.mark.parametrize("bias", [None, torch.arange(4.0)])
def test_a_heads_parts_side_by_side_are_its_parts(bias: Tensor | None) -> None:
    torch.manual_seed(0)
    features, weight = {m: torch.randn(5, 3) for m in "abc"}, torch.randn(4, 9)
    expected = torch.stack(list(linear_parts(weight, bias, features).values()))
    torch.testing.assert_close(stacked_parts(weight, bias, features), expected)
    joined = torch.cat(list(features.values()), 1)
    torch.testing.assert_close(even_parts(weight, bias, joined, 3), expected)


class Even(Late):
    """Two encoders of one width."""

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Sequential(nn.Linear(3, 8), nn.ReLU())
        self.head = nn.Linear(16, 4)


def rows(net: type[Late], names: str = "ab", parts: int = 1, **options: Any) -> list[dict[str, float]]:
    made = net()
    optimizer = torch.optim.SGD(made.parameters(), lr=0.1)
    seen = options.pop("seen", {})
    encoders = {m: getattr(made, m) for m in names}
    balance = Balance(encoders, head=made.head, optimizer=optimizer, **options)
    result = []
    for step in range(4):
        x, y, target = batch(seed=step)
        optimizer.zero_grad()
        for some in torch.arange(32).chunk(parts):
            loss = cross_entropy(made(x[some], y[some]), target[some])
            balance.observe(target[some], **seen)
            (loss / parts).backward()
        optimizer.step()
        result.append(plain(balance.values()))
    assert balance.number == 4
    return result


@pytest.mark.parametrize("net", [Late, Even])
@pytest.mark.parametrize(
    "options",
    [
        {"strategy": "watch"},
        {"strategy": "ogm"},
        {"strategy": "ogm", "alpha": 0.0},
        {"strategy": "ogm", "k_rule": "official-code"},
        {"strategy": "ogm", "k_rule": "journal"},
        {"strategy": "ogm", "every": 3},
        {"strategy": "ogm", "parts": 4},
        {"strategy": "ogm", "names": "ba"},
        {"strategy": "ogm", "names": "a"},
        {"strategy": "ogm", "seen": {"present": {"a": torch.arange(32) < 20}}},
        {"strategy": "ogm", "seen": {"loss": 0.5}},
        {"strategy": "ogm-ge"},
    ],
    ids=str,
)
def test_a_device_finds_what_a_cpu_finds(net: type[Late], options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    here = rows(net, **options)
    torch.manual_seed(0)
    with device():
        there = rows(net, **options)
    noisy = options["strategy"] == "ogm-ge"  # whose random numbers come in another order
    for one, other in zip(here[:1] if noisy else here, there, strict=not noisy):
        assert one.keys() == other.keys()
        for name in one:
            if not noisy or ("noise" not in name and "modulated" not in name and "step" not in name):
                assert other[name] == pytest.approx(one[name], rel=2e-5, abs=1e-6), name


def test_micro_batches_merge_also_where_some_samples_of_one_lack_a_modality() -> None:
    x, y, target = batch()
    result = []
    for is_device in (False, True):
        net = Even()
        balance = Balance({"a": net.a, "b": net.b}, head=net.head, strategy="ogm")
        with device() if is_device else nullcontext():
            for rows_of, present in ((slice(16), None), (slice(16, 32), {"b": torch.arange(16) < 9})):
                cross_entropy(net(x[rows_of], y[rows_of]), target[rows_of]).backward()
                balance.observe(target[rows_of], present=present)
            balance.step()
            result.append(plain(balance.values()))
    assert result[1] == pytest.approx(result[0], rel=1e-5)
    assert (result[0]["present.a"], result[0]["present.b"]) == (32, 25)


def test_scores_that_are_no_numbers_slow_nobody_down_also_at_the_steps_that_go_by_them() -> None:
    net = Even()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    balance = Balance({"a": net.a, "b": net.b}, optimizer=optimizer, strategy="ogm", every=2)
    with device():
        for step in range(2):
            x, y, target = batch(seed=step)
            alone = {"a": net.a(x)[:, :4], "b": torch.full((32, 4), torch.nan)}
            cross_entropy(net(x, y), target).backward()
            balance.observe(target, unimodal=alone)
            optimizer.step()
            row = plain(balance.values())
            assert (row["k.a"], row["k.b"]) == (1, 1)


def test_probabilities_of_0_slow_down_none_but_the_one_that_is_ahead() -> None:
    net = Even()
    balance = Balance({"a": net.a, "b": net.b}, strategy="ogm")
    x, y, target = batch()
    far = torch.full((32, 4), 1e4).scatter(1, target[:, None], 0.0)
    with device():
        for alone, expected in (({"a": 0 * far, "b": far}, (0, 1)), ({"a": far, "b": far}, (1, 1))):
            cross_entropy(net(x, y), target).backward()
            balance.observe(target, unimodal=alone)
            balance.step()
            row = plain(balance.values())
            assert (row["k.a"], row["k.b"]) == expected
            assert row["rho.a"] > 0
            assert torch.isfinite(torch.tensor(list(row.values()))).all()
