"""Golden item `psp`: positive sample propagation and its pair loss, through the fusion in a whole network."""

import torch
from comparison import Case, Difference, absolute, exact
from torch import nn

from rhoscope.settings import Settings
from trainer.encoder import Encoder
from trainer.fusions.psp import PSP, PSPSettings, event_share
from trainer.model import Model

EXACT, SINGLE = 1e-9, 1e-5
BOTH = ("audio", "visual")


class Segments(Encoder):
    """Features of segments as they are."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape, Settings())
        self.segments, self.width = shape
        self.stages = nn.ModuleList([nn.Flatten(0, 1)])


def differences(case: Case) -> list[Difference]:
    """Compare what each step of the propagation gives."""
    dtype = getattr(torch, case["settings"].get("dtype", "float64"))
    allowed = EXACT if dtype == torch.float64 else SINGLE
    model = _model(case).to(dtype).eval()
    fusion = model.fusion
    assert isinstance(fusion, PSP)
    inputs = {m: torch.tensor(case["inputs"][m], dtype=dtype) for m in BOTH}
    target, expected = torch.tensor(case["inputs"]["labels"]), case["expected"]
    with torch.no_grad():
        output = model(inputs)
        passed = fusion.propagate(output.features)
        loss = fusion.pair_loss(passed, target)
        weighed = fusion.own_loss(output.features, target.flatten())
        mean = fusion.mean(passed)
    assert weighed is not None
    ours = {
        **passed.features,
        "fused": mean,
        "logits": output.logits.reshape(*target.shape, -1),
        "cosine": passed.cosine(),
        "wanted_share": event_share(target, dtype),
        "pair_loss": loss,
        "share_of_pairs_kept": passed.kept,
    }
    for (taker, giver), pair in passed.pairs.items():
        ours |= {f"share_{taker}_from_{giver}": pair.share, f"weights_{taker}_from_{giver}": pair.weights}
    compared = [absolute(name, value, expected[name], allowed) for name, value in ours.items()]
    compared += [
        exact(f"kept_{t}_from_{g}", pair.kept.long().tolist(), expected[f"kept_{t}_from_{g}"])
        for (t, g), pair in passed.pairs.items()
    ]
    heavy = allowed * case["settings"]["pair_weight"]
    compared.append(absolute("total", weighed, expected["pair_loss_in_the_total"], heavy))
    return compared


def _model(case: Case) -> Model:
    settings, weights = case["settings"], case["inputs"]["weights"]
    width = settings["width"]
    fusion = PSP(
        dict.fromkeys(BOTH, width),
        settings["classes"],
        PSPSettings(
            psp_tau=settings["tau"],
            psp_pair_weight=settings["pair_weight"],
            psp_head_width=settings["head_width"],
        ),
    )
    names = {
        "asks.visual.weight": "visual_ask",
        "shows.audio.weight": "audio_show",
        **{f"gives.{m}.weight": f"{m}_give" for m in BOTH},
        **{f"after.{m}.weight": f"{m}_after" for m in BOTH},
        "norm.weight": "norm.weight",
        "norm.bias": "norm.bias",
        "hidden.weight": "head1",
        "head.weight": "head2",
    }
    fusion.double().load_state_dict(
        {ours: torch.tensor(weights[theirs], dtype=torch.float64) for ours, theirs in names.items()}
    )
    return Model({m: Segments((settings["segments"], width)) for m in BOTH}, fusion)
