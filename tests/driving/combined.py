"""Which strategies go with which fusions, and the smallest run of each."""

import itertools
from typing import Any

from trainer.plugins import abilities, load, sources

PAIRS = list(itertools.product(sources("strategy"), sources("fusion")))
FITS = [
    (strategy, fusion)
    for strategy, fusion in PAIRS
    if set(load("strategy", strategy).requires) <= {*abilities(load("fusion", fusion)), "validation"}
]
ONCE = [(*pair, 2 + n % 2) for n, pair in enumerate(FITS)]
AGAIN = [
    (strategy, fusion, 3 - n % 2)
    for n, (strategy, fusion) in enumerate(FITS)
    if fusion == "concat" or strategy in ("joint", "ogm-ge")
]
"""With the other number of modalities: each fusion and each strategy once at least."""


def small(strategy: str, fusion: str, modalities: int, **more: Any) -> dict[str, Any]:
    """Two epochs of two steps, each measured in full."""
    given = {"strategy": strategy, "fusion": fusion, "dataset": "synthetic", "modalities": modalities}
    given |= {
        "train_size": 32,
        "batch_size": 16,
        "epochs": 2,
        "device": "cpu",
        "hidden": 8,
        "effects_every": 1,
    }
    quick = {"umt": {"teacher_epochs": 1}, "gradient-blending": {"super_epoch": 1, "estimate_epochs": 1}}
    quick["opm"] = {"opm_warmup": 0, "variant": "official-code"}
    return given | quick.get(strategy, {}) | more
