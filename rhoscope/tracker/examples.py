"""Single examples that a program sends at a validation, and how each is shown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rhoscope.samples import CHOSEN, MOST_LETTERS, Example, Part, Samples, chosen
from rhoscope.series import LAST_STEP
from rhoscope.texts import cleaned
from rhoscope.tracker.pieces import piece

Preview = Mapping[str, Mapping[str, Any]] | Callable[[str], Mapping[str, Any]]
"""Of an example's name its modalities as `Run.media` takes them; a sound is a pair of samples and rate."""
EXAMPLE_BYTES = 512 * 2**10
"""Bytes of all parts of one example: what a request has room for."""
PREVIEW_BYTES = 8 * 2**20
"""Bytes of all previews of a process."""
POINTS = 256


def record(
    names: Sequence[Any],
    labels: Sequence[Any],
    alone: Mapping[str, Any],
    together: Any = None,
    target: Any = None,
) -> Samples:
    """One validation's record: of more than 200 examples a choice that depends on names and labels alone.

    `alone` by modality and `together`: probabilities of the right class [N], NaN or None where there is none;
    with `target`, whole numbers [N], also logits [N, C].

    Raises:
        ValueError, TypeError: when something in it does not fit.
    """
    known, classes = (
        [cleaned(str(name))[:200] for name in _listed(names)],
        [cleaned(str(label))[:200] for label in _listed(labels)],
    )
    if len(known) != len(classes):
        raise ValueError(f"{len(known)} names and {len(classes)} labels")
    columns = {str(m): _chances(values, target, len(known)) for m, values in alone.items()}
    whole = _chances(together, target, len(known))
    rows = chosen(known, classes, CHOSEN)
    return Samples.make(
        [known[row] for row in rows],
        [classes[row] for row in rows],
        [whole[row] for row in rows],
        {m: [column[row] for row in rows] for m, column in columns.items()},
    )


def checked_step(step: Any) -> int:
    """A step that a record may have. Raises: ValueError."""
    if not 0 <= int(step) < LAST_STEP:
        raise ValueError(f"step {step} is out of range; expected 0 to {LAST_STEP - 1}")
    return int(step)


def _listed(values: Any) -> Sequence[Any]:
    """Plain values; of a tensor or an array all at once, so that a device is waited for once."""
    plain: Sequence[Any] = values.tolist() if hasattr(values, "tolist") else values
    return plain


def _numbers(values: Any) -> NDArray[np.float64]:
    if hasattr(values, "detach"):
        values = values.detach().float().cpu().numpy()
    return np.asarray(values, np.float64)  # None becomes NaN


def _chances(values: Any, target: Any, count: int) -> list[float]:
    """Probabilities [N] of given ones, or of logits [N, C] those of the target's classes."""
    numbers = np.full(count, np.nan) if values is None else _numbers(values)
    if numbers.ndim == 2 and target is not None:
        right = _numbers(target).astype(np.int64)
        if right.shape != (len(numbers),) or not ((right >= 0) & (right < numbers.shape[1])).all():
            raise ValueError(f"the target does not name a class of each of {len(numbers)} rows of logits")
        shifted = np.exp(numbers - numbers.max(1, keepdims=True))
        numbers = shifted[np.arange(len(right)), right] / shifted.sum(1)
    if numbers.shape != (count,):
        shape = " x ".join(map(str, numbers.shape))
        more = "" if numbers.ndim != 2 else "; logits need a target"
        raise ValueError(f"expected {count} probabilities, not {shape} numbers{more}")
    return numbers.tolist()


class Previews:
    """Makes each example's preview once, as long as there is room."""

    def __init__(self) -> None:
        self._done: set[str] = set()
        self._left = PREVIEW_BYTES

    def make(self, names: Sequence[str], preview: Preview) -> list[Example]:
        """Those of examples that have none yet.

        Raises:
            ValueError, TypeError, OSError: when a part is none, or too large.
        """
        made: list[Example] = []
        for name in names:
            if name in self._done or self._left <= 0:
                continue
            self._done.add(name)
            values = preview(name) if callable(preview) else preview.get(name, {})
            parts = [_part(str(modality), value) for modality, value in values.items()]
            size = sum(len(part.content) * 3 // 4 for part in parts)
            if size > EXAMPLE_BYTES:
                raise ValueError(f"example '{name}' has {size:,} bytes, more than {EXAMPLE_BYTES:,}")
            self._left -= size
            if parts:
                made.append(Example(name=name, parts=parts))
        return made


def _part(modality: str, value: Any) -> Part:
    rate = None
    if isinstance(value, tuple) and len(value) == 2:
        value, rate = value[0], int(value[1])
    if rate is None and getattr(value, "ndim", 0) == 1:
        numbers = np.nan_to_num(_numbers(value), nan=0.0, posinf=0.0, neginf=0.0)
        places = np.linspace(0, len(numbers) - 1, min(POINTS, len(numbers))).round().astype(int)
        return Part(modality=modality, kind="curves", curves=[numbers[places].tolist()])
    kind, data = piece(value, rate)
    if kind == "text":
        return Part(modality=modality, kind="text", text=cleaned(data.decode())[:MOST_LETTERS])
    if kind == "table":
        raise TypeError(f"'{modality}' of an example is a picture, a sound, a text, or numbers, not a table")
    return Part.of(modality, kind, data)
