"""The limits, from the constants that the programs use."""

from backend import loops
from backend.curves import export, grouping
from backend.http import downloads, problems, run_filter
from backend.orders import grid
from backend.recording import pending, recorder
from backend.routes import health, live, table
from backend.searches import loop
from backend.store import alerts, channels, index, runs, stream, views
from backend.store import samples as stored_samples
from backend.verdict import history, reading
from dashboard import callbacks
from generators.markdown import table as rows_of
from rhoscope import catalog, catalog_faults, errors, remedies, samples, schema, search, series, spec, texts
from rhoscope.local import connections
from rhoscope.tables import MOST_CELLS
from rhoscope.tracker import examples

LIMITS: dict[str, list[tuple[str, float, str]]] = {
    "Requests": [
        ("Body of a request", problems.BODY_LIMIT, "bytes"),
        ("Line and headers of a request", connections.LONGEST_HEAD, "bytes"),
        ("Text in a body", texts.LONGEST, "characters"),
        ("Parameter of an address", texts.LONGEST_QUERY, "characters"),
        ("Words to search for", run_filter.LONGEST_SEARCH, "characters"),
        ("Time for a request to arrive", connections.REQUEST_S, "seconds"),
        ("Time in which a reader must take something", connections.STALLED_S, "seconds"),
        ("Fields that one error lists", errors.MOST_LISTED, "fields"),
        ("Body of a callback of the page", callbacks.LARGEST_BODY, "bytes"),
    ],
    "Runs and sweeps": [
        ("Settings of a run", spec.MOST_SETTINGS, "settings"),
        ("Text of a setting", texts.LONGEST_SETTING, "characters"),
        ("Whole number of a setting, either sign", schema.LARGEST, ""),
        ("Tags of a run", runs.MOST_TAGS, "tags"),
        ("Runs of a sweep", grid.MOST_RUNS, "runs"),
        ("Trials of a search", search.MOST_TRIALS, "trials"),
        ("Settings of a search", search.MOST_SETTINGS, "settings"),
        ("Failed trials in a row, after which a search gives up", loop.MOST_FAILURES, "trials"),
        ("Specifications of a sweep together", grid.LARGEST_BYTES, "bytes"),
        ("Unknown settings for which the name that was meant is looked for", catalog.MOST_HINTS, "settings"),
        ("Runs in one bulk action", table.MOST_RUNS, "runs"),
        ("Runs in one comparison of groups", grouping.MOST_RUNS, "runs"),
        ("Runs in one index", index.MOST, "runs"),
        ("Sparklines in one answer", table.MOST_SPARKS, "runs"),
        ("Relatives of a run", runs.MOST_RELATIVES, "runs"),
        ("Alert rules", alerts.MOST, "rules"),
        ("Channels that messages go to", channels.MOST, "channels"),
        ("Saved views", views.MOST, "views"),
        ("Candidates of one trial of remedies", remedies.MOST_CANDIDATES, "candidates"),
        ("Seeds of one trial of remedies", remedies.MOST_SEEDS, "seeds"),
        ("Means of a curve that a verdict reads", history.PIECES, "means"),
        ("Newest rows that a verdict reads", history.RECENT, "rows"),
        ("Modalities that a verdict reads", reading.MOST_MODALITIES, "modalities"),
    ],
    "What is recorded": [
        ("Step of a run", series.LAST_STEP, ""),
        ("Entry of a run's stream", stream.LARGEST_ENTRY, "bytes"),
        ("Numbers of a table", MOST_CELLS, "numbers"),
        ("Examples of a validation that are followed", samples.CHOSEN, "examples"),
        ("Picture or sound of an example", samples.MOST_BYTES, "bytes"),
        ("Text of an example", samples.MOST_LETTERS, "characters"),
        ("Previews of all examples of a run", examples.PREVIEW_BYTES, "bytes"),
        ("Validations of examples in one answer", stored_samples.POINTS, "validations"),
        ("Entries stored in one transaction", recorder.TOGETHER, "entries"),
        ("Exports on their way at a time", downloads.MOST, "exports"),
        ("Values of an export in memory at a time", export.WINDOW_CELLS, "values"),
        ("Piece in which an export leaves", export.PIECE_BYTES, "bytes"),
    ],
    "Live connections": [
        ("Runs on one connection", live.MOST_RUNS, "runs"),
        ("Rows sent to one that catches up", live.CATCH_UP_ROWS, "rows"),
        ("Rows that wait for one before they are thinned", pending.MOST_ROWS, "rows"),
        ("Events that wait for one before it is closed", pending.MOST_EVENTS, "events"),
        ("Bytes that wait for one that still catches up", pending.MOST_BYTES, "bytes"),
        ("Message that a browser may send", connections.LARGEST_MESSAGE, "bytes"),
    ],
    "Workers": [
        ("Catalog of a worker", catalog_faults.LARGEST_BYTES, "bytes"),
        ("Plug-ins of a catalog", catalog_faults.MOST_PLUGINS, "plug-ins"),
        ("Schemas in each other", catalog_faults.DEEPEST, "levels"),
        ("Pattern of a setting", catalog_faults.LONGEST_PATTERN, "characters"),
    ],
    "Health": [
        ("Time in which a part must answer `/readyz`", health.PATIENCE_S, "seconds"),
        ("Lag of a recorder that is not well", health.LAG_S, "seconds"),
        ("Turn of a loop that is stuck", loops.STUCK_S, "seconds"),
        (
            "First and longest pause of what was set aside",
            loops.FIRST_S,
            f"to {loops.LONGEST_S:,.0f} seconds",
        ),
    ],
}


def page() -> str:
    """One table for each part."""
    return "".join(
        f"## {title}\n\n{rows_of(('what', 'limit'), [(what, _words(n, unit)) for what, n, unit in rows])}"
        for title, rows in LIMITS.items()
    )


def _words(value: float, unit: str) -> str:
    number = f"{value:,}" if isinstance(value, int) else f"{value:,.0f}"
    return f"{number} {unit}".strip()
