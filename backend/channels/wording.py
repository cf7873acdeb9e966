"""Texts of messages."""

from collections.abc import Sequence

from backend.store.channels import Happening

MOST_LINES = 20


def title(happenings: Sequence[Happening]) -> str:
    """The subject of a message about these, at least one.

    >>> from rhoscope.records import Event
    >>> end = Event(run="r", attempt=1, kind="finished", step=9, time=0, data={"state": "failed"})
    >>> title([Happening(1, "first", end)])
    'rhoscope: first failed'
    """
    if len(happenings) == 1:
        (one,) = happenings
        return (
            f"rhoscope: {one.name} {one.occasion}"
            if one.occasion != "alert"
            else f"rhoscope: alert for {one.name}"
        )
    alerts = sum(one.occasion == "alert" for one in happenings)
    ends = len(happenings) - alerts
    parts = [_count(alerts, "alert", "alerts"), _count(ends, "run ended", "runs ended")]
    return f"rhoscope: {' and '.join(part for part in parts if part)}"


def body(happenings: Sequence[Happening]) -> str:
    """A line for each, the first `MOST_LINES`, and how many more there are."""
    lines = [line(one) for one in happenings[:MOST_LINES]]
    more = len(happenings) - len(lines)
    return "\n".join([*lines, f"and {more} more"] if more else lines)


def line(one: Happening) -> str:
    """One happening in a sentence."""
    data, run = one.event.data, f"{one.name} ({one.event.run})"
    if one.occasion == "alert":
        return f"{run}: {data.get('words', 'alert')} at step {one.event.step:,}, value {data.get('value')}"
    reason = str(data.get("reason") or "").strip()
    return f"{run} {one.occasion} at step {one.event.step:,}" + (f": {reason}" if reason else "")


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}" if n else ""
