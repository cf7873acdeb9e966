"""accelerate: a tracker for `Accelerator(log_with=...)`. `rhoscope.Balance` takes its optimizers."""

from collections.abc import Mapping
from typing import Any, Unpack

from rhoscope.optional_libraries import library
from rhoscope.tracker.run import Run
from rhoscope.tracker.start import About, flat, init

tracking: Any = library("accelerate.tracking", "accelerate")


class Tracker(tracking.GeneralTracker):  # type: ignore[misc]  # the class is known only once accelerate is there
    """A run that begins with `accelerator.init_trackers` and takes what `accelerator.log` is given."""

    name = "rhoscope"
    requires_logging_directory = False

    def __init__(self, project: str = "", **about: Unpack[About]) -> None:
        """As `rhoscope.init`, which is called later, once the first process is known."""
        super().__init__()
        self._project, self._about = project, about
        self._run: Run | None = None

    @property
    def tracker(self) -> Run | None:
        """The run: `accelerator.get_tracker("rhoscope", unwrap=True)`."""
        return self._run

    def start(self) -> None:
        """Begin the run; its settings may follow. accelerate calls it in the first process only."""
        self._run = init(self._project, **self._about)

    def store_init_configuration(self, values: dict[str, Any]) -> None:
        """Settings of the run."""
        if self._run:
            self._run.declare(config=flat(values))

    def log(self, values: Mapping[str, Any], step: int | None = None, **_options: Any) -> None:
        """Record numbers by name; texts are left out."""
        numbers = {name: value for name, value in values.items() if not isinstance(value, str)}
        if self._run and numbers:
            self._run.log(numbers, step=step)

    def finish(self) -> None:
        """The run is complete."""
        if self._run:
            self._run.finish()
