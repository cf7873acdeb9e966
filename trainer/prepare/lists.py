"""Official lists: are they all there, do they agree with each other and the files, what do they leave out.

A list gives each of its clips a class and a split. What contradicts is refused; what is incomplete is said.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from rhoscope.errors import InvalidInput
from trainer.prepare.layout import Manifest
from trainer.prepare.recordings import Recordings
from trainer.prepare.source import MEDIA, Clip, is_header, lines, readable

ENDINGS = (*MEDIA, ".wav", ".mp3", ".flac")
TRAIN, TEST = "train", "test"
ALIKE = 0.7
"""Likeness from which on a label may be a slip for a class."""
SHOWN = 3
"""Names that a sentence shows; the rest is counted."""
INCOMPARABLE = "so that accuracy does not compare with published numbers"


@dataclass(frozen=True)
class Line:
    """One line of a list: a clip, its label and split, and the list's file name."""

    clip: str
    label: str
    split: str
    file: str


def bare(name: str) -> str:
    r"""A clip's name as lists write it, without folders and without the ending of a recording.

    >>> bare("VideoFlash/1001_DFA_ANG_XX.flv"), bare("AudioWAV\\1001_DFA_ANG_XX.WAV"), bare("a.b")
    ('1001_DFA_ANG_XX', '1001_DFA_ANG_XX', 'a.b')
    """
    path = PurePosixPath(name.replace("\\", "/"))
    return path.stem if path.suffix.lower() in ENDINGS else path.name


def clip_of(row: Mapping[str, str], column: str, file: str) -> str:
    """The clip that a row names. Raises: InvalidInput, when it names none."""
    name = bare(row[column])
    if not name:
        raise InvalidInput(
            f"{file}: the line '{','.join(row.values())[:60]}' has no {column}; correct the list."
        )
    return name


def plain(label: str) -> str:
    """A class's name without the differences that lists and folders make.

    >>> plain("Playing_Bass  guitar")
    'playing bass guitar'
    """
    return " ".join(label.replace("_", " ").casefold().split())


def known(label: str, classes: Mapping[str, str], file: str, whose: str) -> str:
    """The class that a label means; `classes` are by what `plain` makes of their names, `whose` is in words.

    Raises:
        InvalidInput: when it means none of them.
    """
    if plain(label) not in classes:
        every = ", ".join(dict.fromkeys(classes.values()))
        raise InvalidInput(f"{file}: '{' '.join(label.split())[:60]}' is none of {whose}: {every}.")
    return classes[plain(label)]


def class_list(path: Path) -> tuple[str, ...]:
    """The classes of a list of one's own, one a line, in its order.

    Raises:
        InvalidInput: when it is not there, or names fewer than two.
    """
    classes = tuple(dict.fromkeys(cells[-1] for cells, _ in lines(path) if not is_header(cells)))
    if len(classes) < 2:
        raise InvalidInput(f"{path} should name at least two classes, one a line; found {len(classes)}.")
    return classes


def foreign(labels: Iterable[str], classes: Sequence[str]) -> tuple[str, ...]:
    """That lines are left out whose labels are none of the classes; those that look like one come first.

    >>> foreign(["tap dance"], ["tap dancing"])
    ("1 line is left out, whose label is not in the class list: 'tap dance' (1; is it 'tap dancing'?).",)
    """
    counts = Counter(labels)
    alike = {label: get_close_matches(plain(label), map(plain, classes), 1, ALIKE) for label in counts}
    ordered = sorted(counts, key=lambda label: (not alike[label], -counts[label], label))
    said = [f"'{n}' ({counts[n]}{f'; is it {alike[n][0]!r}?' if alike[n] else ''})" for n in ordered]
    if not said:
        return ()
    are = "1 line is" if counts.total() == 1 else f"{counts.total()} lines are"
    whose = "label is" if len(said) == 1 else f"{len(said)} labels are"
    return (f"{are} left out, whose {whose} not in the class list: {_some(said)}.",)


