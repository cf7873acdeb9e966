"""Attempts as Kubernetes Jobs: the manifests against Kubernetes' own schemas, the calls against a stand-in.

The stand-in answers the requests of the Jobs API that we make as its reference describes them; it runs
no Pod.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from backend.launching.engines import Ticket
from backend.launching.engines.engine import EngineAway
from backend.launching.engines.kubernetes import TEMPLATE, Kubernetes, manifest, read_template
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput

TICKET = Ticket("b8b27079e437", 2, processes=4)
EXAMPLE = Path(__file__).parents[4] / "docs" / "how-to" / "kubernetes-job.yaml"


class Jobs(BaseHTTPRequestHandler):
    """POST, GET and DELETE of Jobs in one namespace."""

    there: dict[str, dict[str, Any]] = {}
    down = False

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self) -> None:
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kubernetes_validate.validate(job, kubernetes_validate.latest_version(), strict=True)
        name = job["metadata"]["name"]
        if name in self.there:
            self._answer(409, {"kind": "Status", "reason": "AlreadyExists"})
            return
        job["metadata"]["creationTimestamp"] = f"2026-11-23T00:00:{len(self.there):02d}Z"
        self.there[name] = job | {"status": {}}
        self._answer(201, self.there[name])

    def do_GET(self) -> None:
        if self.down:
            self._answer(503, {"kind": "Status", "reason": "ServiceUnavailable"})
            return
        assert "labelSelector=app.kubernetes.io/name%3Drhoscope" in self.path
        self._answer(200, {"kind": "JobList", "apiVersion": "batch/v1", "items": list(self.there.values())})

    def do_DELETE(self) -> None:
        found = self.there.pop(self.path.partition("?")[0].rpartition("/")[2], None)
        self._answer(200 if found else 404, {"kind": "Status"})

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def jobs() -> Iterator[tuple[type[Jobs], str]]:
    class Fresh(Jobs):
        there: dict[str, dict[str, Any]] = {}

    server = ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Fresh, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def engine(jobs: tuple[type[Jobs], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kubernetes:
    named = {"name": "here", "cluster": {"server": jobs[1]}}
    context = {"name": "here", "context": {"cluster": "here", "user": "nobody"}}
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [named],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [context],
        "current-context": "here",
    }
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(kubeconfig))
    monkeypatch.setenv("KUBECONFIG", str(path))
    return Kubernetes(Environment(engine="kubernetes", fleet_namespace="research"))


@pytest.mark.parametrize("template", [None, EXAMPLE])
def test_every_job_is_one_that_kubernetes_takes_and_never_starts_again(template: Path | None) -> None:
    job = manifest(read_template(Environment(fleet_template=template)), TICKET)
    kubernetes_validate.validate(job, kubernetes_validate.latest_version(), strict=True)
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert container["command"][-4:] == ["-m", "trainer.job", TICKET.run, "2"]
    assert job["metadata"]["name"] == f"rhoscope-{TICKET.name}"
    if template:
        assert container["resources"]["limits"]["nvidia.com/gpu"] == "4"


def test_a_template_is_not_changed_by_what_is_made_of_it() -> None:
    before = json.dumps(TEMPLATE)
    manifest(TEMPLATE, TICKET)
    assert json.dumps(TEMPLATE) == before


@pytest.mark.parametrize("text", ["", "a: [", "spec: {template: {spec: {containers: []}}}", "spec: 3"])
def test_a_template_without_a_container_is_refused_by_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match="RHOSCOPE_FLEET_TEMPLATE.*is not a Job"):  # noqa: RUF043
        read_template(Environment(fleet_template=path))


def test_the_same_ticket_twice_is_one_job_and_what_runs_does_not_wait(
    engine: Kubernetes, jobs: tuple[type[Jobs], str]
) -> None:
    other = Ticket("0123456789ab", 1)
    for ticket in (TICKET, other, TICKET):
        engine.submit(ticket)
    assert list(engine.waiting()) == [TICKET.name, other.name]
    jobs[0].there[f"rhoscope-{TICKET.name}"]["status"] = {"active": 1, "ready": 1}
    assert list(engine.waiting()) == [other.name]
    engine.withdraw(other.name)
    engine.withdraw(other.name)
    assert list(engine.waiting()) == []


def test_a_cluster_that_is_away_is_said_so(engine: Kubernetes, jobs: tuple[type[Jobs], str]) -> None:
    jobs[0].down = True
    with pytest.raises(EngineAway, match="503"):
        engine.waiting()
