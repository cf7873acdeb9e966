"""The work of preparing: shards side by side in processes, resumable after any of them or all are killed."""

import hashlib
import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np

import rhoscope
from rhoscope.errors import Conflict, InvalidInput
from trainer.prepare import layout
from trainer.prepare.files import Unreadable
from trainer.prepare.layout import MANIFEST, PLAN, Manifest, Note, Plan, Shard
from trainer.prepare.media import read_pictures, read_sound
from trainer.prepare.sound import Hearing
from trainer.prepare.source import Clip, Listing, readable

SHARD = 256
"""Clips a shard is made from."""

PACKAGES = ("av", "numpy", "pillow")


@dataclass(frozen=True)
class Order:
    """A data set to prepare, and how."""

    dataset: str
    listing: Listing
    source: Path
    out: Path
    hearing: Hearing
    pictures: int
    dtype: str = "float16"
    shard: int = SHARD


Report = Callable[[int, int], None]
"""Of shards done and clips left out so far."""


def prepare(order: Order, workers: int, allow_missing: float, report: Report = lambda *_: None) -> Manifest:
    """Make the prepared folder, or what is missing of it.

    Raises:
        Conflict: when the folder holds something else.
        InvalidInput: when the source lists nothing, or more than the share `allow_missing` of its clips
            can't be used; skipped.csv in the folder then says which and why.
    """
    if not order.listing.clips:
        raise InvalidInput(f"The lists in {order.source} name no clip of {order.dataset}.")
    parts = list(_parts(order))
    plan = _plan(order, len(parts))
    _begin(order.out, plan)
    shards = {n: shard for n in range(len(parts)) if (shard := layout.read_shard(order.out, n))}
    left_out = sum(len(shard.skipped) for shard in shards.values())
    report(len(shards), left_out)
    missing = [number for number in range(len(parts)) if number not in shards]
    for number, shard in _shards(order, parts, missing, workers):
        shards[number] = shard
        left_out += len(shard.skipped)
        report(len(shards), left_out)
    return _finish(order, plan, [shards[n] for n in range(len(parts))], allow_missing)


def _parts(order: Order) -> Iterator[tuple[Clip, ...]]:
    clips = sorted(order.listing.clips, key=lambda clip: clip.id)
    for first in range(0, len(clips), order.shard):
        yield tuple(clips[first : first + order.shard])


