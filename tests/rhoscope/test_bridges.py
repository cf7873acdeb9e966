"""Lightning, Transformers, and accelerate: the real libraries, in one process, since they import slowly."""

import runpy
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from guest_files import GuestFile
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

import rhoscope
from rhoscope.commands import Command
from rhoscope.errors import InvalidInput
from rhoscope.guests import Numbered

EXAMPLES = Path(__file__).parents[2] / "examples" / "guests"
PARTS = {"a": "a", "b": "b"}
pytestmark = pytest.mark.filterwarnings("ignore")  # these libraries' own


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where runs are written; a run that a test left open ends with it."""
    monkeypatch.setenv("RHOSCOPE_DIR", str(tmp_path))
    yield tmp_path
    if run := import_module("rhoscope.tracker.start").present_run():
        run.finish()


class Net(nn.Module):
    """Two encoders whose outputs are the head's input."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.a = nn.Sequential(nn.Linear(6, 8), nn.ReLU())
        self.b = nn.Sequential(nn.Linear(3, 5), nn.ReLU())
        self.head = nn.Linear(13, 4)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        logits: Tensor = self.head(torch.cat([self.a(x), self.b(y)], 1))
        return logits


def samples(n: int = 96) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x, y = torch.randn(n, 6, generator=generator), torch.randn(n, 3, generator=generator)
    return x, y, torch.randint(0, 4, (n,), generator=generator)


def plain(*, parts: int, clip: float, before: bool, alpha: float = 1.0) -> Net:
    """An epoch of plain PyTorch: batches of 16, each in so many parts, k before or after clipping."""
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    balance = rhoscope.Balance(
        {"a": net.a, "b": net.b},
        head=net.head,
        strategy="ogm",
        alpha=alpha,
        run=rhoscope.init(mode="disabled"),
    )
    for rows in torch.arange(96).split(16):
        optimizer.zero_grad()
        for part in rows.chunk(parts):
            x, y, target = (one[part] for one in samples())
            loss = cross_entropy(net(x, y), target)
            balance.observe(target)
            (loss / parts).backward()
        if before:
            balance.step()
        nn.utils.clip_grad_norm_(net.parameters(), clip)
        balance.step()
        optimizer.step()
    return net


def same(one: nn.Module, other: nn.Module) -> bool:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.allclose(p, q, rtol=0, atol=1e-7) for p, q in pairs)


