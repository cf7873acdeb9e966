"""Examples in a folder of one's own, by the names of its files: a folder per class, a name per example.

What belongs together is decided by names alone and nothing is read, so that a look costs milliseconds.
Whatever is left out is counted under its reason.
"""

import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ENDINGS: Mapping[str, tuple[str, ...]] = {
    "audio": (
        ".wav",
        ".flac",
        ".mp3",
        ".ogg",
        ".oga",
        ".opus",
        ".m4a",
        ".aac",
        ".aif",
        ".aiff",
        ".wma",
        ".au",
    ),
    "visual": (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"),
    "text": (".txt",),
}
"""Of files that are read, by modality; in capitals, too. Of two such files the first ending counts."""
SYSTEM = frozenset({"__MACOSX", "__pycache__", "@eaDir", "lost+found", "$RECYCLE.BIN"})
"""Folders that programs leave behind; so are those whose names begin with a dot."""
LITTER = frozenset({"Thumbs.db", "desktop.ini"})
NAMED = 3
"""Names given of those that share a reason."""
REASONS = 6
"""Reasons given, the most frequent ones."""


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
    """A folder's examples by class: `examples` lists complete ones, `sizes` counts incomplete ones too."""

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
    unused: list[str] = field(default_factory=list)
    """Files beside another one of the same name and modality, which is read."""
    others: Counter[str] = field(default_factory=Counter)
    """Files that are not read, by ending."""


def collect(root: Path) -> Collection:
    """Look through a folder's classes. Raises: OSError, when it or one of them can't be listed."""
    collection = Collection()
    names = _classes(root, collection)
    collection.classes = tuple(map(as_text, names))
    groups = {as_text(name): _grouped(root / name, as_text(name), collection) for name in names}
    collection.modalities = tuple(_common([e for examples in groups.values() for e in examples], collection))
    for label, examples in groups.items():
        _sort(label, examples, collection)
    collection.remarks += _remarks(collection)
    return collection


def _remarks(collection: Collection) -> Iterator[str]:
    if empty := [label for label in collection.classes if label not in collection.examples]:
        yield f"Folders without an example are no classes: {few(empty)}."
    if collection.nested and collection.examples:
        yield f"Folders inside classes are not read: {few(collection.nested)}."
    if collection.renamed:
        yield f"Names that differ only in capitals are taken as one: {few(collection.renamed)}."
    if collection.unused:
        number = len(collection.unused)
        yield f"{number} files are not read since another one has the same name: {few(collection.unused)}."
    if collection.others:
        kinds = ", ".join(f"{count} {ending}" for ending, count in collection.others.most_common(NAMED))
        yield f"Files of other kinds are not read: {kinds}."


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


def few(names: Iterable[str]) -> str:
    """The first names of a list, and that there are more.

    >>> few("abcde")
    'a, b, c, ...'
    """
    listed = list(names)
    return ", ".join([*listed[:NAMED], *(["..."] if len(listed) > NAMED else [])])


def _classes(root: Path, collection: Collection) -> list[str]:
    names = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
    hidden = [name for name in names if name.startswith(".") or name in SYSTEM]
    if hidden:
        collection.remarks.append(f"Hidden and system folders are no classes: {few(map(as_text, hidden))}.")
    return [name for name in names if name not in hidden]


def as_text(name: str) -> str:
    r"""A name as text; bytes that are none are written out, so that two names stay two.

    >>> as_text("caf\udce9")
    'caf\\xe9'
    """
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _grouped(folder: Path, label: str, collection: Collection) -> list[Example]:
    """A class's files by the name they share."""
    groups: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        if entry.name.startswith(".") or entry.name in LITTER:
            continue
        if entry.is_dir():
            collection.nested.append(f"{label}/{as_text(entry.name)}")
            continue
        ending = path.suffix.lower().strip()
        modality = next((m for m, endings in ENDINGS.items() if ending in endings), None)
        if modality is None:
            collection.others[ending or "no ending"] += 1
        elif not _is_text(entry.name):
            name = f"{label}/{as_text(entry.name)}"
            collection.omissions.append(Omission(label, name, "with a name that is not UTF-8"))
        else:
            groups[unicodedata.normalize("NFC", path.stem).strip()][modality].append(path)
    return [
        Example(label, name, {m: _first(label, m, paths, collection) for m, paths in files.items()})
        for name, files in _matched(label, groups, collection).items()
    ]


def _is_text(name: str) -> bool:
    return as_text(name) == name


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
    ordered = sorted(paths, key=lambda path: (endings.index(path.suffix.lower().strip()), path.name))
    collection.unused += [f"{label}/{path.name}" for path in ordered[1:]]
    return ordered[0]


def _common(examples: Sequence[Example], collection: Collection) -> list[str]:
    """Modalities that more than half of the examples have; the others are said to be left out."""
    holders = {m: [e for e in examples if m in e.files] for m in ENDINGS}
    kept = [m for m, these in holders.items() if 2 * len(these) > len(examples)]
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
            f"No modality is there for more than half of {len(examples)} examples ({counts})."
        )
    return kept


def _sort(label: str, examples: Sequence[Example], collection: Collection) -> None:
    """Whole examples of a class into `examples`, the others into `omissions`."""
    for example in examples:
        there = [m for m in collection.modalities if m in example.files]
        if not there:
            continue  # it has nothing of what is read, which is said of its modality
        collection.sizes[label] += 1
        whole = collection.examples.setdefault(label, [])
        if missing := [m for m in collection.modalities if m not in there]:
            collection.omissions.append(Omission(label, example.key, f"without {' and '.join(missing)}"))
        else:
            files = {m: example.files[m] for m in collection.modalities}
            whole.append(Example(label, example.name, files))
