"""The series of an answer: those that a request spells, by name or for each modality."""

from backend.curves.shown import beside_dense, spelled
from rhoscope.runs import Run
from rhoscope.series import Series
from rhoscope.spec import RunSpec
from rhoscope.states import RunState

NAMES = ["loss", "rho.audio", "rho.visual", "k.audio", "val.accuracy", "own"]


def declaring() -> Run:
    series = [
        Series(name=name, title=name, unit="1", formula="x", help="A number.", sparse=name.startswith("val."))
        for name in NAMES[:-1]
    ]
    return Run(
        id="a" * 12,
        name="a",
        spec=RunSpec(),
        settings={},
        state=RunState.COMPLETED,
        attempt=1,
        created=0.0,
        modalities=["audio", "visual"],
        series=series,
    )


def test_names_are_spelled_in_their_order_and_each_once() -> None:
    assert spelled("rho.audio,rho.*,loss,,loss", ["audio", "visual"]) == ["rho.audio", "rho.visual", "loss"]
    assert spelled("rho.*", []) == []


def test_of_the_dense_series_only_those_wanted_stay_beside_all_others() -> None:
    assert beside_dense([declaring()], NAMES, "rho.*") == ["rho.audio", "rho.visual", "val.accuracy", "own"]
    assert beside_dense([declaring()], NAMES, "loss,none") == ["loss", "val.accuracy", "own"]
