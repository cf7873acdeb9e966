"""Prepare a data set, or check a prepared folder; what `rhoscope prepare` starts.

    python -m trainer.prepare NAME --source DIR --out DIR [--workers N] [--dtype float16|float32] [--shard N]
    python -m trainer.prepare --check DIR
    python -m trainer.prepare --names

Writes JSON, one object per line: {"kind": "plan", "clips", "shards"}, {"kind": "progress", "shards",
"skipped"}, {"kind": "manifest", ..., "remarks"} at the end, or {"kind": "refused", "data": problem} with
code 2.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, cast

from rhoscope.errors import InvalidInput, RhoscopeError
from rhoscope.local.process import die_with_parent
from trainer.disk.dataset import Prepared
from trainer.plugins import load, sources
from trainer.prepare import layout
from trainer.prepare.conversion import SHARD, Order, prepare
from trainer.prepare.layout import Manifest


def names() -> list[str]:
    """Data sets that can be prepared."""
    return [name for name in sources("dataset") if issubclass(load("dataset", name), Prepared)]


def order_for(
    name: str, source: Path, out: Path, dtype: str = "float16", shard: int = SHARD
) -> tuple[Order, float]:
    """The order to prepare a data set, and the default share of its clips that may be missing.

    Raises:
        InvalidInput: when there is no such data set, or the source is not one.
    """
    if name not in names():
        message = f"'{name}' is not a data set that can be prepared; choose one of {', '.join(names())}"
        raise InvalidInput.field("dataset", message, name)
    if not source.is_dir():
        raise InvalidInput(f"There is no folder {source}; --source is the folder the data set came in.")
    cls = cast("type[Prepared]", load("dataset", name))
    listing = cls.listing(source)
    return Order(name, listing, source, out, cls.hearing, cls.pictures, dtype, shard), cls.allow_missing


def _say(kind: str, **data: Any) -> None:
    sys.stdout.write(json.dumps({"kind": kind, **data}) + "\n")
    sys.stdout.flush()


def _act(options: argparse.Namespace) -> None:
    if options.names:
        _say("names", names=names())
        return
    if options.check:
        _conclude(options.check, layout.check(options.check))
        return
    if not (options.dataset and options.source and options.out):
        raise InvalidInput("Preparing takes a data set's name, --source and --out.")
    order, allowed = order_for(options.dataset, options.source, options.out, options.dtype, options.shard)
    shards = -(-len(order.listing.clips) // order.shard)
    _say("plan", clips=len(order.listing.clips), shards=shards)
    share = allowed if options.allow_missing is None else options.allow_missing
    manifest = prepare(
        order, options.workers, share, lambda n, lost: _say("progress", shards=n, skipped=lost)
    )
    _conclude(options.out, manifest)


def _conclude(folder: Path, manifest: Manifest) -> None:
    """The manifest, and what whoever trains on the official split must know."""
    name = manifest.plan.dataset
    remarks = cast("type[Prepared]", load("dataset", name)).gaps_of(folder) if name in names() else ()
    _say("manifest", **manifest.model_dump(mode="json"), remarks=remarks)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trainer.prepare", description="Prepare a data set.")
    parser.add_argument("dataset", nargs="?")
    parser.add_argument("--source", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--dtype", choices=("float16", "float32"), default="float16")
    parser.add_argument("--shard", type=int, default=SHARD)
    parser.add_argument("--allow-missing", type=float)
    parser.add_argument("--check", type=Path)
    parser.add_argument("--names", action="store_true")
    options = parser.parse_args()
    try:
        _act(options)
    except RhoscopeError as error:
        _say("refused", data=error.problem().model_dump(mode="json"))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        _say("refused", data=InvalidInput(f"It can't be written: {error}").problem().model_dump(mode="json"))
        return 2
    return 0


if __name__ == "__main__":
    die_with_parent(parent=os.getppid())
    sys.exit(main())
