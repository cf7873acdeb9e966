"""Each kind of bad input to `rhoscope.Balance`: refused at once by name, or one line of warning."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from towers import Late, batch, plain

from rhoscope import Balance
from rhoscope.errors import InvalidInput


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": "much"}, "alpha: expected a number"),
        ({"alpha": -1.0}, "alpha: .* from 0 to 100"),
        ({"noise_scale": "x"}, "noise_scale: expected a number"),
        ({"window": (5, 2)}, "window: expected the first and the last step"),
        ({"window": 5}, "window: expected the first and the last step"),
        ({"optimizer": "sgd"}, "optimizer: expected an optimizer of torch"),
        ({"scaler": 3}, "scaler: expected a gradient scaler"),
        ({"head": "fc"}, "head: expected a module"),
        ({"scope": "conv", "strategy": "ogm"}, "scope: nothing of the encoder of 'a'"),
        ({"scope": "weights"}, "scope: expected one of all, conv, auto"),
        ({"task": "tokens", "without": ("image",)}, "without: expected some of a, b"),
    ],
)
def test_an_option_that_fits_no_balance_is_named(options: dict[str, Any], message: str) -> None:
    net = Late()
    with pytest.raises(InvalidInput, match=message):
        Balance({"a": net.a, "b": net.b}, **{"head": net.head, **options})


@pytest.mark.parametrize(
    "encoders", [[nn.Linear(2, 2)], {}, {"a": 3}, {"a.b": nn.Linear(2, 2)}, {"": nn.ReLU()}]
)
def test_what_is_no_set_of_encoders_is_refused(encoders: Any) -> None:
    with pytest.raises(InvalidInput, match="encoders"):
        Balance(encoders)


def test_encoders_without_parameters_are_not_modulated_in_silence() -> None:
    with pytest.raises(InvalidInput, match="none has parameters"):
        Balance({"a": nn.ReLU(), "b": nn.ReLU()}, strategy="ogm")


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ({"present": {"audio": torch.ones(32)}}, "present names 'audio'"),
        ({"present": {"a": torch.ones(3)}}, "should have 32 numbers"),
        ({"weight": torch.ones(32, 1)}, "one number per sample"),
        ({"weight": torch.ones(4)}, "should have 32 numbers"),
        ({"loss": torch.ones(3)}, "the loss should be one number"),
        ({"lable": 1}, "observe has no 'lable'"),
        ({"unimodal": {"a": torch.ones(32, 4)}}, "no features of b"),
        ({"unimodal": {"a": torch.ones(32, 4), "b": torch.ones(32, 5)}}, "should have one shape"),
    ],
)
def test_a_bad_batch_is_one_line_of_warning_and_training_goes_on(
    seen: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    net = Late()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer, strategy="ogm")
    x, y, target = batch()
    for _ in range(2):
        loss = cross_entropy(net(x, y), target)
        balance.observe(target, **seen)
        loss.backward()
        optimizer.step()
    assert len(caplog.records) == 1
    assert reason in caplog.text


def test_a_gradient_that_can_not_be_measured_does_not_end_the_loop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("two devices")

    net = Late()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer)
    monkeypatch.setattr(balance._modulator, "act", fails)
    x, y, target = batch()
    loss = cross_entropy(net(x, y), target)
    balance.observe(target)
    loss.backward()
    optimizer.step()
    assert "two devices" in caplog.text


def test_samples_whose_class_is_ignored_are_left_out() -> None:
    def row(choose: Callable[[torch.Tensor], torch.Tensor], rows: slice) -> dict[str, float]:
        net = Late()
        balance = Balance({"a": net.a, "b": net.b}, head=net.head)
        x, y, target = batch()
        net(x[rows], y[rows]).sum().backward()
        balance.observe(choose(target[rows]))
        balance.step()
        return plain(balance.values())

    ignored = row(lambda target: target.where(torch.arange(32) < 8, -100), slice(None))
    few = row(lambda target: target, slice(8))
    for name in ("rho.a", "score.b", "loss.a", "accuracy.b"):
        assert ignored[name] == pytest.approx(few[name], rel=1e-6), name
