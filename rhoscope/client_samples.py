"""Single examples of a run's validations, as part of the client."""

from collections.abc import Callable
from typing import Any

from rhoscope.samples import ExampleAnswer, SamplesAnswer


class Samples:
    """The part of the client that asks for examples."""

    _ask: Callable[..., Any]

    def samples(
        self, run: str, step: int | None = None, between: tuple[str, str] | None = None
    ) -> SamplesAnswer:
        """Examples of a validation: at `step` or the last one before, else the newest.

        `between`: the two modalities whose differences are followed. Raises: NotFound, InvalidInput.
        """
        query = {"step": step, "between": ",".join(between) if between else None}
        params = {k: v for k, v in query.items() if v is not None}
        return SamplesAnswer.model_validate(self._ask("GET", f"/runs/{run}/samples", params=params))

    def example(self, run: str, name: str) -> ExampleAnswer:
        """One example over all validations, and how it is shown. Raises: NotFound."""
        params = {"name": name}
        return ExampleAnswer.model_validate(self._ask("GET", f"/runs/{run}/samples/example", params=params))
