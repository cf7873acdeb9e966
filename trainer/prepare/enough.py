"""Is what a folder holds enough to train on; if not, the reasons in one sentence."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from trainer.prepare.examples import Collection, Example, Omission, summary
from trainer.prepare.names import few

PARTS = {"train": 0.7, "validation": 0.15, "test": 0.15}
FEWEST = 6
"""Examples of a class of which each split gets one."""
USUAL = {
    "audio": ".wav, .flac, .mp3, .ogg, .m4a",
    "visual": ".jpg, .png, .webp, .tif",
    "text": ".txt",
}
"""Endings to name where none is there."""


def layout_problem(folder: Path, there: Collection) -> str:
    """Why these are no files of at least two classes; empty where they are."""
    if there.nested and not there.examples:
        return (
            f"the class folders in {folder} hold folders and no files ({few(there.nested)}); name the folder "
            f"that holds a folder for each class, with the files right in it"
        )
    labels = tuple(there.examples) or there.classes
    if len(there.classes) < 2 or len(there.examples) == 1:
        return joined(
            f"{folder} should hold a folder for each of at least 2 classes; found {few(labels) or 'none'}",
            there.remarks,
        )
    if not there.modalities:
        endings = ", ".join(USUAL.values())
        return joined(
            f"no class has a file with an ending such as {endings} for most of its examples in {folder}",
            there.remarks,
        )
    return ""


def size_problem(
    there: Collection, whole: Mapping[str, int], omissions: Sequence[Omission], remarks: Iterable[str] = ()
) -> str:
    """Why a class has too few examples for three splits; empty where each has enough.

    `whole` counts the examples of each class that can be used, `omissions` are the others.
    """
    small = [label for label, count in whole.items() if count < FEWEST]
    if not small:
        return ""
    label = small[0]
    message = (
        f"class {label} has too few whole examples: {whole[label]} of {there.sizes[label]}, where a train, a "
        f"validation and a test split need at least {FEWEST}"
    )
    if reasons := summary([one for one in omissions if one.label == label]):
        message += f"; left out are {reasons}"
    if small[1:]:
        message += f"; the same holds for {few(small[1:])}"
    return joined(message, (*there.remarks, *remarks))


def joined(message: str, remarks: Iterable[str]) -> str:
    """A message without its full stop, and sentences that follow it."""
    return message + "".join(f". {remark.removesuffix('.')}" for remark in remarks)


def counts(examples: Mapping[str, Sequence[Example]]) -> dict[str, int]:
    """How many examples each class has."""
    return {label: len(these) for label, these in examples.items()}
