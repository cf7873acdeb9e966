"""Where steps come by between the training and the page: when each run's steps were at which place.

    python -m benchmarks.rig.listening --redis URL --api URL RUN ...

Reads the runs' streams in Redis and the API's live channel, as one more client of each, until its standard
input ends. Prints one JSON object: {place: {run: [[last step, Unix seconds], ...]}}.
"""

import argparse
import json
import sys
import threading
import time
from collections import defaultdict
from typing import Any

from redis import Redis
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from rhoscope import keys
from rhoscope.records import MAGIC, Block

STREAM, API = "stream", "api"
BLOCK_MS = 200
Seen = dict[str, list[tuple[int, float]]]


def read_streams(url: str, runs: list[str], seen: Seen, over: threading.Event) -> None:
    """Note every block that is added to the runs' streams, until it is over."""
    names = {keys.records(run).encode(): run for run in runs}
    after: dict[Any, Any] = dict.fromkeys(names, b"0-0")
    with Redis.from_url(url) as redis:
        while not over.is_set():
            answer: Any = redis.xread(after, block=BLOCK_MS)
            now = time.time()
            for name, entries in answer or []:
                after[name] = entries[-1][0]
                blocks = [fields[b"b"] for _, fields in entries if b"b" in fields]
                if blocks:
                    seen[names[name]].append((last_step(blocks[-1]), now))


def read_live(url: str, runs: list[str], seen: Seen, over: threading.Event) -> None:
    """Note every block that the API sends, until it is over."""
    with connect(f"{url.replace('http', 'ws', 1)}/api/v1/live?runs={','.join(runs)}", max_size=None) as api:
        while not over.is_set():
            try:
                message = api.recv(timeout=BLOCK_MS / 1000)
            except TimeoutError:
                continue
            except ConnectionClosed:
                return
            if isinstance(message, bytes) and message.startswith(MAGIC):
                block = Block.decode(message)
                seen[block.header.run].append((int(block.steps[-1]), time.time()))


def last_step(data: bytes) -> int:
    """The last step of an encoded block."""
    return int(Block.decode(data).steps[-1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--redis", required=True)
    parser.add_argument("--api", required=True)
    options = parser.parse_args()
    seen: dict[str, Seen] = {STREAM: defaultdict(list), API: defaultdict(list)}
    over = threading.Event()
    threads = [
        threading.Thread(target=read_streams, args=(options.redis, options.runs, seen[STREAM], over)),
        threading.Thread(target=read_live, args=(options.api, options.runs, seen[API], over)),
    ]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
