"""Two hosts with a worker each, one Redis, one PostgreSQL; a link is cut and healed."""

import time
from collections.abc import Iterator

import pytest
from fleet import LEASE_S, Fleet, standing
from hosts import why_not
from instrument import PLAIN, wait_for

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "none"),
]
SPEC = {**PLAIN, "train_size": 48, "epochs": 40, "step_delay_ms": 240, "strategy": "ogm-ge", "seed": 5}
SPEC |= {"validate_every": 4}
"""Epochs of a few steps: a host that is cut off comes to the end of several before it notices.

A checkpoint follows each; what a validation costs beside is not what is tried here.
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Left by each test as it was: both hosts are heard."""
    with standing(tmp_path_factory.mktemp("fleet"), ("a", "b")) as fleet:
        yield fleet


def test_a_host_that_is_cut_off_loses_its_run_to_the_other_and_never_writes_to_it_again(fleet: Fleet) -> None:
    run = fleet.client.launch(SPEC).id
    fleet.until_step(run, 20)
    first = wait_for(lambda: fleet.host_of(run), 20, "a worker that trains it")
    with fleet.hosts.cut(first):
        wait_for(lambda: fleet.client.run(run).attempt == 2, 60, "the second attempt")
        wait_for(lambda: fleet.host_of(run) not in ("", first), 60, "the other host's worker")
        step = fleet.client.run(run).step
        fleet.until_step(run, step + 10)
    done = fleet.completed_whole(run)
    assert done.attempt == 2
    wait_for(lambda: len(fleet.client.workers()) == 2, 60, "both workers to be heard again")
    again = fleet.client.launch({**SPEC, "epochs": 1, "step_delay_ms": 0}).id
    fleet.completed_whole(again)


def test_a_link_that_is_down_for_less_than_a_lease_costs_nothing(fleet: Fleet) -> None:
    run = fleet.client.launch({**SPEC, "epochs": 15}).id
    fleet.until_step(run, 5)
    with fleet.hosts.cut(wait_for(lambda: fleet.host_of(run), 20, "a worker that trains it")):
        time.sleep(LEASE_S / 4)
    assert fleet.completed_whole(run).attempt == 1
