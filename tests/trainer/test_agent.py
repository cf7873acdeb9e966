"""What an agent sees to while it guards a training process."""

import subprocess
from pathlib import Path
from typing import Any

from rhoscope.local.logs import LARGEST_BYTES
from trainer.agent import Deadline, _guard


class Held:
    """A lease that is always renewed, and a Redis that takes everything."""

    def renew(self) -> bool:
        return True

    def set(self, *_given: object, **_more: object) -> None:
        return None


def test_a_run_s_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    with log.open("ab") as out:
        out.truncate(LARGEST_BYTES + 1)
        process = subprocess.Popen(["sleep", "0.3"], stdout=out)
    deadline = Deadline(tmp_path / "deadline")
    job: Any = (Held(), "key", "value")
    lease: Any = Held()
    assert _guard(process, lease, deadline, 1.0, job, log, []).endswith("code 0")
    assert log.stat().st_size == 0
    assert (tmp_path / "run.log.1").stat().st_size == LARGEST_BYTES + 1
