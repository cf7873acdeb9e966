"""Golden item `agm-target`: from fused logits to coefficients, through `AGM.leads`."""

from collections import defaultdict
from typing import Any

import torch
from _networks import each, model_of, plain, step_of, tensor
from comparison import Case, Difference, relative

from trainer.measures.responses import responses
from trainer.modulation import within
from trainer.strategies.agm import AGM, AGMSettings

EXACT = 1e-9


def settings_of(case: Case) -> AGMSettings:
    """The case's settings in the product's words: epochs count from 0."""
    given = case["settings"]
    first, last = given.get("window", (1, None))
    return AGMSettings(
        agm_alpha=given["alpha"],
        agm_bound=given["bound"],
        agm_least_probability=given.get("least_probability", 1e-8) or 0.0,
        modulation_starts=max(0, first - 1),
        modulation_ends=None if last is None else last - 1,
    )


def start(strategy: AGM, begins: Any) -> None:
    """Put the case's running means in place."""
    strategy.mean_nll.copy_(tensor([begins["mean_nll"][m] for m in strategy.modalities]))
    strategy.steps.fill_(begins["steps"])


def differences(case: Case) -> list[Difference]:
    """Compare every figure of every step."""
    names, inputs, expected = case["modalities"], case["inputs"], case["expected"]
    fused = {frozenset(filter(None, key.split("+"))): tensor(z) for key, z in inputs["fused"].items()}
    model = model_of({m: plain(1) for m in names}, fused[frozenset(names)].shape[-1])
    strategy = AGM(model, settings_of(case))
    start(strategy, case["settings"]["start"])
    ours: dict[str, list[Any]] = defaultdict(list)
    for t, labels in enumerate(inputs["labels"]):
        shares = responses({s: z[t] for s, z in fused.items()}, names)
        blank = {m: [[0.0]] * len(labels) for m in names}
        epoch = t // case["settings"]["steps_per_epoch"]
        step = step_of(model, strategy, blank, labels, epoch=epoch, number=t)
        leads = strategy.leads(shares, torch.tensor(labels), inside=within(strategy.settings, step))
        ours["responses"].append(torch.stack(list(shares.values())))
        for figure in ("nll", "lead", "target", "log_k"):
            ours[figure].append(getattr(leads, figure))
        ours["k"].append(leads.log_k.exp())
        ours["k_applied"].append(leads.k)
    by_modality = {
        figure: dict(zip(names, torch.stack(steps).unbind(1), strict=True)) for figure, steps in ours.items()
    }
    compared = [
        one for figure, values in by_modality.items() for one in each(figure, values, expected[figure], EXACT)
    ]
    after = dict(zip(names, strategy.mean_nll.tolist(), strict=True))
    return [
        *compared,
        *(relative(f"mean_nll_after {m}", after[m], v, EXACT) for m, v in expected["mean_nll_after"].items()),
    ]
