"""`rhoscope.Balance` in a plain loop: what our own training does, to the bit, and what other loops need."""

from pathlib import Path
from typing import Any

import pytest
import torch
from recorded import Trained
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss
from towers import Late, batch, plain

import rhoscope
from rhoscope import Balance
from rhoscope.errors import InvalidInput
from rhoscope.records import MAGIC, Block
from rhoscope.spec import RunSpec
from rhoscope.tracker.composition import Composition
from rhoscope.tracker.journal import frames
from trainer.attempt.assembly import build
from trainer.dataset import order

SPEC = {
    "dataset": "synthetic",
    "settings": {"device": "cpu", "epochs": 2, "batch_size": 64, "train_size": 256},
}


class Two(nn.Module):
    """Two encoders side by side, and a linear head."""

    def __init__(self, outputs: int = 4) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b = nn.Linear(6, 8), nn.Linear(3, 5)
        self.head = nn.Linear(13, outputs)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        answer: Tensor = self.head(torch.cat([self.a(x).relu(), self.b(y).relu()], 1))
        return answer


@pytest.mark.parametrize("strategy", ["ogm", "ge", "ogm-ge"])
def test_a_plain_loop_with_a_balance_trains_as_our_own_to_the_bit(strategy: str) -> None:
    ours = Trained(SPEC | {"strategy": strategy})
    parts = build(RunSpec.model_validate(SPEC | {"strategy": "joint"}))
    model, training = parts.model, parts.training
    balance = Balance(model.encoders, head=model.fusion.head, optimizer=parts.optimizer, strategy=strategy)
    rho: list[float] = []
    weights: list[dict[str, Tensor]] = []
    for epoch in range(training.epochs):
        model.train()
        index = order(training.seed, epoch, len(parts.splits["train"]))
        for part, (inputs, target) in enumerate(parts.splits["train"].batches(list(index.split(64)))):
            done = epoch + part / parts.steps_per_epoch
            for group in parts.optimizer.param_groups:
                group["lr"] = training.lr * training.factor(done, training.epochs)
            parts.optimizer.zero_grad(set_to_none=True)
            loss = cross_entropy(model(inputs).logits, target)
            balance.observe(target)
            loss.backward()
            parts.optimizer.step()
            rho.append(balance.values()["rho.fast"].item())
            weights.append({name: weight.clone() for name, weight in model.state_dict().items()})
    assert rho == ours.sink.series("rho.fast").tolist()
    best = ours.session.progress.best_step  # whose weights a run ends with
    for name, weight in ours.session.parts.model.state_dict().items():
        assert torch.equal(weight, weights[(best or 0) - 1][name]), name


def trained(parts: int, steps: int = 5, **options: Any) -> tuple[Late, list[dict[str, float]]]:
    """A few steps over batches of 32 in so many micro-batches, and each step's row."""
    net = Late()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer, **options)
    rows = []
    for step in range(steps):
        x, y, target = batch(seed=step)
        optimizer.zero_grad()
        for rows_of in torch.arange(32).chunk(parts):
            loss = cross_entropy(net(x[rows_of], y[rows_of]), target[rows_of])
            balance.observe(target[rows_of])
            (loss / parts).backward()
        optimizer.step()
        rows.append(plain(balance.values()))
    return net, rows


def test_four_micro_batches_give_what_the_whole_batch_gives() -> None:
    (whole, rows), (parts, others) = trained(1, strategy="ogm"), trained(4, strategy="ogm")
    for row, other in zip(rows, others, strict=True):
        assert row.keys() == other.keys()
        for name in row:
            assert other[name] == pytest.approx(row[name], rel=1e-6 if name.startswith("rho") else 1e-5), name
    assert any(row["k.a"] < 1 or row["k.b"] < 1 for row in rows)
    for one, two in zip(whole.parameters(), parts.parameters(), strict=True):
        assert torch.allclose(one, two, rtol=0, atol=1e-6)


def test_the_explicit_form_does_what_hooks_do_and_may_be_called_twice() -> None:
    hooked, rows = trained(1, strategy="ogm")
    net = Late()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    balance = Balance(
        {"a": list(net.a.parameters()), "b": list(net.b.parameters())}, head=net.head, strategy="ogm"
    )
    for step in range(5):
        x, y, target = batch(seed=step)
        optimizer.zero_grad()
        features = {"a": net.a(x), "b": net.b(y)}
        loss = cross_entropy(net.head(torch.cat(list(features.values()), 1)), target)
        balance.observe(target, features=features)
        loss.backward()
        k = balance.step()
        assert balance.step() is k
        optimizer.step()
        expected = {n: v for n, v in rows[step].items() if not n.startswith("effective_step")}
        assert plain(balance.values()) == expected
    for one, two in zip(hooked.parameters(), net.parameters(), strict=True):
        assert torch.equal(one, two)


