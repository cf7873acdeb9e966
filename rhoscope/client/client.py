"""The REST API from Python.

>>> Client("http://127.0.0.1:8000").url
'http://127.0.0.1:8000'
"""

from collections.abc import Iterator
from typing import Any

import httpx
from pydantic import JsonValue

from rhoscope import frames
from rhoscope.catalog import Catalog
from rhoscope.client.accounts import Accounts
from rhoscope.client.advice import Advice
from rhoscope.client.alerts import Alerts
from rhoscope.client.channels import Channels
from rhoscope.client.requests import LOOK_S, body_of
from rhoscope.client.samples import Samples
from rhoscope.client.searches import Searches
from rhoscope.client.views import Views
from rhoscope.forecast import Forecast
from rhoscope.groups import Groups
from rhoscope.records import Event
from rhoscope.runs import (
    Checkpoint,
    Fork,
    Queue,
    Relative,
    Run,
    RunPage,
    SeriesAnswer,
    Sweep,
    SweepSpec,
    WorkerStatus,
)
from rhoscope.spec import RunSpec
from rhoscope.tables import TablesAnswer
from rhoscope.web.paths import segment


class Client(Advice, Alerts, Samples, Searches):
    """Talks to one rhoscope API. Errors come back as the exceptions of `rhoscope.errors`.

    Every order has an id, `idempotency_key` or one that is drawn. `Unsure` names it where the answer was
    lost: asked for again under the same id, the order is carried out once and answered the same.

    `url` is the API's root without `/api/v1`; `token` is RHOSCOPE_API_TOKEN, or a
    personal one, where the server asks for it; `auth` adds to each request who makes it, where that differs.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        token: str = "",
        timeout_s: float = 10.0,
        auth: httpx.Auth | None = None,
    ) -> None:
        super().__init__(url, token, timeout_s, auth)
        self.accounts = Accounts(self._ask)
        self.channels = Channels(self._ask)
        self.views = Views(self._ask, self._order)

    def launch(self, spec: RunSpec | dict[str, Any], idempotency_key: str = "") -> Run:
        """Queue one run. Raises: InvalidInput, naming what does not fit."""
        return Run.model_validate(self._queue(spec, idempotency_key, "runs"))

    def check(self, spec: RunSpec | SweepSpec | dict[str, Any]) -> Forecast:
        """Forecast of launching a run or a sweep; nothing is queued. Raises: InvalidInput, as launching."""
        kind = "sweeps" if isinstance(spec, SweepSpec) else "runs"
        return Forecast.model_validate(self._ask("POST", kind, "check", json=body_of(spec), timeout=LOOK_S))

    def runs(self, limit: int = 100, cursor: str = "", **filters: str | list[str]) -> RunPage:
        """Newest first, or by `sort`.

        Filters: `state`, `strategy`, `dataset`, `tag`, `sweep`, `where` (such as `settings.alpha>0.3`, or
        several of these), `q` (words in the name, or the beginning of the id). Raises: InvalidInput, for a
        filter that names what no run has.
        """
        params = {"limit": str(limit), **({"cursor": cursor} if cursor else {}), **filters}
        return RunPage.model_validate(self._ask("GET", "runs", params=params))

    def run(self, run: str) -> Run:
        """Raises: NotFound."""
        return Run.model_validate(self._ask("GET", "runs", run))

    def edit(self, run: str, **changes: Any) -> Run:
        """Change `name`, `tags` or `notes`."""
        return Run.model_validate(self._order("PATCH", "runs", run, json=changes))

    def delete(self, run: str, idempotency_key: str = "") -> None:
        """Delete an ended run and all its data. Raises: Conflict while it is active."""
        self._order("DELETE", "runs", run, key=idempotency_key)

    def stop(self, run: str, idempotency_key: str = "") -> Run:
        """Ask a run to stop at its next step. Raises: Conflict when it has ended."""
        return Run.model_validate(self._order("POST", "runs", run, "stop", key=idempotency_key))

    def pause(self, run: str, idempotency_key: str = "") -> Run:
        """Write a checkpoint and free the worker."""
        return Run.model_validate(self._order("POST", "runs", run, "pause", key=idempotency_key))

    def resume(self, run: str, steps: int | None = None, idempotency_key: str = "") -> Run:
        """Queue a paused run again, from its last checkpoint; it pauses again after `steps`, if given."""
        body = {} if steps is None else {"steps": steps}
        return Run.model_validate(self._order("POST", "runs", run, "resume", key=idempotency_key, json=body))

    def set(self, run: str, who: str = "", idempotency_key: str = "", **settings: JsonValue) -> str:
        """Change live settings of a running run; the answer is the order's id."""
        body = {"settings": settings, "who": who}
        answer = self._order("PATCH", "runs", run, "settings", key=idempotency_key, json=body)
        return str(answer["command"])

    def fork(self, run: str, changes: Fork | dict[str, Any] | None = None, idempotency_key: str = "") -> Run:
        """Queue a run that continues from a checkpoint of this one. Raises: InvalidInput, NotFound."""
        return Run.model_validate(self._queue(changes or {}, idempotency_key, "runs", run, "fork"))

    def family(self, run: str) -> list[Relative]:
        """The run, and every other that goes back to the same first run by forks; parents first."""
        return [Relative.model_validate(r) for r in self._ask("GET", "runs", run, "family")]

    def checkpoints(self, run: str) -> list[Checkpoint]:
        """Checkpoints in the order they were written; kept ones can be forked from."""
        return [Checkpoint.model_validate(c) for c in self._ask("GET", "runs", run, "checkpoints")]

    def events(self, run: str) -> list[Event]:
        """All events except tables, oldest first."""
        return [Event.model_validate(e) for e in self._ask("GET", "runs", run, "events")]

    def tables(self, run: str, name: str, start: int = 0, points: int = 100) -> TablesAnswer:
        """One of the run's tables (`layers`, `classes`) over time, thinned to `points` times."""
        params = {"name": name, "start": start, "points": points}
        return TablesAnswer.model_validate(self._ask("GET", "runs", run, "tables", params=params))

    def series(
        self,
        run: str,
        names: list[str] | None = None,
        start: int | None = None,
        end: int | None = None,
        points: int | None = None,
    ) -> SeriesAnswer:
        """Values of series (all when `names` is None) in steps [start, end], thinned to about `points`."""
        query = {"names": ",".join(names) if names else None, "start": start, "end": end, "points": points}
        params = {k: v for k, v in query.items() if v is not None}
        return SeriesAnswer.model_validate(self._ask("GET", "runs", run, "series", params=params))

    def arrow(
        self,
        run: str,
        names: list[str] | None = None,
        start: int | None = None,
        end: int | None = None,
        points: int | None = None,
    ) -> Any:
        """Curves as a pyarrow.Table: `step`, `time` (Unix seconds) and a column a series; null is no value.

        Every recorded value, or about `points` of each series, spikes kept and `time` left out.
        """
        if points is not None:
            return frames.wide(self.series(run, names, start, end, points))
        query = {"format": "arrow", "names": ",".join(names or []), "start": start, "end": end}
        params = {k: v for k, v in query.items() if v is not None}
        return frames.table(self._send("GET", "runs", run, "export", params=params, timeout=None).content)

    def frame(
        self,
        run: str,
        names: list[str] | None = None,
        start: int | None = None,
        end: int | None = None,
        points: int | None = None,
    ) -> Any:
        """Curves as a pandas.DataFrame indexed by step, as `arrow`; `time` in UTC."""
        return frames.frame(self.arrow(run, names, start, end, points))

    def runs_frame(self, **filters: str) -> Any:
        """All runs of these filters as a pandas.DataFrame; settings, `last.` and `best.` are columns."""
        return frames.runs_frame(self._every_run(filters))

    def export(self, run: str, form: str = "csv") -> Iterator[bytes]:
        """Every recorded value as the bytes of a file, piece by piece; `form` is csv, parquet, or jsonl."""
        with self._stream("GET", "runs", run, "export", params={"format": form}, timeout=60) as answer:
            yield from answer.iter_bytes()

    def report(self, runs: list[str], **more: str) -> str:
        """Runs, or the `sweep` that `more` names, as one self-contained HTML page. Raises: NotFound.

        `more` may hold `by`, `baseline`, `title`, and `note`, too.
        """
        query = {"runs": ",".join(map(segment, runs)), **more}
        return self._send("GET", "report", params=query, timeout=None).text

    def sweep(self, spec: SweepSpec | dict[str, Any], idempotency_key: str = "") -> Sweep:
        """Queue every combination of a grid, or none when one does not fit. Raises: InvalidInput."""
        return Sweep.model_validate(self._queue(spec, idempotency_key, "sweeps"))

    def sweeps(self) -> list[Sweep]:
        """The newest sweeps with their runs."""
        return [Sweep.model_validate(s) for s in self._ask("GET", "sweeps")]

    def edit_sweep(self, sweep: str, **changes: Any) -> Sweep:
        """Change `name` or `median_after` (None: no run is stopped). Raises: NotFound."""
        return Sweep.model_validate(self._order("PATCH", "sweeps", sweep, json=changes))

    def stop_sweep(self, sweep: str) -> Sweep:
        """Stop every run of it that has not ended."""
        return Sweep.model_validate(self._order("POST", "sweeps", sweep, "stop"))

    def groups(
        self,
        runs: list[str] | None = None,
        sweep: str = "",
        by: str = "",
        names: str = "",
        points: int = 300,
        **looks: str | float,
    ) -> Groups:
        """Runs, or those of a sweep, grouped by settings: means and deviations, of curves where named.

        `looks`: `align` (`step`, `epoch`, `time`, `clock`), `start` and `end` on that axis, `baseline` (a
        run) and `whole` (names).
        """
        query = {"runs": ",".join(runs or []), "sweep": sweep, "by": by, "names": names, "points": points}
        return Groups.model_validate(self._ask("GET", "groups", params=query | looks))

    def catalog(self) -> Catalog:
        """The catalog of what can be launched. Raises: Unavailable when no worker was ever seen."""
        return Catalog.model_validate(self._ask("GET", "catalog"))

    def queue(self, start: int = 0, limit: int = 100) -> Queue:
        """Queued runs in the order in which they start, without the first `start`."""
        return Queue.model_validate(self._ask("GET", "queue", params={"start": start, "limit": limit}))

    def workers(self) -> list[WorkerStatus]:
        return [WorkerStatus.model_validate(w) for w in self._ask("GET", "workers")]

    def _every_run(self, filters: dict[str, str]) -> Iterator[Run]:
        cursor: str | None = ""
        while cursor is not None:
            page = self.runs(1000, cursor, **filters)
            yield from page.runs
            cursor = page.next
