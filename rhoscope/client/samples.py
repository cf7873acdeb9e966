"""Single examples of a run's validations, as part of the client."""

from rhoscope.client.requests import Requests
from rhoscope.samples import ExampleAnswer, SamplesAnswer


class Samples(Requests):
    """The part of the client that asks for examples."""

    def samples(
        self, run: str, step: int | None = None, between: tuple[str, str] | None = None
    ) -> SamplesAnswer:
        """Examples of a validation: at `step` or the last one before, else the newest.

        `between`: the two modalities whose differences are followed. Raises: NotFound, InvalidInput.
        """
        query = {"step": step, "between": ",".join(between) if between else None}
        params = {k: v for k, v in query.items() if v is not None}
        return SamplesAnswer.model_validate(self._ask("GET", "runs", run, "samples", params=params))

    def example(self, run: str, name: str) -> ExampleAnswer:
        """One example over all validations, and how it is shown. Raises: NotFound."""
        params = {"name": name}
        return ExampleAnswer.model_validate(
            self._ask("GET", "runs", run, "samples", "example", params=params)
        )
