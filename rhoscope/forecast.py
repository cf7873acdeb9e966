"""Forecast of launching a specification now; nothing is launched."""

from pydantic import BaseModel, Field

from rhoscope.catalog import Catalog
from rhoscope.composition import Contents
from rhoscope.errors import InvalidInput
from rhoscope.spec import RunSpec


class Forecast(BaseModel):
    """The answer of POST /runs/check and POST /sweeps/check for what fits."""

    runs: int = Field(description="how many would be queued")
    steps: int | None = Field(description="most optimizer steps of one of them; empty where not known")
    steps_in_all: int | None = Field(description="of all of them together; empty where not known")
    ahead: int = Field(description="queued runs that train before the first of these")
    busy: int = Field(description="runs that hold a worker now")
    free: list[str] = Field(description="workers that wait for something to train")
    workers: int = Field(description="that are there and take something new")
    contents: Contents | None = Field(
        default=None,
        description="what a worker says of a single run's data; empty: no need to look",
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
    dataset = catalog.find("dataset", spec.dataset)
    size = dataset.facts.get("train_size") if dataset else None
    size = settings.get(size) if isinstance(size, str) else size
    epochs, batch = settings.get("epochs"), settings.get("batch_size")
    if settings.get("protocol") == "official-code":  # nothing says how large the validation split is
        return None
    if not isinstance(size, int) or not isinstance(epochs, int) or not isinstance(batch, int) or batch < 1:
        return None
    return epochs * (size // batch)
