"""The training loop's own settings, and the optimiser and schedule they ask for."""

import math
from collections.abc import Iterable
from typing import Literal

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from rhoscope.errors import InvalidInput
from rhoscope.settings import Settings, setting
from trainer.precision import PrecisionName


class Training(Settings):
    """How a run trains, whatever it trains. Defaults are AV-digits' recipe."""

    epochs: int = setting(24, "Passes over the training examples.", ge=1, le=100_000)
    batch_size: int = setting(
        64,
        "Examples per step. Those that do not fill a batch wait for the next epoch's order, so that ρ, norms "
        "and noise of all steps compare.",
        ge=1,
        le=65_536,
    )
    lr: float = setting(0.05, "Learning rate before the schedule's factor.", live=True, gt=0, le=100)
    momentum: float = setting(0.9, "SGD's momentum; Adam's and AdamW's first β.", ge=0, lt=1)
    weight_decay: float = setting(1e-4, "Pull towards 0; not scaled by k.", ge=0, le=1)
    optimizer: Literal["sgd", "adam", "adamw"] = setting(
        "sgd", "Under Adam and AdamW a constant k cancels out of the step."
    )
    schedule: Literal["step", "steps", "cosine", "constant"] = setting(
        "step",
        "step: × 0.1 at the decay point; steps: each time such a share is over; cosine: to 0 at the end.",
    )
    warmup: float = setting(
        0.0, "First epochs in which the learning rate rises from a tenth, linearly.", ge=0, le=10_000
    )
    decay_at: float = setting(
        0.7,
        "Where in the run schedule 'step' lowers the learning rate, and how often 'steps' does.",
        gt=0,
        le=1,
    )
    seed: int = setting(0, "Draws weights, order and noise.", ge=0, le=2**31 - 1)
    device: Literal["auto", "cpu", "cuda"] = setting("auto", "auto: the worker's GPU if it has one.")
    precision: PrecisionName = setting("float32", "bfloat16 and float16 mix precisions by autocast.")
    compile: bool = setting(False, "Compile the network with torch.compile; the first steps wait for it.")
    processes: int = setting(
        1,
        "Processes that share every batch: one for each of a worker's GPUs, or several on a CPU.",
        ge=1,
        le=64,
    )
    deterministic: bool = setting(False, "Only algorithms that give the same bits again on a GPU; slower.")
    validate_every: int = setting(
        1, "Epochs between validations; the last epoch always ends with one.", live=True, ge=1
    )
    only: str = setting(
        "",
        "Train on these modalities alone, with commas: a unimodal baseline. Empty: on all of them.",
        modalities=True,
    )
    protocol: Literal["paper", "official-code"] = setting(
        "paper",
        "paper: the best epoch is chosen on the validation split and tested once. official-code: the "
        "validation split is trained on as well, and the best epoch is chosen on the test split, which "
        "flatters.",
    )
    baseline_epochs: int = setting(
        0,
        "Train each modality alone for so many epochs before the run, and show how far its branch in the "
        "joint network stays behind; 0: don't.",
        ge=0,
        le=100_000,
    )
    probe_every: int = setting(
        0, "Epochs between linear probes of the frozen encoders, with one at the end; 0: none.", ge=0
    )
    probe: str = setting("", "Modalities that are probed, with commas; empty: all of them.", modalities=True)
    noise_budget_every: int = setting(
        0, "Steps between estimates of SGD's own gradient noise, each about one step long; 0: none.", ge=0
    )
    log_every: int = setting(
        1,
        "Steps between those whose values are told; 1: every step. An epoch's means are over all of them.",
        live=True,
        ge=1,
        le=100_000,
    )
    keep_last: int = setting(
        2, "Newest checkpoints that stay; one is written after each epoch.", live=True, ge=1, le=1000
    )
    keep_every: int = setting(
        0, "Steps between checkpoints that are written besides and all stay; 0: none.", live=True, ge=0
    )
    keep_best: bool = setting(True, "The checkpoint of the best validation epoch stays.", live=True)
    step_delay_ms: float = setting(
        0.0, "Wait after each step, to watch a demonstration at leisure.", live=True, ge=0, le=60_000
    )

    def factor(self, done: float, epochs: int) -> float:
        """What the learning rate is multiplied by when `done` of `epochs` epochs are over; may be a fraction.

        >>> Training().factor(69.9, 100), Training().factor(70, 100), Training(warmup=2).factor(1, 100)
        (1.0, 0.1, 0.55)
        >>> round(Training(schedule="steps", decay_at=0.2).factor(60, 100), 9)
        0.001
        """
        warm = min(1.0, 0.1 + 0.9 * done / self.warmup) if self.warmup else 1.0
        if self.schedule == "cosine":
            return warm * 0.5 * (1 + math.cos(math.pi * done / epochs))
        decays = int(done / (self.decay_at * epochs) + 1e-9)
        kinds = {"step": min(decays, 1), "steps": decays, "constant": 0}
        return float(warm * 0.1 ** kinds[self.schedule])

    def build_optimizer(self, parameters: Iterable[nn.Parameter], device: torch.device) -> Optimizer:
        """The optimiser, all parameters of a kind in one fused update where the device has one."""
        given = list(parameters)
        fused = device.type in {"cpu", "cuda"}
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
            message = "PyTorch sees no GPU here; allowed are auto and cpu, or a worker with a GPU"
            raise InvalidInput.field("device", message, "cuda")
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return torch.device(self.device)
