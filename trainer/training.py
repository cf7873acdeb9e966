"""The training loop's own settings, and the optimizer and schedule built from them."""

import math
from collections.abc import Iterable
from typing import Literal

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from rhoscope.errors import InvalidInput
from rhoscope.settings import Settings, setting
from trainer.initialization import DEFAULT, Law
from trainer.precision import PrecisionName


class Training(Settings):
    """Settings of every run. The defaults are the recipe for AV-digits."""

    epochs: int = setting(24, "Number of passes over the training examples.", ge=1, le=100_000)
    batch_size: int = setting(
        64,
        "Examples per step. An incomplete last batch is dropped, so that ρ, norms and noise are comparable "
        "between steps.",
        ge=1,
        le=65_536,
    )
    lr: float = setting(0.05, "Learning rate, before the schedule's factor.", live=True, gt=0, le=100)
    momentum: float = setting(0.9, "Momentum of SGD; β₁ of Adam and AdamW.", ge=0, lt=1)
    weight_decay: float = setting(1e-4, "L2 penalty; not scaled by k.", ge=0, le=1)
    optimizer: Literal["sgd", "adam", "adamw"] = setting(
        "sgd", "With Adam and AdamW, a constant k cancels out of the step."
    )
    schedule: Literal["step", "steps", "cosine", "constant"] = setting(
        "step",
        "step: × decay_factor once, at the decay point; steps: at every multiple of it; cosine: to 0 at the "
        "end.",
    )
    warmup: float = setting(
        0.0, "Epochs over which the learning rate rises linearly from a tenth of its value.", ge=0, le=10_000
    )
    decay_at: float = setting(
        0.7,
        "Fraction of the run after which 'step' lowers the learning rate; the interval for 'steps'.",
        gt=0,
        le=1,
    )
    decay_factor: float = setting(
        0.1, "Factor by which 'step' and 'steps' lower the learning rate.", gt=0, le=1
    )
    most_decays: int = setting(
        0, "How often 'steps' lowers the learning rate at most; 0: to the end.", ge=0, le=100_000
    )
    initialization: Law = setting(
        DEFAULT,
        "How layers start. ogm-ge: linear ones Xavier normal with bias 0, convolutions Kaiming normal, as "
        "the code of OGM-GE, its journal and PMR, on whose data ρ and k were published; agm: convolutions "
        "Kaiming uniform; mmpareto: convolutions Kaiming normal, BatchNorm's weights around 1, the rest as "
        "PyTorch makes it; pytorch: all as PyTorch makes them. PSP and AVGA start as published, and "
        "encoders with weights from a file with these.",
    )
    seed: int = setting(0, "Seeds weights, data order and noise.", ge=0, le=2**31 - 1)
    device: Literal["auto", "cpu", "cuda"] = setting(
        "auto", "auto: the worker's GPU if it has one, otherwise the CPU."
    )
    precision: PrecisionName = setting("float32", "bfloat16 and float16 enable mixed precision (autocast).")
    compile: bool = setting(False, "Compile the network with torch.compile; the first steps are slower.")
    processes: int = setting(
        1,
        "Number of processes that share each batch: one per GPU of the worker, or several on a CPU.",
        ge=1,
        le=64,
    )
    deterministic: bool = setting(False, "Use only deterministic algorithms on a GPU; slower.")
    validate_every: int = setting(
        1, "Validate every this many epochs, and always after the last one.", live=True, ge=1
    )
    previews: bool = setting(
        True,
        "Send small pictures, sounds, and texts of up to 200 validation examples to the server, once per "
        "run, so that the page can show them. Turn it off for data that must stay where it is.",
    )
    only: str = setting(
        "",
        "Train on these modalities only, as a comma-separated list; one of them gives a unimodal baseline. "
        "Empty: all modalities.",
        modalities=True,
    )
    protocol: Literal["paper", "official-code"] = setting(
        "paper",
        "paper: choose the best epoch on the validation split and test once. official-code: also train on "
        "the validation split and choose the best epoch on the test split, which overestimates accuracy.",
    )
    baseline_epochs: int = setting(
        0,
        "Number of epochs for which each modality is first trained alone, to show how far its branch in the "
        "joint network falls behind; 0: off.",
        ge=0,
        le=100_000,
    )
    probe_every: int = setting(
        0, "Probe the frozen encoders every this many epochs, and at the end; 0: never.", ge=0
    )
    probe: str = setting("", "Modalities to probe, as a comma-separated list; empty: all.", modalities=True)
    noise_budget_every: int = setting(
        0,
        "Estimate SGD's own gradient noise every this many steps; each estimate costs about one step; 0: "
        "never.",
        ge=0,
    )
    norms_every: int = setting(
        1,
        "Measure the norms of gradients every this many steps; 0: never. Each time all gradients are read "
        "once.",
        live=True,
        ge=0,
        le=100_000,
    )
    effects_every: int = setting(
        10,
        "Measure every this many steps how far each encoder moved and, where noise is added, how long it "
        "and the gradient with it are; 0: never. Each time weights are copied, a million of each encoder "
        "at most, and noisy gradients are read once more.",
        live=True,
        ge=0,
        le=100_000,
    )
    log_every: int = setting(
        1,
        "Record values every this many steps; 1: every step. Epoch means always cover all steps.",
        live=True,
        ge=1,
        le=100_000,
    )
    keep_last: int = setting(
        2, "Number of newest checkpoints to keep; one is written after each epoch.", live=True, ge=1, le=1000
    )
    keep_every: int = setting(
        0, "Also write and keep a checkpoint every this many steps; 0: never.", live=True, ge=0
    )
    keep_best: bool = setting(True, "Keep the checkpoint of the best validation epoch.", live=True)
    step_delay_ms: float = setting(
        0.0, "Pause after each step, in milliseconds; slows down a demonstration.", live=True, ge=0, le=60_000
    )

    def factor(self, done: float, epochs: int) -> float:
        """Factor of the learning rate after `done` of `epochs` epochs; `done` may be fractional.

        >>> Training().factor(69.9, 100), Training().factor(70, 100), Training(warmup=2).factor(1, 100)
        (1.0, 0.1, 0.55)
        >>> round(Training(schedule="steps", decay_at=0.2).factor(60, 100), 9)
        0.001
        >>> psp = Training(schedule="steps", decay_at=0.2, decay_factor=0.8, most_decays=2)
        >>> [round(psp.factor(done, 300), 9) for done in (59, 60, 120, 299)]
        [1.0, 0.8, 0.64, 0.64]
        """
        warm = min(1.0, 0.1 + 0.9 * done / self.warmup) if self.warmup else 1.0
        if self.schedule == "cosine":
            return warm * 0.5 * (1 + math.cos(math.pi * done / epochs))
        decays = int(done / (self.decay_at * epochs) + 1e-9)
        most = self.most_decays or decays
        kinds = {"step": min(decays, 1), "steps": min(decays, most), "constant": 0}
        return float(warm * self.decay_factor ** kinds[self.schedule])

    def build_optimizer(self, parameters: Iterable[nn.Parameter], device: torch.device) -> Optimizer:
        """The optimizer, all parameters of a kind in one fused update where the device has one.

        Not with float16: a fused first step that is left out for its overflow would leave momentum behind
        that nobody ever wrote.
        """
        given = list(parameters)
        fused = device.type in {"cpu", "cuda"} and self.precision != "float16"
        if self.optimizer == "sgd":
            return SGD(
                given,
                lr=self.lr,
                momentum=self.momentum,
                weight_decay=self.weight_decay,
                fused=fused,
                foreach=not fused,
            )
        kind = Adam if self.optimizer == "adam" else AdamW
        betas = (self.momentum, 0.999)
        decay = self.weight_decay
        return kind(given, lr=self.lr, betas=betas, weight_decay=decay, fused=fused, foreach=not fused)

    def choose_device(self) -> torch.device:
        """Raises: InvalidInput, when a GPU is asked for and PyTorch sees none."""
        if self.device == "cuda" and not torch.cuda.is_available():
            message = "PyTorch finds no GPU here; use auto or cpu, or a worker with a GPU"
            raise InvalidInput.field("device", message, "cuda")
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return torch.device(self.device)
