"""A run as diagnoses look at it."""

import numpy as np

from backend.curves.digest import Digest
from backend.verdict.history import History, short


def test_a_validation_after_the_last_step_is_no_step_of_its_own() -> None:
    curves = {
        "loss": Digest.of((np.arange(84, dtype=np.int32), np.zeros(84))),
        "val.accuracy": Digest.of((np.array([42, 84], np.int32), np.zeros(2))),
    }
    history = History("completed", ["audio"], "ogm", {}, curves, sparse={"val.accuracy"})
    assert history.steps == 84
    assert "it has 84 of the" in short(history)
