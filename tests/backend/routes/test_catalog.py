"""The catalog through REST: plug-ins, and what each state of a run means to a client."""

import httpx

from rhoscope.catalog import Catalog
from rhoscope.states import DELETABLE, FINAL, RunState


def test_the_catalog_says_which_states_mean_what(api: httpx.Client, catalog: Catalog) -> None:
    answer = api.get("/catalog").json()
    assert answer["plugins"] == catalog.model_dump(mode="json")["plugins"]
    states = answer["states"]
    assert states["every"] == [state.value for state in RunState]
    assert states["growing"] == ["starting", "running", "pausing", "stopping", "silent"]
    assert states["stoppable"] == ["queued", "starting", "running", "pausing", "paused", "silent"]
    assert set(states["ended"]) == FINAL
    assert set(states["deletable"]) == DELETABLE
