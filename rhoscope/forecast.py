"""The forecast of a launch: what would happen, without launching anything."""

from pydantic import BaseModel, Field

from rhoscope.catalog import Catalog
from rhoscope.composition import Contents
from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec


class Forecast(BaseModel):
    """Answer of POST /runs/check and POST /sweeps/check for a valid specification."""

    runs: int = Field(description="number of runs that would be queued")
    steps: int | None = Field(description="largest number of optimizer steps of a run; empty if not known")
    least_steps: int | None = Field(
        default=None, description="smallest number of optimizer steps of a run; empty if not known"
    )
    steps_in_all: int | None = Field(
        description="number of steps of all runs together, of a search at most; empty if not known"
    )
    ahead: int = Field(description="number of queued runs that start before the first of these")
    busy: int = Field(description="number of runs that occupy a worker")
    free: list[str] = Field(description="names of idle workers")
    workers: int = Field(description="number of running workers that are not draining")
    contents: Contents | None = Field(
        default=None,
        description="what a worker found in a single run's data; empty: not needed",
    )


def steps(catalog: Catalog, spec: RunSpec) -> int | None:
    """Optimizer steps of a run that fits: whole batches of the training split, times the epochs.

    None where the data set does not say how many training examples it has, and with the protocol
    `official-code`, which trains on the validation split as well.
    """
    try:
        settings = catalog.chosen_settings(spec)
    except InvalidInput:
        return None
    dataset = catalog.dataset_of(spec)
    size = dataset.facts.get("train_size") if dataset else None
    size = settings.get(size) if isinstance(size, str) else size
    epochs, batch = settings.get("epochs"), settings.get("batch_size")
    if settings.get("protocol") == "official-code":  # nothing says how large the validation split is
        return None
    if not isinstance(size, int) or not isinstance(epochs, int) or not isinstance(batch, int) or batch < 1:
        return None
    return epochs * (size // batch)
