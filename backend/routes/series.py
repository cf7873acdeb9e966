"""Curves: thinned for drawing, or exact as a file."""

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
import orjson
import pyarrow as pa
from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import StreamingResponse

from backend.application import Here
from backend.curves import export, shown
from backend.http.downloads import Download
from backend.http.problems import documented
from backend.store import downsample, overview, portions, rows, runs
from backend.store.rows import Curve
from rhoscope.runs import SeriesAnswer

router = APIRouter(tags=["series"])
ARROW = "application/vnd.apache.arrow.stream"
ANCESTORS = "include what a fork's ancestors recorded before the fork"
_EXPORT_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/x-ndjson",
    "arrow": ARROW,
}


class SeriesQuery(BaseModel):
    """Which series and steps to return, and the maximum number of points."""

    model_config = ConfigDict(extra="forbid")

    names: str = Field(default="", description="comma-separated names; empty: all series")
    start: int = Field(default=0, ge=0, le=rows.LAST, description="first step")
    end: int = Field(default=rows.LAST, ge=0, le=rows.LAST, description="last step")
    points: int = Field(default=2000, ge=downsample.SMALLEST, le=100_000)
    ancestors: bool = Field(default=True, description=ANCESTORS)


class ExportQuery(BaseModel):
    """Which series and steps to export, and the format."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["csv", "parquet", "jsonl", "arrow"] = "csv"
    names: str = Field(default="", description="comma-separated names; empty: all series")
    start: int = Field(default=0, ge=0, le=rows.LAST, description="first step")
    end: int = Field(default=rows.LAST, ge=0, le=rows.LAST, description="last step")
    ancestors: bool = Field(default=True, description=ANCESTORS)


@router.get(
    "/runs/{run}/series",
    response_model=SeriesAnswer,
    responses={
        200: {"content": {ARROW: {"schema": {"type": "string", "format": "binary"}}}},
        **documented(404),
    },
)
def get_series(
    here: Here,
    run: str,
    query: Annotated[SeriesQuery, Query()],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Return at most `points` values per series in steps [start, end]; spikes and NaN are kept."""
    with here.store.reading() as db:
        line = _line(db, run, ancestors=query.ancestors)
        selection = shown.selected([runs.get(db, one) for one, _ in line], query.names)
        curves = overview.read_shown(db, line, selection, query.points, (query.start, query.end))
    if ARROW in accept:
        thinned = {name: shown.thin(curve, query.points) for name, (curve, _) in curves.items()}
        return Response(_arrow(thinned), media_type=ARROW)
    answer = {"run": run, "series": shown.thinned(curves, query.points)}
    body = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, media_type="application/json")


@router.get(
    "/runs/{run}/export",
    responses={
        200: {
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in _EXPORT_TYPES.values()
            }
        },
        **documented(404),
    },
    response_class=StreamingResponse,
)
def export_run(
    here: Here,
    run: str,
    query: Annotated[ExportQuery, Query()],
) -> Response:
    """Export all recorded values: one row per step, one column per series; missing values are empty."""
    with here.store.reading() as db:
        line = _line(db, run, ancestors=query.ancestors)
        selection = shown.selected([runs.get(db, one) for one, _ in line], query.names)
        size = export.rows_at_once(len(selection))
        pieces = [(max(a, query.start), min(b, query.end)) for a, b in portions.of_line(db, line, size)]

    pieces = [(start, end) for start, end in pieces if start <= end] or [(0, -1)]

    def windows() -> Iterator[pa.Table]:
        for start, end in pieces:
            with here.store.reading() as db:
                yield export.table(selection, rows.read_line(db, line, [*selection, rows.CLOCK], start, end))

    headers = {"Content-Disposition": f'attachment; filename="{run}.{query.format}"'}
    file = export.pieces(export.WRITERS[query.format](windows()))
    return Download(here.downloads, file, _EXPORT_TYPES[query.format], headers)


def _line(db: Connection, run: str, *, ancestors: bool) -> list[tuple[str, int]]:
    """Raises: NotFound."""
    runs.get(db, run)
    return runs.lineage(db, run) if ancestors else [(run, rows.LAST)]


def _arrow(curves: dict[str, Curve]) -> bytes:
    schema = pa.schema(
        [("series", pa.dictionary(pa.int32(), pa.string())), ("step", pa.int64()), ("value", pa.float64())]
    )
    names = list(curves)
    which = np.repeat(np.arange(len(names), dtype=np.int32), [len(curves[name][0]) for name in names])
    empty = [np.empty(0)]
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(which), pa.array(names, pa.string())),
        pa.array(np.concatenate([curves[n][0] for n in names] or empty).astype(np.int64)),
        pa.array(np.concatenate([curves[n][1] for n in names] or empty).astype(np.float64)),
    ]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    return bytes(sink.getvalue())
