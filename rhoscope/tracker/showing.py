"""Everything that a guest run shows beside numbers: media, and single examples of a validation."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from rhoscope.errors import RhoscopeError
from rhoscope.media import Item, type_of
from rhoscope.tracker.attempt import Attempt
from rhoscope.tracker.examples import Preview, Previews, checked_step, record
from rhoscope.tracker.link import Warnings
from rhoscope.tracker.pieces import piece
from rhoscope.tracker.steered import FORESEEN


class Showing:
    """The part of a run that shows; nothing here raises."""

    ended: bool
    _attempt: Attempt | None
    _warn: Warnings
    _previews: Previews

    def media(
        self, name: str, value: Any, step: int | None = None, *, caption: str = "", rate: int | None = None
    ) -> None:
        """Show a picture, a sound, a text, or a table at a step: by default the present one.

        `value` is an array or tensor [H, W], [H, W, 3], or [3, H, W] (uint8, or 0 to 1), a PIL image, a
        figure, with `rate` in Hz the samples of a sound (-1 to 1), a text, a table, or the `Path` of a file.
        """
        attempt = self._attempt
        if attempt is None or self.ended:
            return
        try:
            kind, data = piece(value, rate)
            type_of(data, kind)
            digest = hashlib.sha256(data).hexdigest()
            item = Item(name=str(name), kind=kind, digest=digest, caption=str(caption)[:1000])
            attempt.keep(item, data, max(0, attempt.step) if step is None else int(step))
        except FORESEEN as error:
            words = error.detail if isinstance(error, RhoscopeError) else str(error)
            self._warn(f"'{name}' can't be shown ({words.splitlines()[0]}) and is left out", "media")

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
        """Show single examples of a validation, all in one call; of more than 200 a constant choice.

        `alone` by modality and `together`: probabilities of the right class [N], NaN where there is none;
        with `target` [N] also logits [N, C]. `preview` gives an example's modalities by its name.
        """
        attempt = self._attempt
        if attempt is None or self.ended:
            return
        try:
            sent = record(names, labels, alone, together, target)
            at = max(0, attempt.step) if step is None else checked_step(step)
            attempt.event("samples", at, **sent.model_dump())
            for example in self._previews.make(sent.names, preview) if preview else ():
                attempt.event("example", at, **example.model_dump())
        except (*FORESEEN, ArithmeticError, LookupError) as error:  # a preview may be any function
            words = " ".join(str(error).split())[:300] or type(error).__name__
            self._warn(f"examples can't be shown ({words})", "examples")
