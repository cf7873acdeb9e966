"""What an optimizer makes of a gradient, and k on that instead of on the gradient."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from towers import Late, batch, plain

from rhoscope import Balance
from rhoscope.errors import InvalidInput
from rhoscope.torch import updates


def stepped(
    steps: int, optimizer_of: type[torch.optim.Optimizer], **options: object
) -> tuple[Late, list[dict[str, float]]]:
    net = Late()
    optimizer = optimizer_of(net.parameters(), lr=0.01)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer, **options)
    rows = []
    for step in range(steps):
        x, y, target = batch(seed=step)
        optimizer.zero_grad()
        loss = cross_entropy(net(x, y), target)
        balance.observe(target)
        loss.backward()
        optimizer.step()
        rows.append(plain(balance.values()))
    return net, rows


def flat(module: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in module.parameters()])


def test_the_effective_step_is_how_far_the_weights_moved() -> None:
    _, rows = stepped(11, torch.optim.Adam)
    start, before = flat(Late().a), flat(stepped(1, torch.optim.Adam)[0].a)
    assert rows[0]["effective_step.a"] == pytest.approx(
        ((before - start).norm() / start.norm()).item(), rel=1e-5
    )
    assert [step for step, row in enumerate(rows) if "effective_step.b" in row] == [0, 10]


def test_of_a_large_encoder_each_tensors_first_rows_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "ENTRIES", 24)
    compared = updates.Updates({"a": list(Late().a.parameters())}, None, 1)
    for p in compared._parameters["a"]:
        p.grad = torch.zeros_like(p)
    compared.begin(0, modulates=False)
    ((now, _),) = compared._before.values()
    assert [part.shape for part in now] == [torch.Size([2, 6]), torch.Size([8])]


def test_adam_undoes_a_coefficient_on_the_gradient_but_not_one_on_the_update() -> None:
    plain_net, _ = stepped(1, torch.optim.Adam)
    gradient, rows = stepped(1, torch.optim.Adam, strategy="ogm", alpha=0.3)
    update, same = stepped(1, torch.optim.Adam, strategy="ogm", alpha=0.3, apply_to="update")
    ahead = "a" if rows[0]["k.a"] < 1 else "b"
    k = rows[0][f"k.{ahead}"]
    assert same[0][f"k.{ahead}"] == k < 0.9
    start, whole = flat(getattr(Late(), ahead)), flat(getattr(plain_net, ahead))
    assert torch.allclose(flat(getattr(gradient, ahead)), whole, atol=1e-5)
    assert torch.allclose(flat(getattr(update, ahead)), start + k * (whole - start), atol=1e-6)
    other = "b" if ahead == "a" else "a"
    assert torch.equal(flat(getattr(update, other)), flat(getattr(plain_net, other)))
    assert same[0][f"grad_norm_modulated.{ahead}"] == same[0][f"grad_norm.{ahead}"]
    assert same[0][f"effective_step.{ahead}"] == pytest.approx(
        k * rows[0][f"effective_step.{ahead}"], rel=1e-3
    )


def test_the_explicit_form_can_not_scale_an_update_that_it_does_not_see() -> None:
    net = Late()
    with pytest.raises(InvalidInput, match="needs optimizer="):
        Balance({"a": net.a, "b": net.b}, head=net.head, strategy="ogm", apply_to="update")


def test_in_the_explicit_form_the_effective_step_is_known_with_the_next_batch() -> None:
    _, rows = stepped(1, torch.optim.SGD)
    net = Late()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head)
    x, y, target = batch(seed=0)
    loss = cross_entropy(net(x, y), target)
    balance.observe(target)
    loss.backward()
    balance.step()
    assert "effective_step.a" not in balance.values()
    optimizer.step()
    balance.observe(target, features={"a": net.a(x), "b": net.b(y)})
    assert plain(balance.values()) == rows[0]
