"""Golden item `mmtm`: the transfer module between two encoders' maps, by the code and by the paper."""

from typing import Any

import torch
from comparison import Case, Difference, absolute, exact
from torch import Tensor

from trainer.fusions.mmtm import MMTMSettings, Transfer

EXACT, SINGLE = 1e-10, 1e-5


def differences(case: Case) -> list[Difference]:
    """Compare means, joint layer, gates and maps."""
    dtype = getattr(torch, case["settings"].get("dtype", "float64"))
    allowed = EXACT if dtype == torch.float64 else SINGLE
    maps = {m: torch.tensor(case["inputs"][m], dtype=dtype) for m in case["settings"]["channels"]}
    expected = case["expected"]
    transfer = _transfer(case, "official-code", dtype)
    means = transfer.means(maps)
    return [
        exact("squeeze_width", transfer.squeeze.out_features, expected["squeeze_width"]),
        absolute("means", means, expected["means"], allowed),
        absolute("joint", transfer.joint(means).detach(), expected["joint"], allowed),
        *_gates("code", transfer, maps, expected, allowed),
        *_gates("paper", _transfer(case, "paper", dtype), maps, expected["doubled"], allowed),
    ]


def _gates(
    name: str, transfer: Transfer, maps: dict[str, Tensor], expected: dict[str, Any], allowed: float
) -> list[Difference]:
    with torch.no_grad():
        gates = transfer.gates(maps)
        outputs = transfer.gated(maps, gates)
    return [
        absolute(f"{name} {what} {m}", ours[m], expected[what][m], allowed)
        for what, ours in (("gates", gates), ("outputs", outputs))
        for m in maps
    ]


def _transfer(case: Case, variant: str, dtype: torch.dtype) -> Transfer:
    settings = MMTMSettings(mmtm_ratio=case["settings"]["ratio"], mmtm_variant=variant)
    transfer = Transfer(case["settings"]["channels"], settings).to(dtype)
    weights = case["inputs"]["weights"]
    transfer.load_state_dict({name: torch.tensor(value, dtype=dtype) for name, value in weights.items()})
    return transfer
