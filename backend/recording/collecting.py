"""The time for which the recorder lets entries gather, so that they are stored together."""

LEAST_S, CALM_S, MOST_S = 0.004, 0.015, 0.25
LEISURE = 4
"""Times as long as storing took that little gathers, so that storing takes a quarter of the time at most."""


def collecting(took_s: float) -> float:
    """Seconds that a transaction collects for, after one that took `took_s`; the first entry never waits.

    Where little is to do, what comes is stored soon. Under load it is twice what the one before took: the
    more there is to do, the more is joined.

    >>> collecting(0.0005), collecting(0.002), collecting(0.005), collecting(0.05), collecting(3.0)
    (0.004, 0.008, 0.015, 0.1, 0.25)
    """
    return min(max(LEAST_S, min(LEISURE * took_s, CALM_S), 2 * took_s), MOST_S)
