"""Pages that watch, without their browsers: each reads all it is sent, and looks for gaps as the page does.

    python -m benchmarks.rig.watching --url URL < WATCHERS

Standard input is one line of JSON: for each watcher the lists of runs of its connections, `*` for all. As a
browser does, they go through the dashboard, with its queries and without compression. Reads until
standard input ends, and prints a list of `Watched` as JSON, one for each watcher.
"""

import argparse
import asyncio
import json
import sys
import time

import numpy as np
from pydantic import BaseModel, TypeAdapter
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from rhoscope.records import MAGIC, Block

LIVE = "api/v1/live"


class Watched(BaseModel):
    """What one watcher was sent: rows, those that were left out because it is slow, and what went wrong.

    `gaps` are blocks that do not follow their run's block before, `doubled` are rows that it had. `late` are
    seconds from a block's last row to its arrival.
    """

    messages: int = 0
    size: int = 0
    rows: int = 0
    thinned: int = 0
    gaps: int = 0
    doubled: int = 0
    closed: int = 0
    late: list[float] = []


class Watcher:
    """One page: its connections, and the last step it has of each run."""

    def __init__(self) -> None:
        self.watched = Watched()
        self._last: dict[str, int] = {}

    async def follow(self, url: str, runs: list[str]) -> None:
        """Read one connection for ever; a new one, behind what it has, where the API closed it."""
        while True:
            query = f"runs={','.join(runs)}"
            if runs != ["*"]:
                query += "&after=" + ",".join(f"{run}:{self._last.get(run, -1)}" for run in runs)
            async with connect(f"{url}/{LIVE}?{query}", max_size=None, compression=None) as socket:
                try:
                    async for message in socket:
                        self._take(message)
                except ConnectionClosed:
                    self.watched.closed += 1

    def _take(self, message: str | bytes) -> None:
        seen = self.watched
        seen.messages += 1
        seen.size += len(message)
        if isinstance(message, bytes) and message.startswith(MAGIC):
            self._block(Block.decode(message))

    def _block(self, block: Block) -> None:
        seen, header = self.watched, block.header
        first, last = int(block.steps[0]), int(block.steps[-1])
        before = self._last.get(header.run, -1)
        seen.rows += header.n
        if header.thinned:
            seen.thinned += last - first + 1 - header.n + max(0, first - before - 1)
        elif first > before + 1:
            seen.gaps += 1
        seen.doubled += int(np.count_nonzero(block.steps <= before))
        seen.late.append(time.time() - header.times[1])
        self._last[header.run] = max(before, last)


async def watch(url: str, watchers: list[list[list[str]]]) -> list[Watched]:
    """Follow all of them until standard input ends."""
    everyone = [Watcher() for _ in watchers]
    tasks = [
        asyncio.create_task(watcher.follow(url, runs))
        for watcher, connections in zip(everyone, watchers, strict=True)
        for runs in connections
    ]
    over = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait([over, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        if task.done():
            task.result()
        task.cancel()
    return [watcher.watched for watcher in everyone]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True)
    options = parser.parse_args()
    watchers = json.loads(sys.stdin.readline())
    seen = asyncio.run(watch(options.url.replace("http", "ws", 1), watchers))
    sys.stdout.write(TypeAdapter(list[Watched]).dump_json(seen).decode())


if __name__ == "__main__":
    main()
