"""The suite on several processes: who runs which file, and what took longest in the end."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

SHARING = ("tests/dashboard/", "tests/e2e/")
"""Folders whose files share one running product in each process that gets any of them."""
LONGEST = (
    "benchmarks/test_quick.py",
    "chaos/test_kills.py",
    "e2e/test_first_day.py",
    "dashboard/test_shifts.py",
    "chaos/test_slurm.py",
    "dashboard/test_accessibility.py",
    "contracts/test_runs.py",
    "chaos/test_two_hosts.py",
    "e2e/test_newcomer.py",
    "chaos/test_schedule.py",
    "dashboard/test_oddities.py",
    "e2e/test_train_command.py",
    "backend/test_openapi.py",
    "chaos/test_program_on_two_hosts.py",
    "dashboard/test_details.py",
    "trainer/prepare/test_lists_in_runs.py",
    "chaos/test_replicated.py",
    "dashboard/test_runs_table.py",
    "chaos/test_kubernetes.py",
    "chaos/test_clock.py",
    "trainer/test_recipes.py",
    "chaos/test_store_away.py",
    "backend/test_odd_rows.py",
    "trainer/prepare/test_prepare.py",
    "dashboard/test_launch_form.py",
    "chaos/test_redis_away.py",
    "dashboard/test_steering.py",
    "backend/routes/test_live.py",
    "e2e/test_program.py",
    "dashboard/test_pages.py",
    "chaos/test_disk_full.py",
    "docs/test_site.py",
    "trainer/test_run.py",
    "dashboard/test_arrival.py",
    "dashboard/test_recipes.py",
    "e2e/test_behind_proxy.py",
    "dashboard/test_login.py",
    "dashboard/test_compare.py",
    "dashboard/test_watching.py",
    "backend/store/test_levels.py",
    "trainer/datasets/test_folder_files.py",
    "dashboard/test_newcomer.py",
    "backend/recording/test_alerts.py",
    "dashboard/test_instruments.py",
    "backend/recording/test_recorder.py",
    "dashboard/test_sweeps.py",
    "trainer/disk/test_dataset.py",
    "docs/test_guest_examples.py",
    "rhoscope/torch/test_cost.py",
    "trainer/strategies/test_strategies.py",
    "trainer/test_replicas.py",
    "dashboard/test_workers.py",
    "contracts/test_training_plugins.py",
    "rhoscope/test_bridges.py",
    "dashboard/test_verdict.py",
    "trainer/measures/test_measures.py",
    "trainer/programs/test_strangers.py",
    "rhoscope/test_wheel.py",
    "trainer/attempt/test_crashes.py",
    "e2e/test_compose.py",
    "backend/store/test_overview.py",
    "e2e/test_experiment.py",
    "trainer/datasets/test_av_digits.py",
    "trainer/test_training.py",
    "backend/routes/test_sweeps.py",
    "backend/routes/test_table.py",
    "backend/routes/test_series.py",
    "e2e/test_guarded.py",
    "trainer/datasets/test_synthetic.py",
    "rhoscope/local/test_fork.py",
    "chaos/test_orphans.py",
    "backend/routes/test_guests.py",
    "backend/channels/test_postman.py",
)
"""These begin first, so that in the end nobody waits for one of them."""
SHOWN = 15


class Lanes(LoadFileScheduling):
    """A file goes to one process. Two in five of them take the files that share a product first: each has
    a product and a browser of its own then; the others begin with those that wait most."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        sharing = self.nodes.index(node) < max(1, 2 * len(self.nodes) // 5)
        first = min(self.workqueue, key=lambda file: (file.startswith(SHARING) != sharing, _rank(file)))
        self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def _rank(file: str) -> int:
    name = file.removeprefix("tests/")
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def longest(reports: Iterable[pytest.TestReport]) -> list[str]:
    """One line for each of the files that took longest, and one for all."""
    seconds: dict[str, float] = defaultdict(float)
    for report in reports:
        seconds[report.nodeid.partition("::")[0]] += report.duration
    order = sorted(seconds, key=lambda file: -seconds[file])[:SHOWN]
    lines = [f"{seconds[file]:7.1f}s {file}" for file in order]
    return [*lines, f"{sum(seconds.values()):7.1f}s in all {len(seconds)} files, several at a time"]


def reports_of(stats: dict[str, list[Any]]) -> list[pytest.TestReport]:
    """Every set-up, call and tear-down that was reported."""
    return [report for kind in stats.values() for report in kind if isinstance(report, pytest.TestReport)]