def there(
    source: Path, whose: str, lists: Mapping[str, Sequence[str]], *, needed: bool = True
) -> dict[str, Path]:
    """The list of each split: the first of its names that is a file in the source.

    Raises:
        InvalidInput: when one is missing, or, where they are `needed`, all of them.
    """
    files: dict[str, Path] = {}
    for split, names in lists.items():
        for name in [name for name in names if (source / name).is_file()][:1]:
            files[split] = source / name
    missing = [_list_names(names) for split, names in lists.items() if split not in files]
    if missing and (files or needed):
        every = [_list_names(names) for names in lists.values()]
        raise InvalidInput(
            f"{source} should hold {whose} {'list' if len(every) == 1 else 'lists'} {_and(every)}; "
            f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} not there: add what is missing, since a "
            f"split is never made up."
        )
    return files


def _list_names(names: Sequence[str]) -> str:
    return names[0] + (f" (or {', or '.join(names[1:])})" if names[1:] else "")


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def agreed(entries: Iterable[Line], files: Mapping[str, str], whose: str) -> dict[str, Line]:
    """The line of each clip in the lists; a repeated line counts once. `files` are the lists by split.

    Raises:
        InvalidInput: when a list names no clip, or a clip has two splits or two classes.
    """
    agreement: dict[str, Line] = {}
    splits, labels = dict[str, tuple[Line, Line]](), dict[str, tuple[Line, Line]]()
    for line in entries:
        first = agreement.setdefault(line.clip, line)
        if first.split != line.split:
            splits[line.clip] = (first, line)
        elif first.label != line.label:
            labels[line.clip] = (first, line)
    for one, other in splits.values():
        where = [f"{e.file} ({e.split})" if one.file == other.file else e.file for e in (one, other)]
        raise InvalidInput(
            f"{one.clip} is both in {where[0]} and in {where[1]}{_others(splits)}; a clip has one split: "
            f"take it out of the wrong list."
        )
    for one, other in labels.values():
        raise InvalidInput(
            f"{one.file} names {one.clip} twice, as '{one.label}' and as '{other.label}'{_others(labels)}; "
            f"keep the line that is right."
        )
    _check_each(agreement, files, f"no clip of {whose}; give the list its owners publish")
    return agreement


def contradicted(lines: Mapping[str, Line], witness: Mapping[str, str], what: str) -> None:
    """Compare classes with what a clip's own `what` says, where it says something.

    Raises:
        InvalidInput: names the first clip that a list gives another class.
    """
    wrong = {c: line for c, line in lines.items() if witness.get(c, line.label) != line.label}
    for clip, line in wrong.items():
        raise InvalidInput(
            f"{line.file} says that {clip} is '{line.label}', and its {what} says '{witness[clip]}'"
            f"{_others(wrong)}; correct the one that is wrong."
        )


def recorded(lines: Mapping[str, Line], files: Mapping[str, str], clips: Collection[str]) -> None:
    """Raises: InvalidInput, when a list names none of the `clips` that have a recording."""
    kept = {clip: line for clip, line in lines.items() if clip in clips}
    _check_each(kept, files, "no clip that has a recording in the source; is it another data set's?")


def _check_each(lines: Mapping[str, Line], files: Mapping[str, str], lack: str) -> None:
    splits = {line.split for line in lines.values()}
    for split, file in files.items():
        if split not in splits:
            alone = list(files.values()).count(file) == 1
            raise InvalidInput(f"{file}{'' if alone else f', for its {split} split,'} names {lack}")


def by_folder(clips: Iterable[Clip], classes: Collection[str]) -> dict[str, str]:
    """The class of each clip that lies in a folder named for one; a file cut from a video names the clip."""
    named = {plain(name): name for name in classes}
    places = {clip.id: Path(clip.video) for clip in clips if Path(clip.video).stem != clip.group}
    return {clip: named[p] for clip, path in places.items() if (p := plain(path.parent.name)) in named}


