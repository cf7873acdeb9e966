"""Stand-ins for a modality alone: by their definition, and without a trace in the network."""

from collections.abc import Callable
from itertools import permutations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from towers import Late, batch, plain

from rhoscope import Balance

M = ("a", "b", "c")


class Mixed(nn.Module):
    """Three encoders, and a head that multiplies them, with dropout and statistics of its own."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoders = nn.ModuleDict({m: nn.Linear(6, 4) for m in M})
        self.head = Head()

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.head(*(encoder(x) for encoder in self.encoders.values()))
        return answer


class Head(nn.Module):
    """Takes each modality's features where the network's author put them."""

    def __init__(self) -> None:
        super().__init__()
        self.mix, self.out = nn.Linear(4, 8), nn.Linear(8, 4)
        self.norm, self.drop = nn.BatchNorm1d(8), nn.Dropout(0.5)
        self.calls = 0

    def forward(self, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
        self.calls += 1
        answer: Tensor = self.out(self.drop(self.norm(self.mix(a * b + c))))
        return answer


def looked(net: Mixed, alone: str) -> dict[str, float]:
    """One step, and that the network is what it was."""
    balance = Balance(dict(net.encoders), head=net.head, alone=alone)
    x, _, target = batch()
    loss = cross_entropy(net(x), target)
    buffers = [one.clone() for one in net.head.buffers()]
    state, calls = torch.get_rng_state(), net.head.calls
    balance.observe(target)
    assert net.head.calls == calls + 1
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(*pair) for pair in zip(buffers, net.head.buffers(), strict=True))
    assert net.head.drop.training
    loss.backward()
    balance.step()
    return plain(balance.values())


def answers(net: Mixed) -> tuple[Callable[[tuple[str, ...]], Tensor], Tensor]:
    """The head's outputs with some modalities only, by hand."""
    x, _, target = batch()
    net.head.eval()
    features = {m: encoder(x) for m, encoder in net.encoders.items()}

    def given(members: tuple[str, ...]) -> Tensor:
        return net.head(*(f if m in members else torch.zeros_like(f) for m, f in features.items()))

    return given, target


def score(logits: Tensor, target: Tensor) -> float:
    return logits.softmax(1).gather(1, target[:, None]).mean().item()


def test_ablation_asks_the_head_once_for_all_modalities() -> None:
    net = Mixed()
    row = looked(net, "ablate")
    given, target = answers(net)
    for m in M:
        assert row[f"score.{m}"] == pytest.approx(score(given((m,)), target), rel=1e-5)


def test_a_shapley_value_is_the_mean_contribution_over_all_orders() -> None:
    net = Mixed()
    row = looked(net, "shapley")
    given, target = answers(net)
    values = dict.fromkeys(M, given(()) / 3)
    for order in permutations(M):
        for place, m in enumerate(order):
            values[m] = values[m] + (given(order[: place + 1]) - given(order[:place])) / 6
    assert torch.allclose(sum(values.values()), given(M), atol=1e-5)
    for m in M:
        assert row[f"score.{m}"] == pytest.approx(score(values[m], target), rel=1e-5)


@pytest.mark.parametrize("alone", ["shapley", "split"])
def test_of_a_linear_head_shapley_values_are_its_parts(alone: str) -> None:
    net = Late()
    balance = Balance({"b": net.b, "a": net.a}, head=net.head, alone=alone)
    x, y, target = batch()
    loss = cross_entropy(net(x, y), target)
    balance.observe(target)
    loss.backward()
    balance.step()
    part = net.a(x) @ net.head.weight[:, :8].T + net.head.bias / 2
    assert balance.values()["score.a"].item() == pytest.approx(score(part, target), rel=1e-5)


class Named(nn.Module):
    """A head that takes a mapping and a list, and something that is no feature."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(4, 4)

    def forward(self, tokens: dict[str, Tensor], others: list[Tensor], scale: float) -> Tensor:
        answer: Tensor = scale * self.out(tokens["a"] * 2 + others[0])
        return answer


def test_features_are_found_wherever_the_head_takes_them() -> None:
    torch.manual_seed(0)
    a, b, head = nn.Linear(6, 4), nn.Linear(6, 4), Named()
    balance = Balance({"a": a, "b": b}, head=head, alone="ablate", absent="batch-mean")
    x, _, target = batch()
    loss = cross_entropy(head({"a": a(x)}, others=[b(x)], scale=0.5), target)
    balance.observe(target)
    loss.backward()
    balance.step()
    expected = head({"a": a(x)}, [b(x).mean(0, keepdim=True).expand(32, -1)], 0.5)
    assert balance.values()["score.a"].item() == pytest.approx(score(expected, target), rel=1e-5)


def test_a_head_that_is_not_called_with_the_features_is_named_as_the_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    torch.manual_seed(0)
    a, head = nn.Linear(6, 4), nn.Linear(4, 4)
    balance = Balance({"a": a}, head=nn.Sequential(nn.ReLU(), head), alone="ablate")
    x, _, target = batch()
    balance.observe(target, features={"a": a(x)[:, :3]})
    assert balance.step() is None
    assert len(caplog.records) == 1


def test_a_probe_goes_on_where_it_was_resumed() -> None:
    def balanced() -> tuple[Mixed, Balance]:
        net = Mixed()
        return net, Balance(dict(net.encoders), head=net.head, alone="probe", classes=4)

    def step(net: Mixed, balance: Balance, seed: int) -> float:
        x, _, target = batch(seed=seed)
        cross_entropy(net(x), target).backward()
        balance.observe(target)
        balance.step()
        return balance.values()["score.a"].item()

    net, balance = balanced()
    for seed in range(3):
        step(net, balance, seed)
    saved = balance.state_dict()
    later, resumed = balanced()
    resumed.load_state_dict(saved)
    assert step(later, resumed, 3) == step(net, balance, 3)
    assert resumed.number == balance.number == 4


@pytest.mark.parametrize("alone", ["ablate", "shapley", "probe"])
def test_a_network_in_mixed_precision_is_asked_in_it(alone: str, caplog: pytest.LogCaptureFixture) -> None:
    net = Mixed()
    balance = Balance(dict(net.encoders), head=net.head, alone=alone, classes=4)
    x, _, target = batch()
    with torch.autocast("cpu", torch.bfloat16):
        loss = cross_entropy(net(x), target)
    balance.observe(target)
    loss.backward()
    balance.step()
    assert caplog.records == []
    assert balance.values()["score.a"].item() > 0
