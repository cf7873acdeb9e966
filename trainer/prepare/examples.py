"""Examples in a folder of one's own, by the names of its files: a folder per class, a name per example.

What belongs together is decided by names alone and nothing is read, so that a look costs milliseconds.
Whatever is left out is counted under its reason.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trainer.prepare import pictures
from trainer.prepare.names import (
    as_text,
    ending,
    few,
    forgiven,
    hidden,
    is_folder,
    is_text,
    leads_nowhere,
    same,
    stem,
)

AUDIO = (
    *(".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".aifc", ".wma"),
    *(".au", ".snd", ".caf", ".w64", ".rf64", ".bwf", ".wv", ".ape", ".tta", ".tak", ".mka", ".weba", ".m4b"),
    *(".mp2", ".mpa", ".ac3", ".eac3", ".dts", ".amr", ".3ga", ".spx", ".mpc", ".shn", ".voc", ".sph"),
    *(".nist", ".dsf", ".qcp", ".gsm", ".ra", ".mmf"),
)
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "audio": AUDIO,
    "visual": pictures.endings(),
    "text": (".txt", ".text", ".caption"),
}
"""Of files that are read, by modality; in capitals, too. Of two such files the first ending counts."""
REASONS = 6
"""Reasons given, the most frequent ones."""
KINDS = 3
"""Kinds of files named that are not read."""
FEW = 0.1
"""Share of the examples that must have a modality where they may lack some; else more than half."""


@dataclass(frozen=True)
class Example:
    """Files that share a name, by modality; `name` is unique within the class."""

    label: str
    name: str
    files: Mapping[str, Path]

    @property
    def key(self) -> str:
        """Class and name: what decides in which split it is."""
        return f"{self.label}/{self.name}"


@dataclass(frozen=True)
class Omission:
    """Something that is left out: of which class, what it is called, and why in a few words."""

    label: str
    name: str
    reason: str


@dataclass
class Collection:
    """A folder's examples by class: `examples` lists those that are read, `sizes` counts the others too.

    They are complete, unless they may lack modalities.
    """

    classes: tuple[str, ...] = ()
    """Folders that may be classes, whatever is in them."""
    modalities: tuple[str, ...] = ()
    examples: dict[str, list[Example]] = field(default_factory=dict)
    sizes: Counter[str] = field(default_factory=Counter)
    omissions: list[Omission] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    """Folders inside classes."""
    renamed: list[str] = field(default_factory=list)
    """Examples whose files are named differently, in capitals."""
    forgiven: list[str] = field(default_factory=list)
    """Files whose ending has capitals or spaces in it."""
    unused: list[str] = field(default_factory=list)
    """Files beside another one of the same name and modality, which is read."""
    others: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Files that are not read, by ending."""
    dangling: list[str] = field(default_factory=list)
    """Links that lead nowhere."""


def collect(root: Path, *, incomplete: bool = False) -> Collection:
    """Look through a folder's classes. Raises: OSError, when it or one of them can't be listed.

    With `incomplete`, examples that lack a modality are kept, and fewer must have it for it to count.
    """
    collection = Collection()
    places = _classes(root, collection)
    collection.classes = tuple(places)
    groups = {label: _grouped(folders, label, collection) for label, folders in places.items()}
    every = [example for examples in groups.values() for example in examples]
    collection.modalities = tuple(_common(every, collection, FEW if incomplete else 0.5))
    for label, examples in groups.items():
        _sort(label, examples, collection, incomplete=incomplete)
    collection.remarks += _remarks(collection)
    return collection


def _remarks(collection: Collection) -> Iterator[str]:
    if empty := [label for label in collection.classes if label not in collection.examples]:
        yield f"Folders without an example are no classes: {few(empty)}."
    if collection.nested and collection.examples:
        yield f"Folders inside classes are not read: {few(collection.nested)}."
    if collection.renamed:
        yield f"Names that differ only in capitals are taken as one: {few(collection.renamed)}."
    if collection.forgiven:
        yield f"Capitals and spaces in endings are forgiven: {few(collection.forgiven)}."
    if collection.unused:
        number = len(collection.unused)
        verb = "file is" if number == 1 else "files are"
        yield f"{number} {verb} not read, since another of the same name is: {few(collection.unused)}."
    if collection.others:
        ordered = sorted(collection.others.items(), key=lambda item: -len(item[1]))
        kinds = ", ".join(f"{len(names)} {kind} ({names[0]})" for kind, names in ordered[:KINDS])
        more = ", ..." if len(ordered) > KINDS else ""
        yield f"Files of other kinds are not read: {kinds}{more}."
    if collection.dangling:
        yield f"Links that lead nowhere are not followed: {few(collection.dangling)}."


def summary(omissions: Sequence[Omission]) -> str:
    """The omissions, counted by reason, the most frequent first.

    >>> summary([Omission("cat", "cat/e1", "without audio"), Omission("cat", "cat/e2", "without audio")])
    '2 without audio (cat/e1, cat/e2)'
    """
    names: dict[str, list[str]] = defaultdict(list)
    for omission in omissions:
        names[omission.reason].append(omission.name)
    ordered = sorted(names.items(), key=lambda item: -len(item[1]))
    sentences = [f"{len(these)} {reason} ({few(these)})" for reason, these in ordered[:REASONS]]
    rest = sum(len(these) for _, these in ordered[REASONS:])
    return "; ".join([*sentences, *([f"{rest} for other reasons"] if rest else [])])


