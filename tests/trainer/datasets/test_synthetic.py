"""The synthetic set: its best possible accuracy is known, and its knob does what it says."""

import pytest
import torch
from recorded import Trained

from trainer.dataset import Split
from trainer.datasets.synthetic import Synthetic, SyntheticSettings


def made(**settings: object) -> tuple[Synthetic, dict[str, Split]]:
    dataset = Synthetic(SyntheticSettings.model_validate(settings))
    return dataset, dataset.load()


def best_accuracies(dataset: Synthetic, split: Split) -> dict[str, float]:
    """Of the Bayes classifier on each modality, and on all of them."""
    result = dataset.log_likelihoods(split.inputs)
    result["all"] = torch.stack(list(result.values())).sum(0)
    return {m: (z.argmax(1) == split.target).float().mean().item() for m, z in result.items()}


@pytest.mark.parametrize("modalities", [2, 3])
def test_modalities_are_as_many_as_asked_for(modalities: int) -> None:
    dataset, splits = made(modalities=modalities)
    assert list(dataset.modalities) == ["fast", "slow", "slow2"][:modalities]
    assert list(splits["test"].inputs) == list(dataset.modalities)
    assert len(splits["train"]) == 1200


def test_the_best_possible_accuracy_grows_with_the_signal_and_with_every_modality() -> None:
    accuracies = [best_accuracies(*split_of(snr_fast=snr)) for snr in (0.0, 1.0, 2.0, 4.0)]
    fast = [a["fast"] for a in accuracies]
    assert fast == sorted(fast)
    assert fast[0] == pytest.approx(1 / 8, abs=0.04)
    assert fast[-1] > 0.97
    assert all(a["all"] >= max(a["fast"], a["slow"]) - 0.01 for a in accuracies)


def split_of(**settings: object) -> tuple[Synthetic, Split]:
    dataset, splits = made(**settings)
    return dataset, splits["test"]


def test_signal_has_the_stated_length_and_noise_deviation_1() -> None:
    _, loud = made(snr_fast=100.0, shortcut=0.0)
    lengths = loud["test"].inputs["fast"].flatten(1).norm(dim=1)
    assert lengths.mean().item() == pytest.approx(100, rel=0.01)
    _, silent = made(snr_fast=0.0, snr_slow=0.0)
    for x in silent["test"].inputs.values():
        assert x.std().item() == pytest.approx(1.0, rel=0.02)


def test_the_shortcut_is_in_training_examples_only() -> None:
    (_, without), (_, hinted) = made(shortcut=0.0), made(shortcut=5.0)
    for split in ("validation", "test"):
        assert torch.equal(without[split].inputs["fast"], hinted[split].inputs["fast"])
    difference = hinted["train"].inputs["fast"] - without["train"].inputs["fast"]
    assert difference.flatten(1).norm(dim=1).tolist() == pytest.approx([5.0] * 1200, rel=1e-4)
    assert torch.equal(without["train"].inputs["slow"], hinted["train"].inputs["slow"])


def test_other_seeds_draw_other_data() -> None:
    (_, one), (_, other) = made(data_seed=0), made(data_seed=1)
    assert not torch.equal(one["train"].target, other["train"].target)


def test_a_stronger_shortcut_makes_the_fast_modality_dominate_more_and_ogm_ge_gain_more() -> None:
    ends = {}
    for shortcut in (0.0, 4.0):
        for strategy in ("joint", "ogm-ge"):
            spec = {"strategy": strategy, "dataset": "synthetic", "shortcut": shortcut, "device": "cpu"}
            sink = Trained(spec).sink
            accuracy = sink.sparse()["test.accuracy"][0]
            ends[strategy, shortcut] = (accuracy, float(sink.series("rho.fast")[-50:].mean()))
    assert ends["joint", 4.0][1] > ends["joint", 0.0][1] > 1.5
    assert ends["joint", 4.0][0] < ends["joint", 0.0][0] - 0.1
    assert ends["ogm-ge", 4.0][0] > ends["joint", 4.0][0] + 0.03
    assert ends["ogm-ge", 4.0][1] < 2.0