def test_watching_changes_nothing() -> None:
    watched, _ = trained(1)
    net = Late()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for step in range(5):
        x, y, target = batch(seed=step)
        optimizer.zero_grad()
        cross_entropy(net(x, y), target).backward()
        optimizer.step()
    for one, two in zip(watched.parameters(), net.parameters(), strict=True):
        assert torch.equal(one, two)


def test_the_probe_draws_no_random_number_of_the_loop_and_stands_in_where_the_head_is_not_split() -> None:
    net = Two()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer)
    before = torch.get_rng_state()
    for step in range(30):
        x, y, target = batch(seed=step % 3)
        optimizer.zero_grad()
        loss = cross_entropy(net(x, y), target)
        balance.observe(target)
        loss.backward()
        optimizer.step()
    assert torch.equal(torch.get_rng_state(), before)
    row = plain(balance.values())
    assert row["score.a"] > 0.25
    assert row["rho.a"] == pytest.approx(1 / row["rho.b"], rel=1e-5)


def test_ablation_scores_a_head_of_any_kind() -> None:
    net = Late()
    head = lambda features: net.head(torch.cat([features["a"], features["b"]], 1))  # noqa: E731
    wrapped = type("Head", (nn.Module,), {"forward": lambda _, features: head(features)})()
    balance = Balance({"a": net.a, "b": net.b}, head=wrapped, alone="ablate")
    x, y, target = batch()
    features = {"a": net.a(x), "b": net.b(y)}
    loss = cross_entropy(wrapped(features), target)
    balance.observe(target, features=features)
    loss.backward()
    balance.step()
    alone = net.head(torch.cat([features["a"], torch.zeros_like(features["b"])], 1)).softmax(1)
    expected = alone.gather(1, target[:, None]).mean().item()
    assert balance.values()["score.a"].item() == pytest.approx(expected, rel=1e-6)


def test_a_modality_that_some_samples_lack_is_compared_where_both_are() -> None:
    x, y, target = batch()
    there = torch.arange(32) < 8

    def row(present: Tensor, rows: slice) -> dict[str, float]:
        net = Late()
        balance = Balance({"a": net.a, "b": net.b}, head=net.head)
        loss = cross_entropy(net(x[rows], y[rows]), target[rows])
        balance.observe(target[rows], present={"b": present[rows]})
        loss.backward()
        balance.step()
        return plain(balance.values())

    part, few = row(there, slice(None)), row(torch.ones(32, dtype=torch.bool), slice(8))
    assert (part["present.a"], part["present.b"]) == (32, 8)
    assert part["rho.a"] == pytest.approx(few["rho.a"], rel=1e-6)
    assert part["score.b"] == pytest.approx(few["score.b"], rel=1e-6)
    nobody = row(torch.zeros(32, dtype=torch.bool), slice(None))
    assert (nobody["rho.a"], nobody["score.b"], nobody["k.a"]) == (-1, -1, 1)  # which the run leaves out


def test_labels_count_positives_and_negatives_half_each() -> None:
    net = Late(outputs=10)
    x, y, _ = batch()
    labels = (torch.rand(32, 10, generator=torch.Generator().manual_seed(2)) < 0.1).float()
    balance = Balance({"a": net.a, "b": net.b}, head=net.head)
    loss = binary_cross_entropy_with_logits(net(x, y), labels)
    balance.observe(labels)
    loss.backward()
    balance.step()
    alone = (net.a(x) @ net.head.weight[:, :8].T + net.head.bias / 2).sigmoid().double()
    scores = []
    for chance, truth in zip(alone, labels, strict=True):
        halves = [part.mean() for part in (chance[truth > 0], 1 - chance[truth == 0]) if len(part)]
        scores.append(torch.stack(halves).mean())
    assert balance.values()["score.a"].item() == pytest.approx(torch.stack(scores).mean().item(), rel=1e-5)


def test_a_regression_is_scored_by_the_squared_correlation_also_over_micro_batches() -> None:
    x, y, _ = batch()
    target = (x[:, 0] + 0.1 * y[:, 0])[:, None]

    def row(parts: int) -> dict[str, float]:
        net = Late(outputs=1)
        balance = Balance({"a": net.a, "b": net.b}, head=net.head)
        for rows in torch.arange(32).chunk(parts):
            loss = mse_loss(net(x[rows], y[rows]), target[rows])
            balance.observe(target[rows])
            (loss / parts).backward()
        balance.step()
        return plain(balance.values())

    whole, parts = row(1), row(4)
    net = Late(outputs=1)
    alone = (net.a(x) @ net.head.weight[:, :8].T)[:, 0]
    correlation = torch.corrcoef(torch.stack([alone, target[:, 0]]))[0, 1].item()
    assert whole["score.a"] == pytest.approx(correlation**2, rel=1e-4)
    assert parts["rho.a"] == pytest.approx(whole["rho.a"], rel=1e-5)


