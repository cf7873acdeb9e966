"""CREMA-D: 7,442 clips in which 91 actors say twelve sentences with six emotions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from rhoscope.errors import InvalidInput
from rhoscope.settings import setting
from trainer.prepare.sound import Spectrogram
from trainer.prepare.source import Clip, Listing, folder, ranked, readable, rows, shares
from trainer.prepared import Prepared, PreparedSettings

EMOTIONS = ("NEU", "HAP", "SAD", "FEA", "DIS", "ANG")
"""Ids of the classes, whatever is on disk."""
PARTS = {"train": 0.8, "validation": 0.1, "test": 0.1}
LISTED = {"train.csv": "train", "test.csv": "test"}


class CremaDSettings(PreparedSettings):
    """Who is trained on and who is tested."""

    partition: Literal["by-actor", "random-with-validation", "official-code"] = setting(
        "random-with-validation",
        "by-actor: no actor is in two splits, the honest one. random-with-validation: clips at random, "
        "8 : 1 : 1; every actor is in all splits, so test accuracy flatters. official-code: the lists "
        "train.csv and test.csv where the source has them, else 9 : 1 at random, with a tenth of train to "
        "validate on; all 91 actors are on both sides, so test accuracy flatters as well.",
    )


class CremaD(Prepared):
    """Acted emotions, heard and seen: 6 classes, 7,442 clips of 2 to 3 seconds, 91 actors.

    Prepared by `rhoscope prepare cremad` from AudioWAV and VideoFlash. Only partition by-actor shares no
    actor between training and testing; whatever is chosen, the run's first lines say what leaks.
    """

    title: ClassVar[str] = "CREMA-D"
    paper: ClassVar[str] = "Cao et al., IEEE TAC 2014, CREMA-D: Crowd-sourced Emotional Multimodal Actors"
    Settings = CremaDSettings
    settings: CremaDSettings
    hearing = Spectrogram(rate=22_050, seconds=3, n_fft=512, hop=353)
    pictures: ClassVar[int] = 3
    classes = EMOTIONS

    @classmethod
    def listing(cls, source: Path) -> Listing:
        """Every clip that has its sound, its pictures or a line in a list.

        Names are ACTOR_SENTENCE_EMOTION_LEVEL.
        """
        sounds, videos = folder(source, "AudioWAV"), folder(source, "VideoFlash")
        listed = {
            row["clip"]: split
            for name, split in LISTED.items()
            if (source / name).is_file()
            for row in rows(source / name, ("clip", "emotion"))
        }
        found = (*sounds.glob("[!.]*.wav"), *videos.glob("[!.]*.flv"))
        names = {path.stem for path in found} | listed.keys()
        clips = []
        for name in sorted(names):
            actor, emotion = cls._read(name)
            audio, video = f"{sounds.name}/{name}.wav", f"{videos.name}/{name}.flv"
            split = listed.get(name, "")
            clips.append(Clip(readable(name), emotion, audio, video, actor, split, expected_rate=16_000))
        return Listing(tuple(clips), EMOTIONS)

    @staticmethod
    def _read(name: str) -> tuple[str, str]:
        parts = name.split("_")
        if len(parts) != 4 or parts[2] not in EMOTIONS:
            raise InvalidInput(
                f"'{name}' is no CREMA-D clip: names are ACTOR_SENTENCE_EMOTION_LEVEL, such as "
                f"1001_DFA_ANG_XX, with one of {', '.join(EMOTIONS)}."
            )
        return parts[0], parts[2]

    def partition(self, clips: Sequence[Clip]) -> Mapping[str, str]:
        if self.settings.partition == "by-actor":
            actors = ranked((clip.group for clip in clips), PARTS)
            return {clip.id: actors[clip.group] for clip in clips}
        if self.settings.partition == "random-with-validation":
            return {clip.id: shares(clip.id, PARTS) for clip in clips}
        found = {}
        for clip in clips:
            split = clip.split or shares(clip.id, {"train": 0.9, "test": 0.1})
            trained = split == "train"
            found[clip.id] = shares(f"{clip.id}/", {"train": 0.9, "validation": 0.1}) if trained else split
        return found
