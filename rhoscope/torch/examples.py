"""Single examples of a validation, as part of a balance."""

from collections.abc import Mapping, Sequence
from typing import Any

from rhoscope.torch.replicas import Peers
from rhoscope.tracker.examples import Preview
from rhoscope.tracker.run import Run


class Examples:
    """The part of a balance that shows which examples are dominated."""

    run: Run | None
    _peers: Peers

    def examples(
        self,
        names: Sequence[Any],
        labels: Sequence[Any],
        *,
        alone: Mapping[str, Any],
        together: Any = None,
        target: Any = None,
        preview: Preview | None = None,
        step: int | None = None,
    ) -> None:
        """Show single examples of a validation on the run's page, as `Run.examples` does.

        `alone` by modality and `together`: probabilities of the right class [N], NaN where there is none;
        with `target` [N] also logits [N, C]. Of several processes the first one's are shown.
        """
        if self.run and self._peers.first:
            self.run.examples(
                names, labels, alone=alone, together=together, target=target, preview=preview, step=step
            )
