"""Whether any request is an error of the API's, and what it keeps of them: `make fuzz`.

    python -m benchmarks.fuzzing [--cases 20000] [--seeds 3] [--quick]

A real Valkey server and back end. Requests are generated from the API's own description by schemathesis; in
two thirds of them texts and numbers are replaced by hostile ones (`tests/driving/hostile.py`): lone
surrogates, NULs, 100 kB, right-to-left marks, numbers beyond 64 bits and beyond doubles. Each answer must be
a documented one.
"""

import argparse
import hashlib
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil
import schemathesis
from hostile import send, soften, spoil
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from benchmarks.rig.page import heading, options, parser, publish
from benchmarks.rig.programs import Programs, back_end, launch, programs
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.guests import GuestSpec
from rhoscope.media import Item
from rhoscope.tracker.delivery import Server

ACCOUNTS = ("/api/v1/session", "/api/v1/users", "/api/v1/tokens")
"""Not asked here: the first user that is made locks all others out (tests/backend/http do it)."""
QUICK = {"cases": 60, "seeds": 1}
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
"""As much of one as is looked at."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LOOK_EVERY = 50
"""Cases between two looks at the memory."""


@dataclass
class Faults:
    """What came of all requests."""

    cases: int = 0
    hostile: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    slowest_s: float = 0.0

    @property
    def growth(self) -> float:
        """Of the memory in the second half, as a share: the last tenth against the tenth after the middle."""
        n = len(self.memory)
        tenth = max(1, n // 10)
        middle, last = np.median(self.memory[n // 2 : n // 2 + tenth]), np.median(self.memory[-tenth:])
        return float(last / middle - 1)


class Attack:
    """Sends what is generated, and notes what was answered."""

    def __init__(
        self, here: Programs, known: dict[str, list[str]], client: httpx.Client, process: psutil.Process
    ) -> None:
        """`known` are ids of what there is, by the parameter of an address that names one."""
        self._known = known
        self._client = client
        self._back_end = process
        self._schema = schemathesis.openapi.from_url(f"{here.api}/openapi.json")
        self.faults = Faults()

    def operations(self) -> Iterator[tuple[str, str]]:
        """Path and method of each."""
        for path, methods in self._schema.raw_schema["paths"].items():
            if path.startswith("/api/") and not path.startswith(ACCOUNTS):
                yield from ((path, method.upper()) for method in methods)

    def run(self, path: str, method: str, number: int, cases: int) -> None:
        """So many requests of one operation."""

        @seed(number)
        @settings(
            max_examples=cases,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=self._schema[path][method].as_strategy())
        def each(case: schemathesis.Case) -> None:
            self._send(case)

        each()

    def _send(self, case: schemathesis.Case) -> None:
        faults, chance = self.faults, random.Random(self.faults.cases)
        if chance.random() < 2 / 3:
            spoil(case, chance)
            faults.hostile += 1
        for name in case.path_parameters:
            if name in self._known and chance.random() < 0.5:
                case.path_parameters[name] = chance.choice(self._known[name])
        began = time.perf_counter()
        answer = send(case, self._client)
        faults.slowest_s = max(faults.slowest_s, time.perf_counter() - began)
        faults.cases += 1
        faults.statuses[answer.status_code] += 1
        try:
            soften(case)
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failure:
            words = "; ".join(str(one).splitlines()[0] for one in failure.exceptions)
            faults.failures.append(f"{case.method} {case.path}: {answer.status_code}: {words}"[:300])
        if faults.cases % LOOK_EVERY == 0:
            faults.memory.append(self._back_end.memory_info().rss)


def prepare(client: Client) -> dict[str, list[str]]:
    """Something of each kind that an address can name; ids by the name of the parameter."""
    runs = launch(client, 3)
    guests, digest = ["guest-0", "guest-1"], hashlib.sha256(PICTURE).hexdigest()
    server = Server(client.url)
    for guest in guests:
        server.announce(GuestSpec(kind="guest", id=guest))
        server.put_media(guest, Item(name="seen", kind="image", digest=digest), PICTURE)
    server.close()
    grids = [client.sweep({"grid": {"alpha": [0.1 * i, 0.5]}}).id for i in range(3)]
    searches = [client.search({"alpha": "0..1"}, name=f"s{i}", trials=3).id for i in range(3)]
    views = [client.views.save(f"v{i}", "/compare?runs=A").id for i in range(3)]
    alerts = [client.add_alert(series="rho.*", condition="above", threshold=i).id for i in range(3)]
    return {
        "run": runs + guests,
        "sweep": grids + searches,
        "view": views,
        "alert": alerts,
        "digest": [digest],
        "name": ["pace-0"],
    }


def measure(given: argparse.Namespace) -> Faults:
    """All operations in turn, once with each seed."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment(data_dir=Path(folder))
        with programs(environment, workers=1, page=False) as here, Client(here.api) as client:
            known = prepare(client)
            with httpx.Client(base_url=here.api, timeout=120) as http:
                attack = Attack(here, known, http, back_end(here))
                pairs = list(attack.operations())
                each = -(-given.cases // (given.seeds * len(pairs)))
                for number in range(given.seeds):
                    for path, method in pairs:
                        attack.run(path, method, number, each)
            return attack.faults


def report(faults: Faults, given: argparse.Namespace) -> list[str]:
    """A page of Markdown."""
    statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(faults.statuses.items()))
    errors = sum(count for status, count in faults.statuses.items() if status >= 500 and status != 503)
    return [
        *heading("Fuzzing", "fuzzing", given),
        "| | |",
        "| --- | --- |",
        f"| requests over {given.seeds} seeds, of them hostile | {faults.cases:,} / {faults.hostile:,} |",
        f"| server errors | {errors} |",
        f"| answers that are not documented | {len(faults.failures)} |",
        f"| slowest answer | {faults.slowest_s:.2f} s |",
        f"| memory at the end | {faults.memory[-1] / 2**20:.0f} MiB |",
        f"| growth of the memory in the second half | {100 * faults.growth:.1f} % |",
        f"| answers by status | {statuses} |",
        "",
        *(f"- {words}" for words in dict.fromkeys(faults.failures)),
    ]


def main() -> None:
    line = parser(__doc__)
    line.add_argument("--cases", type=int, default=20_000)
    line.add_argument("--seeds", type=int, default=3)
    given = options(line, "fuzzing", QUICK)
    publish(report(measure(given), given), "fuzzing", given)


if __name__ == "__main__":
    main()
