"""How the API is served, beside what it answers."""

import httpx
from fastapi import FastAPI

from backend.__main__ import configured


def test_a_client_gives_an_unused_connection_up_before_the_api_closes_it() -> None:
    """Else a request that is sent in that very moment fails, of which nobody knows whether it was done."""
    kept = httpx.Limits().keepalive_expiry
    assert kept is not None
    assert configured(FastAPI()).timeout_keep_alive > 2 * kept