def test_frozen_parameters_and_an_encoder_without_gradient_are_no_error() -> None:
    net = Late()
    net.a.requires_grad_(requires_grad=False)
    optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer, strategy="ogm-ge")
    x, y, target = batch()
    loss = cross_entropy(net(x, y), target)
    balance.observe(target)
    loss.backward()
    optimizer.step()
    assert "grad_norm.b" in balance.values()
    assert "grad_norm.a" not in balance.values()
    assert torch.isfinite(torch.stack(list(balance.values().values()))).all()


@pytest.mark.parametrize("fused", [False, True])
def test_a_scaled_loss_gives_the_norms_of_the_true_gradient_and_a_skipped_step_no_row(fused: bool) -> None:
    net = Late()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, fused=fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    balance = Balance(
        {"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer, strategy="ogm", scaler=scaler
    )
    x, y, target = batch()
    rows = []
    for step in range(3):
        optimizer.zero_grad()
        loss = cross_entropy(net(x, y), target)
        balance.observe(target)
        scaler.scale(loss * (float("inf") if step == 1 and not fused else 1)).backward()
        scaler.step(optimizer)
        scaler.update()
        rows.append(balance.number)
    assert rows == ([1, 2, 3] if fused else [1, 1, 2])
    again = Late()
    loss = cross_entropy(again(x, y), target)
    loss.backward()
    true = torch.cat([p.grad.flatten() for p in again.a.parameters() if p.grad is not None]).norm().item()
    assert true < 10 < true * 1024
    assert balance.values()["grad_norm.a"].item() < 10


def test_parameters_that_two_encoders_share_are_watched_only(caplog: pytest.LogCaptureFixture) -> None:
    shared = nn.Linear(3, 3)
    balance = Balance({"a": shared, "b": nn.Sequential(shared)}, strategy="ogm")
    assert balance.strategy() == "watch"
    assert "share parameters" in caplog.text


def test_what_fits_no_balance_is_said_at_once() -> None:
    net = Late()
    with pytest.raises(InvalidInput, match="expected one of watch"):
        Balance({"a": net.a, "b": net.b}, strategy="agm")
    with pytest.raises(InvalidInput, match="has no module of this name"):
        Balance({"a": "towers.a", "b": "b"}, model=net)


def test_a_batch_that_can_not_be_scored_does_not_raise(caplog: pytest.LogCaptureFixture) -> None:
    net = Late()
    balance = Balance({"a": net.a, "b": net.b}, head=net.head)
    balance.observe(torch.zeros(3, dtype=torch.long))
    assert balance.step() is None
    assert "no features of a, b" in caplog.text


def test_a_step_waits_for_no_device() -> None:
    net = Late().to("meta")
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, strategy="ogm-ge")
    x, y, target = (tensor.to("meta") for tensor in batch())
    loss = cross_entropy(net(x, y), target)
    balance.observe(target)
    loss.backward()
    balance.step()
    assert balance.values()["rho.a"].device.type == "meta"


def test_in_the_explicit_form_a_step_that_the_scaler_will_leave_out_has_no_row(tmp_path: Path) -> None:
    run = rhoscope.init("av", mode="offline", dir=tmp_path)
    net = Late()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, scaler=scaler, run=run)
    x, y, target = batch()
    for step in range(3):
        optimizer.zero_grad()
        loss = cross_entropy(net(x, y), target)
        balance.observe(target)
        scaler.scale(loss * (float("inf") if step == 1 else 1)).backward()
        scaler.unscale_(optimizer)
        balance.step()
        scaler.step(optimizer)
        scaler.update()
    run.finish()
    composition = Composition(run.id, 1)
    path = next(tmp_path.glob("*/attempt-1.rj"))
    records = [record for frame in frames(path) for record in composition.feed(frame)]
    blocks = [Block.decode(record) for record in records if record.startswith(MAGIC)]
    assert [s for b in blocks if "rho.a" in b.header.names for s in b.steps] == [0, 2]


def test_rows_are_in_the_runs_file_with_what_else_is_logged(tmp_path: Path) -> None:
    run = rhoscope.init("av", mode="offline", dir=tmp_path)
    trained(1, strategy="ogm", run=run)
    run.log({"mine": 0.5}, step=4)
    run.finish()
    path = next(tmp_path.glob("*/attempt-1.rj"))
    composition = Composition(run.id, 1)
    records = [record for frame in frames(path) for record in composition.feed(frame)]
    blocks = [Block.decode(record) for record in records if record.startswith(MAGIC)]
    assert [step for block in blocks for step in block.steps] == [0, 1, 2, 3, 4]
    assert {"rho.a", "k.b", "score.a", "grad_norm.a"} <= set(blocks[0].header.names)
    assert blocks[-1].values[blocks[-1].header.names.index("mine")][-1] == 0.5


def test_steps_are_the_optimizers_also_those_that_nobody_observed() -> None:
    net = Late()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    balance = Balance({"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer)
    x, y, target = batch()
    for step in range(4):
        loss = cross_entropy(net(x, y), target)
        if step % 2:
            balance.observe(target)
        loss.backward()
        optimizer.step()
    assert balance.number == 4
