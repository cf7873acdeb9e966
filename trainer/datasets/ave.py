"""AVE: 28 events that are heard and seen, here one class a clip."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from trainer.disk.dataset import Prepared
from trainer.prepare import lists
from trainer.prepare.lists import Line
from trainer.prepare.recordings import Recordings, cut_names
from trainer.prepare.sound import FilterBank
from trainer.prepare.source import Clip, Listing, folder, rows

EVENTS = (
    "Accordion",
    "Acoustic guitar",
    "Baby cry, infant cry",
    "Banjo",
    "Bark",
    "Bus",
    "Cat",
    "Chainsaw",
    "Church bell",
    "Clock",
    "Female speech, woman speaking",
    "Fixed-wing aircraft, airplane",
    "Flute",
    "Frying (food)",
    "Goat",
    "Helicopter",
    "Horse",
    "Male speech, man speaking",
    "Mandolin",
    "Motorcycle",
    "Race car, auto racing",
    "Rodents, rats, mice",
    "Shofar",
    "Toilet flush",
    "Train horn",
    "Truck",
    "Ukulele",
    "Violin, fiddle",
)
SECONDS = 10
COLUMNS = ("Category", "VideoID", "Quality", "StartTime", "EndTime")
LISTS = {"train": "trainSet.txt", "validation": "valSet.txt", "test": "testSet.txt"}


class AVE(Prepared):
    """Audio-visual events: 28 classes, 4,143 clips of ten seconds. Here the clip has one class.

    Prepared by `rhoscope prepare ave` from the folder AVE and the lists trainSet.txt, valSet.txt and
    testSet.txt. When in the clip the event happens is the task of ave-localization.
    """

    title: ClassVar[str] = "AVE"
    paper: ClassVar[str] = "Tian et al., ECCV 2018, Audio-Visual Event Localization in Unconstrained Videos"
    hearing = FilterBank(rate=16_000, frames=1024, mean=-4.503877, spread=2 * 5.141276)
    classes = EVENTS
    official_lists = LISTS

    @classmethod
    def listing(cls, source: Path) -> Listing:
        """Clips of the three lists, whose columns are divided by '&'; a video may have two events."""
        place = folder(source, "AVE")
        videos = Recordings.of(place, place.name)
        files = lists.there(source, "AVE's", {split: [name] for split, name in LISTS.items()})
        clips: dict[str, Clip] = {}
        named, lines = {lists.plain(event): event for event in EVENTS}, []
        for split, path in files.items():
            for row in rows(path, COLUMNS, "&"):
                event = lists.known(row["Category"], named, path.name, f"AVE's {len(EVENTS)} events")
                clip = cls._clip(lists.clip_of(row, "VideoID", path.name), event, split, videos)
                seconds = f"{row['StartTime']} to {row['EndTime']}"
                lines.append(Line(f"{clip.id} ({event}, second {seconds})", event, split, path.name))
                before = clips.get(clip.id)
                if before and (before.label, before.split) != (clip.label, split):
                    clip = replace(clip, id=f"{clip.id} {clip.label} {split}")
                clips[clip.id] = clip
        lists.agreed(lines, LISTS, "AVE")
        said = {clip.id: Line(clip.id, clip.label, clip.split, LISTS[clip.split]) for clip in clips.values()}
        lists.recorded(said, LISTS, {clip.id for clip in clips.values() if clip.video})
        unlisted = lists.strangers(videos, clips.values())
        return Listing(tuple(clips.values()), EVENTS, unlisted, videos.remarks("ID", ".mp4"))

    @staticmethod
    def _clip(video: str, event: str, split: str, videos: Recordings) -> Clip:
        path = videos.find([(video, "ID"), *cut_names(video, 0, SECONDS)])
        lacks = "" if path else videos.lack([video], video)
        return Clip(video, event, path, path, video, split, expected_seconds=SECONDS, lacks=lacks)