def _plan(order: Order, shards: int) -> Plan:
    text = json.dumps([asdict(clip) for clip in sorted(order.listing.clips, key=lambda clip: clip.id)])
    return Plan(
        dataset=order.dataset,
        rhoscope=rhoscope.__version__,
        classes=order.listing.classes,
        sound={"kind": type(order.hearing).__name__, **asdict(order.hearing)},  # type: ignore[call-overload]
        shape=order.hearing.shape,
        dtype=order.dtype,
        pictures=order.pictures,
        clips=len(order.listing.clips),
        shard=order.shard,
        shards=shards,
        listing_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _begin(out: Path, plan: Plan) -> None:
    out.mkdir(parents=True, exist_ok=True)
    before = layout.read_plan(out)
    if before is None:
        others = [path.name for path in out.iterdir() if not path.name.startswith(".")]
        if others:
            raise Conflict(f"{out} is not empty ({others[0]}, ...); --out takes an empty or a new folder.")
        layout.put(out / PLAN, plan.model_dump_json(indent=1).encode())
    elif before != plan:
        changed = [k for k, v in plan.model_dump().items() if v != before.model_dump()[k]]
        raise Conflict(
            f"{out} was begun with another {' and '.join(changed)}; name another --out, or delete the folder "
            f"to start over."
        )


def _shards(
    order: Order, parts: list[tuple[Clip, ...]], missing: Sequence[int], workers: int
) -> Iterator[tuple[int, Shard]]:
    """Shards as they are done. A process that dies costs the clip that killed it, and no other."""
    left = list(missing)
    while left:
        try:
            for number, shard in _side_by_side(order, parts, left, workers):
                left.remove(number)
                yield number, shard
        except BrokenProcessPool:
            for number in left[:workers]:  # they are begun in this order: these were at hand
                left.remove(number)
                yield number, layout.read_shard(order.out, number) or _carefully(order, parts[number], number)


def _side_by_side(
    order: Order, parts: list[tuple[Clip, ...]], numbers: Sequence[int], workers: int
) -> Iterator[tuple[int, Shard]]:
    with _processes(min(workers, len(numbers))) as pool:
        jobs = {pool.submit(make_shard, order, parts[number], number): number for number in numbers}
        try:
            for done in as_completed(jobs):
                yield jobs[done], done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _carefully(order: Order, clips: tuple[Clip, ...], number: int) -> Shard:
    """A shard without the clips whose decoding ends the process it happens in."""
    fatal, tried = set[str](), 0
    while tried < len(clips):
        with _processes(1) as pool:
            try:
                for clip in clips[tried:]:
                    pool.submit(_try, order, clip).result()
                    tried += 1
            except BrokenProcessPool:
                fatal.add(clips[tried].id)
                tried += 1
    with _processes(1) as pool:
        return pool.submit(make_shard, order, clips, number, frozenset(fatal)).result()


def _try(order: Order, clip: Clip) -> None:
    with suppress(Unreadable):
        _decode(order, clip)


def _processes(count: int) -> ProcessPoolExecutor:
    """Processes that are forked from one that has imported all they need, and has no thread."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__])
    return ProcessPoolExecutor(count, context, _leave)


def _leave() -> None:
    """Get ready to end with whoever prepares: our parent is the server that forked us, not that program."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the parent ends them
    Thread(target=_follow, name="parent", daemon=True).start()


def _follow() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
    os._exit(1)


def make_shard(
    order: Order, clips: tuple[Clip, ...], number: int, fatal: frozenset[str] = frozenset()
) -> Shard:
    """Decode a shard's clips and write them; a bad one is left out and said to be.

    `fatal` are clips that are not even tried.
    """
    kept: list[dict[str, Any]] = []
    sounds, pictures = [], list[bytes]()
    skipped, noted = list[Note](), list[Note]()
    for clip in clips:
        try:
            if clip.id in fatal:
                raise Unreadable(
                    "decoding it ends the process: a decoder's crash, or more memory than there is"
                )
            heard, seen, odd = _decode(order, clip)
        except Unreadable as error:
            skipped.append(Note(clip=clip.id, reason=str(error)))
            continue
        sounds.append(heard)
        pictures += seen
        noted += [Note(clip=clip.id, reason=reason) for reason in odd]
        about = {"id": clip.id, "label": clip.label, "group": clip.group, "split": clip.split}
        kept.append({**about, "pictures": tuple(map(len, seen))})
    stacked = np.stack(sounds) if sounds else np.zeros((0, *order.hearing.shape), order.dtype)
    record: dict[str, Any] = {"clips": kept, "skipped": skipped, "noted": noted}
    layout.write_shard(order.out, number, stacked, pictures, record)
    written = layout.read_shard(order.out, number)
    if written is None:
        raise OSError(f"Shard {number} vanished from {order.out} while it was prepared.")
    return written


def _decode(order: Order, clip: Clip) -> tuple[Any, list[bytes], list[str]]:
    """A clip's sound and JPEG pictures as stored, and remarks on its oddities. Raises: Unreadable."""
    odd = []
    start, end = clip.start, clip.end
    seen = _read("video", clip, lambda path: read_pictures(path, order.pictures, start, end), order)
    sound = _read("audio", clip, lambda path: read_sound(path, order.hearing.rate, start, end), order)
    if clip.expected_rate and sound.original_rate != clip.expected_rate:
        odd.append(f"audio at {sound.original_rate} Hz where {clip.expected_rate} Hz are usual; resampled")
    lasts = len(sound.samples) / sound.rate
    if clip.expected_seconds and lasts > 1.5 * clip.expected_seconds:
        odd.append(f"lasts {lasts:.0f} s where {clip.expected_seconds:g} s are usual; is it cut?")
    if not clip.id.isascii():
        odd.append("a name beyond ASCII")
    return order.hearing(sound.samples).astype(order.dtype), seen, odd


def _read(kind: str, clip: Clip, read: Callable[[Path], Any], order: Order) -> Any:
    name = clip.video if kind == "video" else clip.audio
    if not name:
        raise Unreadable(f"no {kind} file, {clip.lacks}" if clip.lacks else f"no {kind} file")
    try:
        return read(order.source / name)
    except Unreadable as error:
        raise Unreadable(f"{readable(name)}: {error}") from error


def _finish(order: Order, plan: Plan, shards: list[Shard], allow_missing: float) -> Manifest:
    clips = [clip for shard in shards for clip in shard.clips]
    skipped = tuple(note for shard in shards for note in shard.skipped)
    _write_skipped(order.out, skipped)
    share = len(skipped) / plan.clips
    if share > allow_missing or not clips:
        why = Counter(_kind(note.reason) for note in skipped).most_common(3)
        reasons = ", ".join(f"{reason} ({count})" for reason, count in why)
        reasons += next(
            (f"; {note.clip}: {note.reason}" for note in skipped if "looked for" in note.reason), ""
        )
        raise InvalidInput(
            f"{len(skipped)} of {plan.clips} clips can't be used ({share:.1%}; {allow_missing:.1%} are "
            f"allowed): {reasons}. {order.out / 'skipped.csv'} lists each; correct the source and delete the "
            f"folder, or allow more with --allow-missing."
        )
    by_class = Counter(clip.label for clip in clips)
    manifest = Manifest(
        plan=plan,
        versions={name: version(name) for name in PACKAGES},
        clips=len(clips),
        by_class={name: by_class[name] for name in plan.classes},
        by_split=dict(sorted(Counter(clip.split or "unlisted" for clip in clips).items())),
        skipped=skipped,
        noted=tuple(note for shard in shards for note in shard.noted),
        sha256={name: sha for shard in shards for name, sha in shard.sha256.items()},
        listed=dict(sorted(Counter(clip.split for clip in order.listing.clips if clip.split).items())),
        unlisted=order.listing.unlisted,
        source_remarks=order.listing.remarks,
    )
    layout.put(order.out / MANIFEST, manifest.model_dump_json(indent=1).encode())
    return manifest


def _kind(reason: str) -> str:
    """The reason without the names that are only this clip's."""
    return reason.split(", looked for", 1)[0].rsplit(": ", 1)[-1]


def _write_skipped(out: Path, skipped: tuple[Note, ...]) -> None:
    lines = ["clip,reason", *(f'"{note.clip}","{note.reason.replace(chr(34), chr(39))}"' for note in skipped)]
    layout.put(out / "skipped.csv", ("\n".join(lines) + "\n").encode())
