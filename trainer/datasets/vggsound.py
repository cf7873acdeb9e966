"""VGGSound: 309 sounds whose source is seen."""

import re
from pathlib import Path
from typing import ClassVar

from rhoscope.errors import InvalidInput
from trainer.disk.dataset import Prepared
from trainer.prepare import lists
from trainer.prepare.lists import Line
from trainer.prepare.recordings import Recordings, cut_names
from trainer.prepare.sound import Spectrogram
from trainer.prepare.source import Clip, Listing, rows

SECONDS = 10
FILE = "vggsound.csv"
SECOND = re.compile(r"\d+(\.0*)?")
COLUMNS = ("youtube_id", "start_seconds", "label", "split")


class VGGSound(Prepared):
    """Sounds in the wild: 309 classes, some 200,000 clips of ten seconds; five of them are heard.

    Which five is drawn in training and the middle in testing. Prepared by `rhoscope prepare vggsound` from
    mp4 clips and vggsound.csv.
    """

    title: ClassVar[str] = "VGGSound"
    paper: ClassVar[str] = "Chen et al., ICASSP 2020, VGGSound: A Large-scale Audio-Visual Dataset"
    hearing = Spectrogram(rate=16_000, seconds=SECONDS, n_fft=256, hop=128)
    heard: ClassVar[int | None] = 626
    official_lists = {"train": FILE, "test": FILE}
    allow_missing: ClassVar[float] = 0.15
    """Its owners publish addresses of videos, many of which have gone since."""

    @classmethod
    def listing(cls, source: Path) -> Listing:
        """Clips of vggsound.csv; ids of classes follow their order in the alphabet, over the whole list.

        A video is looked for under any folder, as ID_START (six digits), ID, or another usual name.
        """
        lists.there(source, "VGGSound's", {"": [FILE]})
        videos = Recordings.of(source)
        clips = [cls._clip(row, videos) for row in rows(source / FILE, COLUMNS)]
        classes = tuple(sorted({clip.label for clip in clips}))
        lines = [Line(clip.id, clip.label, clip.split, FILE) for clip in clips]
        said = lists.agreed(lines, cls.official_lists, "VGGSound")
        lists.contradicted(said, lists.by_folder(clips, classes), "folder")
        lists.recorded(said, cls.official_lists, {clip.id for clip in clips if clip.video})
        unlisted = lists.strangers(videos, clips)
        remarks = videos.remarks("ID_START", ".mp4")
        return Listing(tuple({clip.id: clip for clip in clips}.values()), classes, unlisted, remarks)

    @staticmethod
    def _clip(row: dict[str, str], videos: Recordings) -> Clip:
        video, split = lists.clip_of(row, "youtube_id", FILE), row["split"].lower()
        if split not in {"train", "test"} or not SECOND.fullmatch(row["start_seconds"]) or not row["label"]:
            raise InvalidInput(
                f"{FILE} should have the columns {', '.join(COLUMNS)}, the last of them train or test; found "
                f"{', '.join(row.values())}."
            )
        start = int(float(row["start_seconds"]))
        stem = f"{video}_{start:06d}"
        names = [(stem, "ID_START"), (video, "ID"), *cut_names(video, start, start + SECONDS)]
        path = videos.find(names)
        lacks = "" if path else videos.lack([stem, video], video)
        return Clip(stem, row["label"], path, path, video, split, expected_seconds=SECONDS, lacks=lacks)