def strangers(recordings: Recordings, clips: Iterable[Clip]) -> tuple[str, ...]:
    """The recordings that no list names."""
    listed_files = {path for clip in clips for path in (clip.audio, clip.video)}
    return tuple(sorted(readable(s) for s, path in recordings.by_stem.items() if path not in listed_files))


def listed(clips: Iterable[Clip], manifest: Manifest) -> bool:
    """Whether a prepared folder's source had official lists."""
    return bool(manifest.listed) or any(clip.split for clip in clips)


def absent(clips: Iterable[Clip], manifest: Manifest, files: Mapping[str, str]) -> str:
    """Why a prepared folder has not all of the official splits; empty where it has."""
    counts = Counter(clip.split for clip in clips)
    for split, file in files.items():
        if counts[split]:
            continue
        if manifest.listed.get(split):
            return (
                f"of the {manifest.listed[split]} clips that {file} names for the {split} split none could "
                "be prepared; skipped.csv lists the reasons: correct the source and prepare it again, "
                "into a new folder"
            )
        lost = ", or none of its clips could be," if manifest.skipped else ""
        return (
            f"the folder holds no clip of the official {split} split, since {file} was not there when it was "
            f"prepared{lost}; complete the source and prepare it again, into a new folder"
        )
    return ""


def gaps(clips: Sequence[Clip], manifest: Manifest, where: Mapping[str, str]) -> tuple[str, ...]:
    """Gaps of a prepared folder's official split, one sentence each; `where` maps clips to splits."""
    unlisted = manifest.unlisted or tuple(clip.id for clip in clips if not clip.split)
    labels = {s: {clip.label for clip in clips if where.get(clip.id) == s} for s in (TRAIN, TEST)}
    sentences = (
        left_out(unlisted, "clip"),
        _short(clips, manifest),
        classless(labels, manifest.plan.classes),
    )
    return tuple(sentence for sentence in sentences if sentence)


def left_out(names: Collection[str], kind: str) -> str:
    """That these are in no list; empty where there are none.

    >>> left_out(["c", "a", "b", "d"], "clip")
    '4 clips are in no official list and left out of the official split: a, b, c and 1 more.'
    """
    if not names:
        return ""
    are = f"1 {kind} is" if len(names) == 1 else f"{len(names)} {kind}s are"
    return f"{are} in no official list and left out of the official split: {_some(sorted(names))}."


def _short(clips: Iterable[Clip], manifest: Manifest) -> str:
    counts = Counter(clip.split for clip in clips)
    short = [f"{s}: {counts[s]} of {n} listed clips" for s, n in manifest.listed.items() if counts[s] < n]
    if short:
        return f"The official split is incomplete ({', '.join(short)}), {INCOMPARABLE}."
    if manifest.skipped and not manifest.listed:
        return (
            f"{len(manifest.skipped)} of the source's {manifest.plan.clips} clips could not be prepared, of "
            f"which splits this older folder does not say, {INCOMPARABLE}."
        )
    return ""


def classless(labels: Mapping[str, Collection[str]], classes: Sequence[str]) -> str:
    """That splits have no clip of some classes; empty where they have, or hold nothing at all.

    >>> classless({"train": {"a", "b"}, "test": {"a"}}, ("a", "b"))
    'The official split leaves classes without a clip: 1 of 2 in test (b).'
    """
    lacks = {s: [c for c in classes if c not in there] for s, there in labels.items() if there}
    parts = [f"{len(names)} of {len(classes)} in {s} ({_some(names)})" for s, names in lacks.items() if names]
    return f"The official split leaves classes without a clip: {', '.join(parts)}." if parts else ""


def _some(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _others(clips: Collection[str]) -> str:
    """As part of a sentence about the first of these."""
    more = len(clips) - 1
    return f" ({more} more {'clip' if more == 1 else 'clips'} likewise)" if more else ""
