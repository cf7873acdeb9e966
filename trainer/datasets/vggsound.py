"""VGGSound: 309 sounds whose source is seen."""

from pathlib import Path
from typing import ClassVar

from rhoscope.errors import InvalidInput
from trainer.prepare.sound import Spectrogram
from trainer.prepare.source import Clip, Listing, media_by_stem, rows
from trainer.prepared import Prepared

SECONDS = 10
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
    allow_missing: ClassVar[float] = 0.15
    """Its owners publish addresses of videos, many of which have gone since."""

    @classmethod
    def listing(cls, source: Path) -> Listing:
        """Clips of vggsound.csv; ids of classes follow their order in the alphabet, over the whole list.

        A video is looked for under any folder, as ID_START (six digits) or ID.
        """
        videos, clips = media_by_stem(source), dict[str, Clip]()
        for row in rows(source / "vggsound.csv", COLUMNS):
            if row["split"] not in {"train", "test"} or not row["start_seconds"].isdigit():
                raise InvalidInput(f"vggsound.csv should have the columns {', '.join(COLUMNS)}; found {row}.")
            stem = f"{row['youtube_id']}_{int(row['start_seconds']):06d}"
            path = videos.get(stem) or videos.get(row["youtube_id"], "")
            known = clips.setdefault(
                stem,
                Clip(
                    stem,
                    row["label"],
                    path,
                    path,
                    group=row["youtube_id"],
                    split=row["split"],
                    expected_seconds=SECONDS,
                ),
            )
            if known.label != row["label"] or known.split != row["split"]:
                raise InvalidInput(f"vggsound.csv names {stem} twice, and not alike; mend the list.")
        return Listing(tuple(clips.values()), tuple(sorted({clip.label for clip in clips.values()})))
