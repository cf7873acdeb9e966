"""Kinetics-Sounds: 31 actions of Kinetics-400 that can be heard as well as seen."""

from pathlib import Path
from typing import ClassVar

from rhoscope.errors import InvalidInput
from trainer.prepare.sound import FilterBank
from trainer.prepare.source import Clip, Listing, media_by_stem, rows
from trainer.prepared import Prepared

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
SECONDS = 10


class KineticsSounds(Prepared):
    """Actions that are heard and seen: 31 classes, clips of ten seconds, three pictures spread over each.

    Prepared by `rhoscope prepare kinetics-sounds` from mp4 clips and Kinetics-400's train.csv and
    validate.csv.
    """

    title: ClassVar[str] = "Kinetics-Sounds"
    paper: ClassVar[str] = "Arandjelović & Zisserman, ICCV 2017, Look, Listen and Learn"
    hearing = FilterBank(rate=16_000, frames=1024, mean=-4.503877, spread=2 * 5.141276)
    classes = CLASSES

    @classmethod
    def listing(cls, source: Path) -> Listing:
        """Clips of the 31 classes in Kinetics' lists: label, youtube_id, time_start, time_end, split.

        A video is looked for under any folder, as ID_START_END (six digits each) or ID.
        """
        videos, clips = media_by_stem(source), dict[str, Clip]()
        for split, names in LISTS.items():
            for name in [name for name in names if (source / name).is_file()][:1]:
                for row in rows(source / name):
                    clip = cls._clip(row, name, split, videos)
                    if clip:
                        clips.setdefault(clip.id, clip)
        if not {"train", "test"} <= {clip.split for clip in clips.values()}:
            raise InvalidInput(
                f"{source} should hold Kinetics' lists train.csv and validate.csv (or val.csv, or test.csv) "
                f"with clips of Kinetics-Sounds' classes; put them beside the clips."
            )
        return Listing(tuple(clips.values()), CLASSES)

    @staticmethod
    def _clip(row: dict[str, str], name: str, split: str, videos: dict[str, str]) -> Clip | None:
        try:
            label, video = row["label"].strip('"').replace("_", " "), row["youtube_id"]
            start, end = int(float(row["time_start"])), int(float(row["time_end"]))
        except (KeyError, ValueError):
            raise InvalidInput(
                f"{name} should have the columns label, youtube_id, time_start, time_end; found "
                f"{', '.join(row)}."
            ) from None
        if label not in CLASSES:
            return None
        stem = f"{video}_{start:06d}_{end:06d}"
        path = videos.get(stem) or videos.get(video, "")
        return Clip(stem, label, path, path, video, split, expected_seconds=SECONDS)
