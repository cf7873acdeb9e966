"""Single examples through REST: a validation's, one over all, and its picture."""

from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from instrument import wait_for
from served import Attempt, Served

import rhoscope
from rhoscope.client import Client
from rhoscope.errors import InvalidInput, NotFound
from rhoscope.samples import Part
from rhoscope.tracker.pieces import png

PICTURE = Part.of("visual", "image", png(np.eye(3)))


def test_examples_are_read_by_step_and_shown_by_name(
    served: Served, api: httpx.Client, begun: Callable[..., Attempt]
) -> None:
    attempt = begun()
    attempt.tell("example", 10, name="dog/1 & more", parts=[PICTURE.model_dump()])
    for step in (10, 20):
        alone = {"audio": [step / 100, 0.5], "visual": [0.5, None]}
        data = {"labels": ["dog", "cat"], "together": [0.9, None], "alone": alone}
        attempt.tell("samples", step, epoch=step // 10, names=["dog/1 & more", "cat/2"], **data)
    with Client(served.url) as client:
        wait_for(lambda: client.samples(attempt.run).total == 2, 20, "both validations")
        early = client.samples(attempt.run, 10, ("visual", "audio"))
        assert early.samples is not None
        assert (early.step, early.samples.epoch, early.samples.alone["audio"][0]) == (10, 1, 0.1)
        assert [gap.median for gap in early.gaps] == [0.4, 0.3]
        result = client.example(attempt.run, "dog/1 & more")
        assert (result.label, result.steps, result.alone["audio"]) == ("dog", [10, 20], [0.1, 0.2])
        with pytest.raises(NotFound, match="bird"):
            client.example(attempt.run, "bird")
        with pytest.raises(NotFound):
            client.samples("none")
        with pytest.raises(InvalidInput, match="audio, visual"):
            client.samples(attempt.run, between=("audio", "smell"))
    picture = api.get(f"/runs/{result.holder}/media/{result.parts[0].digest}")
    assert (picture.content, picture.headers["content-type"]) == (PICTURE.opened()[1], "image/png")
    assert "sandbox" in picture.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "?step=-1",
        "?step=x",
        "?x=1",
        f"?step={2**70}",
        "/example",
        "/example?name=",
        "/example?name=" + 201 * "a",
    ],
)
def test_a_question_that_does_not_fit_is_refused(
    api: httpx.Client, begun: Callable[..., Attempt], path: str
) -> None:
    assert api.get(f"/runs/{begun().run}/samples{path}").status_code == 422


def test_a_guests_examples_arrive_with_their_previews(served: Served, tmp_path: Path) -> None:
    run = rhoscope.init("av", url=served.url, dir=tmp_path)
    run.log({"loss": 1.0}, step=7)
    shown = {"a": {"visual": np.eye(4), "text": "a dog barks"}}
    run.examples(["a", "b"], ["x", "y"], alone={"visual": [0.1, 0.9], "text": [0.2, None]}, preview=shown)
    run.finish()
    with Client(served.url) as client:
        wait_for(lambda: client.run(run.id).state == "completed", 20, "the end")
        result = client.example(run.id, "a")
    assert (result.steps, result.label, result.alone) == ([7], "x", {"visual": [0.1], "text": [0.2]})
    assert [(part.kind, part.text) for part in result.parts] == [("image", ""), ("text", "a dog barks")]
    picture = httpx.get(f"{served.url}/api/v1/runs/{run.id}/media/{result.parts[0].digest}")
    assert picture.content.startswith(b"\x89PNG")
