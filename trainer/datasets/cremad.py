"""CREMA-D: 7,442 clips in which 91 actors say twelve sentences with six emotions."""

from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import ClassVar, Literal

from typing_extensions import override

from rhoscope.errors import InvalidInput
from rhoscope.settings import setting
from trainer.disk.dataset import Prepared, PreparedSettings
from trainer.prepare import lists
from trainer.prepare.examples import AUDIO
from trainer.prepare.layout import Manifest
from trainer.prepare.lists import Line
from trainer.prepare.recordings import Recordings
from trainer.prepare.sound import Spectrogram
from trainer.prepare.source import MEDIA, Clip, Listing, folder, ranked, readable, rows, shares

EMOTIONS = ("NEU", "HAP", "SAD", "FEA", "DIS", "ANG")
"""Ids of the classes, whatever is on disk."""
NAMES = "ACTOR_SENTENCE_EMOTION_LEVEL"
PARTS = {"train": 0.8, "validation": 0.1, "test": 0.1}
LISTS = {"train": "train.csv", "test": "test.csv"}
WORDS = {"NEU": "neutral", "HAP": "happy happiness", "SAD": "sad sadness", "FEA": "fear fearful"}
WORDS |= {"DIS": "disgust disgusted", "ANG": "anger angry"}
SPELLINGS = {word: code for code, words in WORDS.items() for word in (code.lower(), *words.split())}
"""What lists call an emotion, without capitals."""


class CremaDSettings(PreparedSettings):
    """Settings of CREMA-D."""

    partition: Literal["by-actor", "random-with-validation", "official-code"] = setting(
        "random-with-validation",
        "by-actor: no actor is in two splits, the honest one. random-with-validation: clips at random, "
        "8 : 1 : 1; every actor is in all splits, so test accuracy flatters. official-code: the lists "
        "train.csv and test.csv where the source has them, else 9 : 1 at random, with a tenth of train to "
        "validate on, and clips that no list names are left out; all 91 actors are on both sides, so test "
        "accuracy flatters as well.",
    )


class CremaD(Prepared):
    """Acted emotions, heard and seen: 6 classes, 7,442 clips of 2 to 3 seconds, 91 actors.

    Prepared by `rhoscope prepare cremad` from AudioWAV and VideoFlash. Only partition by-actor shares no
    actor between training and testing; whatever is chosen, the run's first lines say what leaks.
    """

    title: ClassVar[str] = "CREMA-D"
    paper: ClassVar[str] = "Cao et al., IEEE TAC 2014, CREMA-D: Crowd-sourced Emotional Multimodal Actors"
    fidelity: ClassVar[str] = (
        "Differs from the published code in its resampler, soxr where the code (commit 343dc1d of "
        "GeWu-Lab/OGM-GE_CVPR2022) has resampy, checked by tests/golden/resample.py: 0.01 nats below "
        "7.3 kHz on average, 0.4 above 8.2 kHz. Spectrogram and lists are that code's."
    )
    Settings = CremaDSettings
    settings: CremaDSettings
    hearing = Spectrogram(rate=22_050, seconds=3, n_fft=512, hop=353)
    pictures: ClassVar[int] = 3
    classes = EMOTIONS
    official_lists = LISTS

    @classmethod
    def listing(cls, source: Path) -> Listing:
        """Every clip that has its sound, its pictures or a line in a list.

        Names are ACTOR_SENTENCE_EMOTION_LEVEL.
        """
        heard, seen = folder(source, "AudioWAV"), folder(source, "VideoFlash")
        sounds = Recordings.of(heard, heard.name, (*AUDIO, *MEDIA))
        videos = Recordings.of(seen, seen.name)
        stems = sounds.by_stem.keys() | videos.by_stem.keys()
        names = {name: name for name in sorted(stems)}
        listed = cls._lines(source, set(names))
        clips = [
            cls._clip(name, names, sounds, videos, listed) for name in sorted(names.keys() | listed.keys())
        ]
        remarks = (*sounds.remarks(NAMES, ".wav"), *videos.remarks(NAMES, ".flv"))
        return Listing(tuple(clips), EMOTIONS, remarks=remarks)

    @classmethod
    def _clip(
        cls,
        name: str,
        names: Mapping[str, str],
        sounds: Recordings,
        videos: Recordings,
        listed: Mapping[str, Line],
    ) -> Clip:
        """The clip of a name; `names` are how the files write it."""
        actor, emotion = cls._read(name)
        written = names.get(name, name)
        audio = sounds.find([(written, NAMES)]) or f"{sounds.below}{written}.wav"
        video = videos.find([(written, NAMES)]) or f"{videos.below}{written}.flv"
        split = listed[name].split if name in listed else ""
        lacks = "" if name in names else videos.lack([f"{name}.flv"], name)
        return Clip(readable(name), emotion, audio, video, actor, split, expected_rate=16_000, lacks=lacks)

    @classmethod
    def _lines(cls, source: Path, clips: Set[str]) -> dict[str, Line]:
        """Entries of train.csv and test.csv by clip; empty when neither file exists."""
        files = lists.there(source, "the official code's", {s: [n] for s, n in LISTS.items()}, needed=False)
        if not files:
            return {}
        names, lines = {name.casefold(): name for name in clips}, []
        for split, path in files.items():
            for row in rows(path, ("clip", "emotion")):
                name = lists.clip_of(row, "clip", path.name)
                clip = names.get(name.casefold(), name.upper())
                cls._read(clip, f"{path.name}: ")
                emotion = lists.known(row["emotion"], SPELLINGS, path.name, "CREMA-D's emotions")
                lines.append(Line(clip, emotion, split, path.name))
        said = lists.agreed(lines, LISTS, "CREMA-D")
        lists.contradicted(said, {clip: cls._read(clip)[1] for clip in said}, "name")
        lists.recorded(said, LISTS, clips)
        return said

    @staticmethod
    def _read(name: str, where: str = "") -> tuple[str, str]:
        """Actor and emotion of a clip."""
        parts = name.split("_")
        if len(parts) != 4 or parts[2] not in EMOTIONS:
            raise InvalidInput(
                f"{where}'{readable(name[:60])}' is no CREMA-D clip: names are ACTOR_SENTENCE_EMOTION_LEVEL, "
                f"such as 1001_DFA_ANG_XX, with one of {', '.join(EMOTIONS)}."
            )
        return parts[0], parts[2]

    @property
    @override
    def official(self) -> bool:
        return self.settings.partition == "official-code"

    @classmethod
    @override
    def gaps(cls, clips: Sequence[Clip], manifest: Manifest, where: Mapping[str, str]) -> tuple[str, ...]:
        if lists.listed(clips, manifest):
            return super().gaps(clips, manifest, where)
        return (
            "The source has no official lists (train.csv and test.csv): partition official-code splits its "
            f"clips 9 : 1 at random instead, {lists.INCOMPARABLE}.",
        )

    def partition(self, clips: Sequence[Clip]) -> Mapping[str, str]:
        if self.settings.partition == "by-actor":
            actors = ranked((clip.group for clip in clips), PARTS)
            return {clip.id: actors[clip.group] for clip in clips}
        if self.settings.partition == "random-with-validation":
            return {clip.id: shares(clip.id, PARTS) for clip in clips}
        listed, parts = lists.listed(clips, self.manifest), {}
        for clip in clips:
            split = clip.split if listed else shares(clip.id, {"train": 0.9, "test": 0.1})
            trained = split == "train"
            parts[clip.id] = shares(f"{clip.id}/", {"train": 0.9, "validation": 0.1}) if trained else split
        return parts
