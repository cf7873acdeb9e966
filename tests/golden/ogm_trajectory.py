"""Golden item `ogm-trajectory`: steps of OGM in double precision, through strategy, fusion and optimizer."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from comparison import Case, Difference, absolute, relative
from torch import Tensor, nn

from rhoscope.settings import Settings
from trainer.encoder import Encoder
from trainer.fusion import Fusion
from trainer.fusions.concat import Concat
from trainer.fusions.sum import Sum, SumSettings
from trainer.model import Model
from trainer.precision import Precision
from trainer.strategies.ogm import OGM, OGMSettings, coefficients
from trainer.strategy import Step
from trainer.training import Training

EXACT, SINGLE = 1e-9, 1e-3
CPU = torch.device("cpu")


class Tiny(Encoder):
    """Two convolutions with BatchNorm, of which the second halves the edges."""

    def __init__(self, shape: tuple[int, ...], channels: Sequence[int]) -> None:
        super().__init__(shape, Settings())
        self.width = channels[1]
        self.stages = nn.ModuleList(
            nn.Sequential(nn.Conv2d(n, m, 3, stride, 1, bias=False), nn.BatchNorm2d(m), nn.ReLU())
            for n, m, stride in ((shape[0], channels[0], 1), (channels[0], channels[1], 2))
        )


def differences(case: Case) -> list[Difference]:
    """Compare every step's values, and the weights and statistics after the last."""
    settings, expected = case["settings"], case["expected"]
    dtype = getattr(torch, settings.get("dtype", "float64"))
    allowed = EXACT if dtype == torch.float64 else SINGLE
    model = _model(settings, case["inputs"]["weights"], dtype)
    steps = _trained(model, case, dtype)
    state = {_theirs(name): value for name, value in model.state_dict().items()}
    return [
        *(relative(name, steps[name], values, allowed) for name, values in expected["steps"].items()),
        *(
            absolute(name, state[name], value, allowed)
            for part in ("weights_after", "running_after")
            for name, value in expected[part].items()
        ),
    ]


def _trained(model: Model, case: Case, dtype: torch.dtype) -> Mapping[str, list[float]]:
    """Values of every step by name."""
    torch.set_num_threads(1)  # steps are tiny
    settings, data = case["settings"], case["inputs"]["data"]
    first, last = settings["window"]
    ogm = OGMSettings(alpha=settings["alpha"], modulation_starts=first, modulation_ends=last, scope="conv")
    strategy = OGM(model, ogm)
    training = Training(
        lr=settings["lr"], momentum=settings["momentum"], weight_decay=settings["weight_decay"]
    )
    optimizer = training.build_optimizer(model.parameters(), CPU)
    inputs = {m: torch.tensor(data[m], dtype=dtype) for m in model.modalities}
    target = torch.tensor(data["labels"])
    values: dict[str, list[float]] = defaultdict(list)
    for epoch, batches in enumerate(case["inputs"]["batches"]):
        for rows in batches:
            batch = {m: x[rows] for m, x in inputs.items()}
            step = Step(model, optimizer, Precision("float32", CPU), batch, target[rows], epoch)
            row = strategy.step(step)
            raw = coefficients(step.by_modality("rho"), ogm.alpha)
            values["loss"].append(row["loss"].item())
            for m in model.modalities:
                for name in ("loss", "rho"):
                    values[f"{name}.{m}"].append(row[f"{name}.{m}"].item())
                values[f"k.{m}"].append(raw[m].item())
                values[f"k_applied.{m}"].append(row[f"k.{m}"].item())
    return values


def _model(settings: Mapping[str, Any], weights: Mapping[str, Any], dtype: torch.dtype) -> Model:
    encoders: dict[str, Encoder] = {
        m: Tiny(tuple(shape), settings["channels"]) for m, shape in settings["input_shape"].items()
    }
    widths = {m: encoder.width for m, encoder in encoders.items()}
    summed = settings["fusion"] == "sum"
    fusion: Fusion = (
        Sum(widths, settings["classes"], SumSettings())
        if summed
        else Concat(widths, settings["classes"], Settings())
    )
    model = Model(encoders, fusion).to(dtype)
    state: dict[str, Tensor] = {
        name: torch.tensor(weights[_theirs(name)], dtype=dtype)
        for name in model.state_dict()
        if not name.endswith("num_batches_tracked")
    }
    model.load_state_dict(state, strict=False)
    return model


def _theirs(name: str) -> str:
    """The golden file's name of one of the model's tensors.

    >>> _theirs("towers.audio.stages.1.0.weight"), _theirs("fusion.heads.audio.bias")
    ('audio.conv2.weight', 'head.audio.bias')
    """
    place, _, rest = name.partition(".")
    if place == "fusion":
        return rest.replace("heads.", "head.")
    modality, _, stage, kind, what = rest.split(".")
    return f"{modality}.{('conv', 'norm')[int(kind)]}{int(stage) + 1}.{what}"
