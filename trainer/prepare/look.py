"""A look at a folder before anything is launched: what it is, and what of it a run would use.

    python -m trainer.prepare.look FOLDER [--dataset NAME]

Names are all looked at; of the files as many as one second allows: a folder's of one's own are read as a run
reads them, a source's are opened. Writes one line of JSON, a `Look`, or {"kind": "refused", "data": problem}
with code 2. Only a source needs torch.
"""

import argparse
import importlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zlib import crc32

from pydantic import BaseModel

from rhoscope.errors import InvalidInput, RhoscopeError
from rhoscope.local.process import die_with_parent
from trainer.prepare import layout
from trainer.prepare.enough import counts, layout_problem, size_problem
from trainer.prepare.examples import Omission, collect, summary
from trainer.prepare.files import Unreadable
from trainer.prepare.media import open_tracks
from trainer.prepare.names import few
from trainer.prepare.reader import READERS, Reader, glance
from trainer.prepare.sound import Spectrogram
from trainer.prepare.source import Clip, Listing

GLANCE_S = 1.0
HEARING = Spectrogram(16_000, 2.0, 512, 256)
EDGE = 64
SIGNS = {
    "cremad": ("AudioWAV", "VideoFlash"),
    "vggsound": ("vggsound.csv",),
    "ave": ("trainSet.txt", "valSet.txt", "testSet.txt"),
    "kinetics-sounds": ("train.csv", "validate.csv", "val.csv", "my_train.txt"),
}
"""Files and folders by one of which a published source is known."""


class Look(BaseModel):
    """A folder's kind, facts about it by name, remarks, and why a run on it would be refused, if it would."""

    kind: str = "look"
    what: str
    facts: dict[str, str]
    remarks: list[str] = []
    problem: str = ""


def look(folder: Path, dataset: str = "") -> Look:
    """A prepared folder, the source of a published data set, or a folder of one's own.

    Raises:
        InvalidInput: when it is not there, or a source is not as published.
    """
    try:
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise InvalidInput(f"The folder {folder} can't be read: {error.strerror}.") from error
    if {layout.PLAN, layout.MANIFEST} & names:
        return _prepared(folder)
    known = next((name for name, signs in SIGNS.items() if names.intersection(signs)), "")
    return _source(folder, dataset or known) if dataset or known else _own(folder)


def _prepared(folder: Path) -> Look:
    manifest = layout.read_manifest(folder)
    facts = {"clips": f"{manifest.clips} of {manifest.plan.clips}", "splits": _counted(manifest.by_split)}
    remarks = [*manifest.source_remarks, f"rhoscope prepare --check {folder} reads every file again."]
    return Look(what=f"{manifest.plan.dataset}, prepared", facts=facts, remarks=remarks)


def _own(folder: Path) -> Look:
    """Read as the data set `folder` reads it under its default settings."""
    try:
        there = collect(folder)
    except OSError as error:
        raise InvalidInput(f"{error.filename} can't be listed: {error.strerror}.") from error
    findings = glance(Reader(HEARING, EDGE, there), there, GLANCE_S)
    omissions = [*there.omissions, *findings.omissions]
    lost = Counter(omission.label for omission in findings.omissions)
    whole = {label: count - lost[label] for label, count in counts(there.examples).items()}
    problem = layout_problem(folder, there) or size_problem(there, whole, omissions)
    remarks = [f"{len(omissions)} left out: {summary(omissions)}."] if omissions else []
    facts = {
        "classes": f"{len(whole)} ({few(f'{label} {count}' for label, count in whole.items())})",
        "modalities": ", ".join(there.modalities) or "none",
        "examples": str(sum(there.sizes.values())),
        "read": f"{findings.read} of {findings.of}",
    }
    remarks += [*findings.remarks(), *([] if problem else there.remarks)]
    return Look(what="a folder of one's own", facts=facts, remarks=remarks, problem=problem)


def _source(folder: Path, dataset: str) -> Look:
    """Check the lists of a published data set, and open some of its recordings."""
    order_for = importlib.import_module("trainer.prepare.__main__").order_for  # brings torch
    listing: Listing = order_for(dataset, folder, folder)[0].listing
    lacking = [clip for clip in listing.clips if clip.lacks or not (clip.video and clip.audio)]
    opened, omissions = _opened(folder, [clip for clip in listing.clips if clip not in lacking])
    facts = {
        "clips": str(len(listing.clips)),
        "splits": _counted(Counter(clip.split or "unlisted" for clip in listing.clips)),
        "classes": str(len(listing.classes)),
        "opened": f"{opened} of {len(listing.clips)}",
    }
    remarks = list(listing.remarks)
    if lacking:
        first = lacking[0]
        remarks.append(f"{len(lacking)} clips have no recording, such as {first.id}: {first.lacks}.")
    if omissions:
        remarks.append(f"{len(omissions)} of the opened clips can't be used: {summary(omissions)}.")
    if listing.unlisted:
        remarks.append(f"{len(listing.unlisted)} recordings are in no list: {few(listing.unlisted)}.")
    return Look(what=f"the source of {dataset}", facts=facts, remarks=remarks)


def _opened(folder: Path, clips: Sequence[Clip]) -> tuple[int, list[Omission]]:
    """How many clips there was time to open, and those that can't be used."""
    until, omissions = time.monotonic() + GLANCE_S, list[Omission]()
    waiting = iter(sorted(clips, key=lambda clip: crc32(clip.id.encode())))

    def work() -> int:
        count = 0
        for clip in iter(lambda: next(waiting, None), None):
            count += 1
            try:
                open_tracks(folder / clip.video, folder / clip.audio)
            except Unreadable as error:
                omissions.append(Omission(clip.label, clip.id, str(error)))
            if time.monotonic() > until:
                break
        return count

    with ThreadPoolExecutor(READERS, thread_name_prefix="look") as pool:
        futures = [pool.submit(work) for _ in range(READERS)]
        return sum(future.result() for future in futures), omissions


def _counted(counted: Any) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trainer.prepare.look", description="Look at a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dataset", default="")
    options = parser.parse_args()
    try:
        seen = look(options.folder, options.dataset)
    except RhoscopeError as error:
        line = json.dumps({"kind": "refused", "data": error.problem().model_dump(mode="json")})
        sys.stdout.write(line + "\n")
        return error.exit_code
    sys.stdout.write(seen.model_dump_json() + "\n")
    return 0


if __name__ == "__main__":
    die_with_parent(parent=os.getppid())
    sys.exit(main())
