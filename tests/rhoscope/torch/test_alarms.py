"""A loss that is no number, an encoder without a gradient: training goes on, and one line says so."""

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy
from towers import Late, batch

import rhoscope
from rhoscope import Balance
from rhoscope.torch.alarms import PATIENCE


def warned(caplog: pytest.LogCaptureFixture, folder: Path, change: Any, frozen: bool = False) -> list[str]:
    """Lines of a few steps whose loss is changed; every step is taken and has its row."""
    caplog.set_level(logging.WARNING, logger="rhoscope")
    run = rhoscope.init(dir=folder, system=False, console=False)
    net = Late()
    net.a.requires_grad_(not frozen)
    optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
    with torch.random.fork_rng():
        balance = Balance(
            {"a": net.a, "b": net.b}, head=net.head, optimizer=optimizer, strategy="ogm-ge", run=run
        )
        for step in range(PATIENCE + 5):
            x, y, target = batch(seed=step)
            optimizer.zero_grad()
            loss = cross_entropy(net(x, y), target)
            balance.observe(target)
            change(step, loss).backward()
            optimizer.step()
        balance.close()
        run.finish()
    assert balance.number == PATIENCE + 5
    return [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]


def test_a_loss_that_is_no_number_is_one_line_for_each_encoder(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = warned(caplog, tmp_path, lambda step, loss: loss * (float("nan") if step > 3 else 1))
    assert [line.split("'")[1] for line in lines] == ["a", "b"]
    assert all("is no finite number any more" in line and "training goes on" in line for line in lines)


def test_an_encoder_without_a_gradient_is_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (line,) = warned(caplog, tmp_path, lambda _, loss: loss, frozen=True)
    assert "the encoder of 'a' gets no gradient" in line


def test_a_sound_training_is_silent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert warned(caplog, tmp_path, lambda _, loss: loss) == []
