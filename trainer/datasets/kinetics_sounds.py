"""Kinetics-Sounds: 31 actions of Kinetics-400 that can be heard as well as seen."""

from pathlib import Path
from typing import ClassVar

from rhoscope.errors import InvalidInput
from trainer.disk.dataset import Prepared
from trainer.prepare import lists
from trainer.prepare.lists import Line
from trainer.prepare.sound import FilterBank
from trainer.prepare.source import Clip, Listing, media_by_stem, rows

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
LISTS = {"train": ("train.csv",), "test": ("validate.csv", "val.csv", "test.csv")}
"""The first that is there; as the paper, what Kinetics calls its validation list is tested on."""
SAYS = {"train": "train", "validate": "test", "validation": "test", "val": "test", "test": "test"}
"""What their column split says, and means here."""
SECONDS = 10
COLUMNS = ("label", "youtube_id", "time_start", "time_end")
SPELLINGS = {lists.plain(name): name for name in CLASSES}


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
        """Clips of the 31 classes in Kinetics' lists: label, youtube_id, time_start, time_end, split.

        A video is looked for under any folder, as ID_START_END (six digits each) or ID.
        """
        paths = lists.there(source, "Kinetics'", LISTS)
        files, videos = {split: path.name for split, path in paths.items()}, media_by_stem(source)
        every = [
            cls._clip(row, split, path.name, videos) for split, path in paths.items() for row in rows(path)
        ]
        ours = {clip.id for clip in every if clip.label in CLASSES}
        clips = [clip for clip in every if clip.id in ours]
        lines = [Line(clip.id, clip.label, clip.split, files[clip.split]) for clip in clips]
        said = lists.agreed(lines, files, "Kinetics-Sounds' classes")
        lists.contradicted(said, lists.by_folder(clips, CLASSES), "folder")
        lists.recorded(said, files, {clip.id for clip in clips if clip.video})
        unlisted = lists.strangers(videos, {clip.id for clip in every} | {clip.group for clip in every})
        return Listing(tuple({clip.id: clip for clip in clips}.values()), CLASSES, unlisted)

    @staticmethod
    def _clip(row: dict[str, str], split: str, file: str, videos: dict[str, str]) -> Clip:
        """The clip that a row names, whatever its class."""
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
        stem = f"{video}_{start:06d}_{end:06d}"
        path = videos.get(stem) or videos.get(video, "")
        label = SPELLINGS.get(lists.plain(row["label"].strip('"')), row["label"])
        return Clip(stem, label, path, path, video, split, expected_seconds=SECONDS)
