"""Ways of training in which nothing can be modulated: watched, with the reason in one sentence."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from towers import Late, batch

from rhoscope import Balance


def shared(net: Late) -> None:
    net.b = nn.Sequential(net.a)


def deepspeed(net: Late) -> None:
    next(net.a.parameters()).ds_id = 0


def flat(net: Late) -> None:
    next(net.a.parameters())._fsdp_flattened = True


def emptied(net: Late) -> None:
    net.a._is_fsdp_managed_module, net.a._fsdp_use_orig_params = True, False


def taken(net: Late) -> None:
    """As DeepSpeed's ZeRO 1 and 2 take gradients while the backward pass goes on."""

    def take(p: nn.Parameter) -> None:
        p.grad = None

    take.__module__ = "deepspeed.runtime.zero.stage_1_and_2"
    next(net.a.parameters()).register_post_accumulate_grad_hook(take)


def descend(p: nn.Parameter) -> None:
    p.data.sub_(p.grad)


def in_backward(net: Late) -> None:
    for p in net.parameters():
        p.register_post_accumulate_grad_hook(descend)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (shared, "share parameters"),
        (deepspeed, "DeepSpeed keeps gradients to itself"),
        (taken, "DeepSpeed keeps gradients to itself"),
        (flat, "FSDP keeps encoders' parameters in flat ones"),
        (emptied, "FSDP keeps encoders' parameters in flat ones"),
        (in_backward, "steps during the backward pass"),
    ],
)
def test_an_obstacle_is_a_sentence_and_the_encoders_are_watched(
    make: Callable[[Late], None], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    net = Late()
    make(net)
    balance = Balance({"a": net.a, "b": net.b}, strategy="ogm-ge")
    assert balance.strategy() == "watch"
    assert balance.strategy.schema["enum"] == ["watch"]
    assert reason in caplog.text
    assert len(caplog.records) == 1


def test_what_was_not_asked_for_is_not_excused(caplog: pytest.LogCaptureFixture) -> None:
    net = Late()
    shared(net)
    Balance({"a": net.a, "b": net.b})
    assert caplog.records == []


def test_an_optimizer_in_the_backward_pass_leaves_gradients_to_watch() -> None:
    net = Late()
    in_backward(net)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head)
    x, y, target = batch()
    loss = cross_entropy(net(x, y), target)
    balance.observe(target)
    loss.backward()
    balance.step()
    assert torch.isfinite(balance.values()["grad_norm.a"])


def test_gradients_that_are_gone_since_balance_was_made_are_missed_in_one_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    net = Late()
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, strategy="ogm")
    taken(net)
    x, y, target = batch()
    for _ in range(2):
        loss = cross_entropy(net(x, y), target)
        balance.observe(target)
        loss.backward()
        net.zero_grad()
        balance.step()
    assert [r.getMessage() for r in caplog.records] == [
        "rhoscope: no encoder has a gradient, so nothing is modulated; make Balance of the network as it is "
        "wrapped; training goes on."
    ]
