"""Launch fifteen runs as one sweep, and print their ids."""

from rhoscope import Client
from rhoscope.runs import SweepSpec
from rhoscope.spec import RunSpec

base = RunSpec.model_validate({"strategy": "ogm-ge", "epochs": 12})
spec = SweepSpec(base=base, grid={"alpha": [0.1, 0.8, 1.5]}, seeds=[0, 1, 2, 3, 4])

if __name__ == "__main__":
    sweep = Client("http://127.0.0.1:8000").sweep(spec)
    print(sweep.id, [run.id for run in sweep.runs])  # noqa: T201 -- a script's answer