def _classes(root: Path, collection: Collection) -> dict[str, list[Path]]:
    """The folders of each class, by its name as text; one that is written in two ways has two."""
    entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    folders = [entry for entry in entries if is_folder(entry)]
    left = [as_text(entry.name) for entry in folders if hidden(entry.name)]
    collection.dangling += [as_text(e.name) for e in entries if leads_nowhere(e)]
    places: dict[str, list[Path]] = defaultdict(list)
    loops, by_place = list[str](), dict[str, str]()
    above = {str(root.resolve()), *map(str, root.resolve().parents)}
    for entry in folders:
        label, place = same(as_text(entry.name)), os.path.realpath(entry.path)
        if hidden(entry.name):
            continue
        if place in above:
            loops.append(as_text(entry.name))
        elif by_place.setdefault(place, label) != label:
            loops.append(f"{as_text(entry.name)} (the folder of {by_place[place]})")
        else:
            places[label].append(Path(entry.path))
    twice = [label for label, these in places.items() if len(these) > 1]
    said = (
        ("Hidden and system folders are no classes", left),
        ("Links back to a folder that holds them, or to another class, are no classes", loops),
        ("Folders whose names are written in two ways are one class", twice),
        ("Classes whose names differ only in capitals are separate ones", _capitals(places)),
    )
    collection.remarks += [f"{what}: {few(names)}." for what, names in said if names]
    return dict(places)


def _capitals(labels: Mapping[str, object]) -> list[str]:
    """Names that are another one, but for capitals."""
    folds = Counter(label.casefold() for label in labels)
    return [label for label in labels if folds[label.casefold()] > 1]


def _grouped(folders: Sequence[Path], label: str, collection: Collection) -> list[Example]:
    """A class's files by the name they share."""
    groups: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    entries = [entry for folder in folders for entry in os.scandir(folder) if not hidden(entry.name)]
    for entry in sorted(entries, key=lambda entry: entry.name):
        name = f"{label}/{as_text(entry.name)}"
        if is_folder(entry):
            collection.nested.append(name)
            continue
        kind = ending(entry.name)
        modality = next((m for m, endings in ENDINGS.items() if kind in endings), None)
        if modality is None:
            collection.others[as_text(kind) or "without an ending"].append(name)
        elif not is_text(entry.name):
            collection.omissions.append(Omission(label, name, "with a name that is not UTF-8"))
        else:
            collection.forgiven += [name] if forgiven(entry.name) else []
            groups[stem(entry.name)][modality].append(Path(entry.path))
    return [
        Example(label, name, {m: _first(label, m, paths, collection) for m, paths in files.items()})
        for name, files in _matched(label, groups, collection).items()
    ]


def _matched(
    label: str, groups: Mapping[str, Mapping[str, list[Path]]], collection: Collection
) -> dict[str, dict[str, list[Path]]]:
    """Groups, those joined whose names differ in capitals only and that have no modality in common."""
    joined: dict[str, dict[str, list[Path]]] = {}
    by_fold: dict[str, list[str]] = defaultdict(list)
    for name, files in groups.items():
        fold = name.casefold()
        mate = next((other for other in by_fold[fold] if not joined[other].keys() & files.keys()), None)
        if mate is None:
            joined[name] = dict(files)
            by_fold[fold].append(name)
        else:
            joined[mate] |= files
            collection.renamed.append(f"{label}/{mate}")
    return joined


def _first(label: str, modality: str, paths: Sequence[Path], collection: Collection) -> Path:
    """Of several files for one modality the one whose ending stands first."""
    endings = ENDINGS[modality]
    first, *others = sorted(paths, key=lambda path: (endings.index(ending(path.name)), path.name))
    collection.unused += [f"{label}/{path.name} ({first.name} is)" for path in others]
    return first


def _common(examples: Sequence[Example], collection: Collection, share: float) -> list[str]:
    """Modalities that more than this share of the examples have; the others are said to be left out."""
    holders = {m: [e for e in examples if m in e.files] for m in ENDINGS}
    kept = [m for m, these in holders.items() if len(these) > share * len(examples)]
    for modality, these in holders.items():
        if these and kept and modality not in kept:
            names = few(f"{example.label}/{example.files[modality].name}" for example in these)
            have = "has" if len(these) == 1 else "have"
            collection.remarks.append(
                f"No {modality} is read: only {len(these)} of {len(examples)} examples {have} it ({names})."
            )
    if not kept and examples:
        counts = ", ".join(f"{m} {len(these)}" for m, these in holders.items() if these)
        collection.remarks.append(
            f"No modality is there for more than {_SAID[share]} of {len(examples)} examples ({counts})."
        )
    return kept


_SAID = {0.5: "half", FEW: "a tenth"}


def _sort(label: str, examples: Sequence[Example], collection: Collection, *, incomplete: bool) -> None:
    """Whole examples of a class into `examples`, the others too or into `omissions`."""
    for example in examples:
        there = [m for m in collection.modalities if m in example.files]
        if not there:
            continue  # it has nothing of what is read, which is said of its modality
        collection.sizes[label] += 1
        whole = collection.examples.setdefault(label, [])
        missing = [m for m in collection.modalities if m not in there]
        if missing and not incomplete:
            collection.omissions.append(Omission(label, example.key, f"without {' and '.join(missing)}"))
        else:
            files = {m: example.files[m] for m in there}
            whole.append(Example(label, example.name, files))
