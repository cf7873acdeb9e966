"""Golden item `gradient-blending`: from losses to weights, through `change`, `ratio` and `blend`."""

from _networks import each
from comparison import Case, Difference, absolute, exact

from trainer.strategies.gradient_blending import Losses, blend, change, ratio

EXACT = 1e-9


def differences(case: Case) -> list[Difference]:
    """Compare gain, overfitting, their ratio, and the weights that are expected of the product."""
    inputs, settings, expected = case["inputs"], case["settings"], case["expected"]
    heads = case["heads"]
    losses = {h: list(map(Losses, inputs["training"][h], inputs["validation"][h])) for h in heads}
    changes = {h: change(each_[settings["from"]], each_[settings["to"]]) for h, each_ in losses.items()}
    gains, overfits = {h: g for h, (g, _) in changes.items()}, {h: o for h, (_, o) in changes.items()}
    weights = blend(list(gains.values()), list(overfits.values()), settings["floor"])
    theirs = expected["weights_expected"]
    compared = [
        *each("generalisation", gains, expected["generalisation"], EXACT),
        *each("overfitting", overfits, expected["overfitting"], EXACT),
        *each("ogr", {h: ratio(*one) for h, one in changes.items()}, expected["ogr"], EXACT),
        exact("weights_expected is null", weights is None, theirs is None),
    ]
    if weights is None or theirs is None:
        return compared
    return [*compared, absolute("weights_expected", weights, [theirs[h] for h in heads], EXACT)]
