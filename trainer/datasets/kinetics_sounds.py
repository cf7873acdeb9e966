"""Kinetics-Sounds: 31 actions of Kinetics-400 that can be heard as well as seen."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from rhoscope.errors import InvalidInput
from trainer.disk.dataset import Prepared
from trainer.prepare import lists
from trainer.prepare.lists import Line
from trainer.prepare.recordings import Recordings, cut_names
from trainer.prepare.sound import FilterBank
from trainer.prepare.source import Clip, Listing, is_header, lines, rows

CLASSES = (
    "blowing nose",
    "blowing out candles",
    "bowling",
    "chopping wood",
    "dribbling basketball",
    "finger snapping",
    "laughing",
    "mowing lawn",
    "playing accordion",
    "playing bagpipes",
    "playing bass guitar",
    "playing clarinet",
    "playing drums",
    "playing guitar",
    "playing harmonica",
    "playing keyboard",
    "playing organ",
    "playing piano",
    "playing saxophone",
    "playing trombone",
    "playing trumpet",
    "playing violin",
    "playing xylophone",
    "ripping paper",
    "shoveling snow",
    "shuffling cards",
    "singing",
    "tap dancing",
    "tapping guitar",
    "tapping pen",
    "tickling",
)
LISTS = {
    "train": ("train.csv", "my_train.txt", "train.txt"),
    "test": ("validate.csv", "val.csv", "test.csv", "my_test.txt", "test.txt"),
}
"""The first that is there; as the paper, what Kinetics calls its validation list is tested on."""
SAYS = {"train": "train", "validate": "test", "validation": "test", "val": "test", "test": "test"}
"""What their column split says, and means here."""
SECONDS = 10
OWN = "classes.txt"
"""A list of classes of one's own, one a line, in place of the 31."""
COLUMNS = ("label", "youtube_id", "time_start", "time_end")
CUT = re.compile(r"(?P<video>.+?)_(?P<start>\d+)(_(?P<end>\d+))?")
"""A clip as the lists of balanced-learning papers name it: ID_START, or ID_START_END."""


class KineticsSounds(Prepared):
    """Actions that are heard and seen: 31 classes, clips of ten seconds, three pictures spread over each.

    Prepared by `rhoscope prepare kinetics-sounds` from mp4 clips and Kinetics-400's train.csv and
    validate.csv.
    """

    title: ClassVar[str] = "Kinetics-Sounds"
    paper: ClassVar[str] = "Arandjelović & Zisserman, ICCV 2017, Look, Listen and Learn"
    hearing = FilterBank(rate=16_000, frames=1024, mean=-4.503877, spread=2 * 5.141276)
    classes = CLASSES
    official_lists = {split: names[0] for split, names in LISTS.items()}

    @classmethod
    def listing(cls, source: Path) -> Listing:
        """Clips of the 31 classes, or of those in classes.txt, in lists as Kinetics publishes them.

        Where no label is one of the 31, the labels are the classes. Lists of lines CLIP,10,label are read as
        well. A video is looked for under any folder, as ID_START_END (six digits each), ID, or another usual
        name.
        """
        paths = lists.there(source, "Kinetics'", LISTS)
        files, videos = {split: path.name for split, path in paths.items()}, Recordings.of(source)
        named = [(row, split) for split, path in paths.items() for row in _rows(path)]
        classes, given = _classes(source / OWN, (row.get("label", "") for row, _ in named))
        spellings = {lists.plain(name): name for name in classes}
        every = [cls._clip(row, split, files[split], spellings) for row, split in named]
        ours = {clip.id for clip in every if clip.label in spellings.values()}
        clips = [_found(clip, videos) for clip in every if clip.id in ours]
        said = lists.agreed(
            [Line(clip.id, clip.label, clip.split, files[clip.split]) for clip in clips],
            files,
            "Kinetics-Sounds' classes",
        )
        lists.contradicted(said, lists.by_folder(clips, classes), "folder")
        lists.recorded(said, files, {clip.id for clip in clips if clip.video})
        others = [replace(clip, video=videos.path_of(_names(clip))) for clip in every if clip.id not in ours]
        unlisted = lists.strangers(videos, [*clips, *others])
        foreign = lists.foreign([clip.label for clip in every if clip.id not in ours], classes)
        remarks = (*given, *foreign, *videos.remarks("ID_START_END of six digits", ".mp4"))
        return Listing(tuple({clip.id: clip for clip in clips}.values()), tuple(classes), unlisted, remarks)

    @staticmethod
    def _clip(row: dict[str, str], split: str, file: str, spellings: dict[str, str]) -> Clip:
        """The clip that a row names, whatever its class, without its recording."""
        if any(column not in row for column in COLUMNS):
            raise InvalidInput(
                f"{file} should have the columns {', '.join(COLUMNS)}; found {', '.join(row)}."
            )
        video = lists.clip_of(row, "youtube_id", file)
        try:
            start, end = int(float(row["time_start"])), int(float(row["time_end"]))
        except (ValueError, OverflowError):
            raise InvalidInput(
                f"{file}: {video} should have seconds as time_start and time_end; found {row['time_start']} "
                f"and {row['time_end']}."
            ) from None
        if SAYS.get(row.get("split", "").lower(), split) != split:
            raise InvalidInput(
                f"{file}: the column split of {video} says '{row['split']}'; give the list that Kinetics' "
                f"owners publish under this name."
            )
        label = spellings.get(lists.plain(row["label"].strip('"')), row["label"])
        return Clip(f"{video}_{start:06d}_{end:06d}", label, "", "", video, split, start=start, end=end)


def _found(clip: Clip, videos: Recordings) -> Clip:
    """The clip with its recording, which is cut already, and so counts whole."""
    path = videos.find(_names(clip))
    return Clip(
        clip.id,
        clip.label,
        path,
        path,
        clip.group,
        clip.split,
        expected_seconds=SECONDS,
        lacks="" if path else videos.lack([clip.id, clip.group], clip.group),
    )


def _names(clip: Clip) -> list[tuple[str, str]]:
    return [*cut_names(clip.group, int(clip.start), int(clip.end)), (clip.group, "ID")]


def _classes(own: Path, labels: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The classes, and where they are from if they are not the 31."""
    if own.is_file():
        classes = lists.class_list(own)
        return classes, (f"{OWN} gives {len(classes)} classes.",) if classes != CLASSES else ()
    there = {lists.plain(label.strip('"')): label.strip('"') for label in labels}
    if len(there) < 2 or not there.keys().isdisjoint(map(lists.plain, CLASSES)):
        return CLASSES, ()
    classes = tuple(sorted(there.values()))
    words = (
        f"None of the lists' labels is one of the {len(CLASSES)} classes: their own {len(classes)} are used."
    )
    return classes, (words,)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a list by Kinetics' columns, whichever of the two forms it has.

    Raises:
        InvalidInput: when a line has another form.
    """
    first = next(lines(path), ([], 0))[0]
    if len(first) != 3 or is_header(first) or not first[1].isdecimal():
        yield from rows(path)
        return
    for row in rows(path, ("clip", "seconds", "label")):
        clip = CUT.fullmatch(lists.bare(row["clip"]))
        if clip is None or not row["seconds"].isdecimal():
            raise InvalidInput(
                f"{path.name}: lines should be ID_START,SECONDS,label; found '{','.join(row.values())[:60]}'."
            )
        start = clip["start"]
        end = clip["end"] or str(int(start) + int(row["seconds"]))
        about = {"youtube_id": clip["video"], "time_start": start, "time_end": end}
        yield {"label": row["label"].replace("_", " "), **about}