def lightning_module(**faults: Any) -> Any:
    lightning = import_module("lightning")

    class Module(lightning.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.net = Net()
            self.save_hyperparameters({"width": 8})

        def training_step(self, batch: Any, index: int) -> Tensor:
            if index == faults.get("raises"):
                raise ValueError("exploded")
            loss = cross_entropy(self.net(*batch[:2]), batch[2])
            return loss * (float("inf") if index == faults.get("overflows") else 1)

        def validation_step(self, batch: Any, _index: int) -> None:
            self.log("val_loss", cross_entropy(self.net(*batch[:2]), batch[2]))

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    return Module()


def lightning_balance(**options: Any) -> Any:
    encoders = {"a": "net.a", "b": "net.b"}
    return rhoscope.lightning.Balance(encoders, head="net.head", strategy="ogm", alpha=1.0, **options)


def fit(module: Any, balance: Any, folder: Path, ckpt_path: str | None = None, **options: Any) -> Any:
    lightning = import_module("lightning")
    loader = DataLoader(TensorDataset(*samples()), batch_size=options.pop("batch_size", 16))
    settings = {"max_epochs": 1, "accelerator": "cpu", "logger": False, "enable_checkpointing": False}
    settings |= {"enable_progress_bar": False, "enable_model_summary": False, "default_root_dir": folder}
    trainer = lightning.Trainer(**(settings | options), callbacks=[balance])
    trainer.fit(module, loader, loader, ckpt_path=ckpt_path)
    return trainer


def test_lightning_modulates_before_clipping_also_with_accumulation(folder: Path) -> None:
    module = lightning_module()
    fit(
        module,
        lightning_balance(),
        folder,
        batch_size=8,
        accumulate_grad_batches=2,
        gradient_clip_val=0.2,
    )
    assert same(module.net, plain(parts=2, clip=0.2, before=True))
    assert not same(module.net, plain(parts=2, clip=0.2, before=False))
    file = GuestFile(folder)
    assert list(file.series("rho.a")) == list(file.series("loss")) == list(range(6))
    assert file.series("val_loss").keys() == {5}
    begun = [event.data for event in file.of("started")]
    assert [one["facts"]["order"] for one in begun if "facts" in one][-1] == "before-clip"
    assert file.of("finished")[0].data == {"state": "completed", "reason": ""}


def test_the_loss_of_a_lightning_step_is_that_of_its_last_micro_batch_whole(folder: Path) -> None:
    fit(lightning_module(), lightning_balance(), folder, batch_size=8, accumulate_grad_batches=2)
    x, y, target = (one[8:16] for one in samples())
    assert GuestFile(folder).series("loss")[0] == pytest.approx(cross_entropy(Net()(x, y), target).item())


def test_a_checkpoint_of_lightning_holds_the_run_and_its_step(folder: Path) -> None:
    lightning = import_module("lightning")

    class Saved(lightning.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            if trainer.global_step == 4 and not (folder / "half.ckpt").exists():
                trainer.save_checkpoint(folder / "half.ckpt")

    module, balance = lightning_module(), lightning_balance()
    loader = DataLoader(TensorDataset(*samples()), batch_size=16)
    settings: dict[str, Any] = {"accelerator": "cpu", "logger": False, "enable_checkpointing": False}
    settings |= {"enable_progress_bar": False, "enable_model_summary": False, "max_steps": 5}
    lightning.Trainer(**settings, callbacks=[balance, Saved()]).fit(module, loader)
    fit(lightning_module(), lightning_balance(), folder, str(folder / "half.ckpt"), max_epochs=2)
    again = GuestFile(folder, attempt=2)
    assert list(again.series("rho.a")) == list(range(4, 12))
    assert balance.state_dict()["run"] == again.run  # also of a checkpoint that is written after the end


def test_a_step_that_lightnings_scaler_skips_leaves_no_row_and_norms_are_of_the_true_gradient(
    folder: Path,
) -> None:
    plugins = import_module("lightning.pytorch.plugins")
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    precision = plugins.MixedPrecision("16-mixed", "cpu", scaler=scaler)
    fit(lightning_module(overflows=1), lightning_balance(), folder, plugins=precision)
    norms = GuestFile(folder).series("grad_norm.a")
    assert list(norms) == [0, 1, 2, 3, 4]
    assert max(norms.values()) < 10


def test_lightning_stops_where_that_was_ordered_and_an_error_is_the_runs_reason(folder: Path) -> None:
    run = rhoscope.init("mine")
    assert run.link
    run.link.orders.append(Numbered(number=1, command=Command(id="c", verb="stop", time=0.0, who="me")))
    assert fit(lightning_module(), lightning_balance(), folder).global_step == 1
    assert not run.ended  # the program's own
    run.finish()
    with pytest.raises(ValueError, match="exploded"):
        fit(lightning_module(raises=2), lightning_balance(), folder)
    (other,) = (path.parent.name for path in folder.glob("*/run.json") if path.parent.name != run.id)
    ended = GuestFile(folder, run=other).of("finished")[0].data
    assert ended == {"state": "failed", "reason": "ValueError: exploded"}


def test_a_batch_whose_target_is_not_known_is_one_warning(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    module = lightning_module()
    fit(module, lightning_balance(target="digit"), folder)
    assert sum("the target of a batch is not known" in line for line in caplog.messages) == 1
    fit(module, lightning_balance(target=lambda batch: batch["digit"]), folder)
    assert sum("fails on a batch" in line for line in caplog.messages) == 1
    with pytest.raises(InvalidInput, match="has no module of this name"):
        fit(module, rhoscope.lightning.Balance({"a": "towers.a", "b": "net.b"}), folder)
    with pytest.raises(InvalidInput, match="has no module of this name"):
        fit(module, rhoscope.lightning.Balance({"a": "net.a", "b": "net.b"}, head="net.top"), folder)


class Classifier(Net):
    """As the Trainer expects a model."""

    def forward(self, x: Tensor, y: Tensor, labels: Tensor) -> dict[str, Tensor]:  # type: ignore[override]
        logits = super().forward(x, y)
        return {"loss": cross_entropy(logits, labels), "logits": logits}


def trained(folder: Path, **options: Any) -> Classifier:
    transformers = import_module("transformers")
    x, y, target = samples()
    rows = [{"x": x[i], "y": y[i], "labels": target[i]} for i in range(len(x))]
    net = Classifier()
    settings = {"num_train_epochs": 1, "per_device_train_batch_size": 16, "lr_scheduler_type": "constant"}
    settings |= {"report_to": "none", "disable_tqdm": True, "use_cpu": True, "logging_steps": 2}
    resumed = options.pop("resume", None)
    arguments = transformers.TrainingArguments(str(folder / "out"), **(settings | options))
    balance = rhoscope.transformers.Balance(PARTS, head="head", strategy="ogm", alpha=1.0)

    class Ordered(transformers.Trainer):  # type: ignore[misc]
        def _get_train_sampler(self, *_: Any) -> Any:
            return torch.utils.data.SequentialSampler(rows)

    optimizers = (torch.optim.SGD(net.parameters(), lr=0.1), None)
    trainer = Ordered(net, arguments, train_dataset=rows, callbacks=[balance], optimizers=optimizers)
    trainer.train(resume_from_checkpoint=resumed)
    return net


def test_transformers_trainer_modulates_after_clipping_and_says_so(folder: Path) -> None:
    net = trained(
        folder,
        per_device_train_batch_size=8,
        gradient_accumulation_steps=2,
        max_grad_norm=0.2,
        save_strategy="no",
    )
    assert same(net, plain(parts=2, clip=0.2, before=False))
    assert not same(net, plain(parts=2, clip=0.2, before=True))
    file = GuestFile(folder)
    assert list(file.series("rho.a")) == list(range(6))
    assert {"loss", "learning_rate", "grad_norm"} <= file.names
    begun = [event.data for event in file.of("started")]
    assert [one["facts"]["order"] for one in begun if "facts" in one][-1] == "after-clip"


def test_a_trainer_that_goes_on_from_a_checkpoint_is_a_second_attempt_of_the_run(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    options = {"save_steps": 4, "save_strategy": "steps", "max_steps": 6}
    trained(folder, **options)
    trained(folder, **options, resume=str(folder / "out" / "checkpoint-4"))
    again = GuestFile(folder, attempt=2)
    assert list(again.series("rho.a")) == [4, 5]
    assert again.of("started")[0].data["start_step"] == 4
    (folder / "out" / "checkpoint-4" / "rhoscope.pt").write_bytes(b"torn")
    trained(folder, **options, resume=str(folder / "out" / "checkpoint-4"))
    assert "does not read back" in caplog.text
    assert len(list(folder.glob("*/run.json"))) == 2


PROGRAMS = {
    "with_lightning": {"rho.audio", "k.visual", "noise.audio", "loss"},
    "with_transformers": {"rho.sound", "k.vision", "loss", "learning_rate"},
    "with_accelerate": {"rho.audio", "k.visual", "loss"},
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_example_reports_its_balance(program: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [program])
    monkeypatch.syspath_prepend(str(EXAMPLES))
    runpy.run_path(str(EXAMPLES / f"{program}.py"), run_name="__main__")
    file = GuestFile(folder)
    assert PROGRAMS[program] <= file.names
    steps = list(next(file.series(name) for name in file.names if name.startswith("rho.")))
    assert len(steps) >= 45
    assert all(after - before == 1 for before, after in pairwise(steps))
    if program == "with_accelerate":
        assert file.of("started")[-1].data["settings"]["lr"] == 0.05


@pytest.mark.parametrize("name", ["lightning", "transformers", "accelerate"])
def test_a_library_that_is_missing_is_one_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name, *(m for m in sys.modules if m.split(".")[0] in (name, f"pytorch_{name}"))]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, f"rhoscope.{name}", raising=False)
    monkeypatch.delitem(vars(rhoscope), name, raising=False)
    with pytest.raises(ImportError, match=rf"needs {name}.* not installed: pip install 'rhoscope\[{name}\]'"):
        getattr(rhoscope, name)
