"""Attempts as Kubernetes Jobs: manifests against Kubernetes' own schemas, calls against a stand-in."""

import json
from collections.abc import Iterator
from pathlib import Path

import kubernetes_validate
import pytest
from cluster import Cluster
from kubernetes import client

from backend.launching.engines import Ticket
from backend.launching.engines.engine import EngineAway
from backend.launching.engines.kubernetes import TEMPLATE, Kubernetes, manifest, read_template
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput

TICKET = Ticket("b8b27079e437", 2, processes=4)
GUIDES = Path(__file__).parents[4] / "docs" / "how-to"
EXAMPLE, PROGRAM = GUIDES / "kubernetes-job.yaml", GUIDES / "kubernetes-program.yaml"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.close()


@pytest.fixture
def engine(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Kubernetes:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig()))
    return Kubernetes(Environment(engine="kubernetes", fleet_namespace="research"))


@pytest.mark.parametrize("template", [None, EXAMPLE, PROGRAM])
def test_every_job_is_one_that_kubernetes_takes_and_never_starts_again(template: Path | None) -> None:
    job = manifest(read_template(Environment(fleet_template=template)), TICKET)
    kubernetes_validate.validate(job, kubernetes_validate.latest_version(), strict=True)
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert container["command"][-4:] == ["-m", "trainer.job", TICKET.run, "2"]
    assert job["metadata"]["name"] == f"rhoscope-{TICKET.name}"
    if template == EXAMPLE:
        assert container["resources"]["limits"]["nvidia.com/gpu"] == "4"


@pytest.mark.parametrize("template", [None, EXAMPLE, PROGRAM])
def test_every_field_of_a_job_is_one_that_the_official_client_knows(template: Path | None) -> None:
    job = manifest(read_template(Environment(fleet_template=template)), TICKET)
    api = client.ApiClient()
    read = api.deserialize(json.dumps(job), "V1Job", "application/json")
    assert api.sanitize_for_serialization(read) == job


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
    engine: Kubernetes, cluster: Cluster
) -> None:
    other = Ticket("0123456789ab", 1)
    for ticket in (TICKET, other, TICKET):
        engine.submit(ticket)
    assert list(engine.waiting()) == [TICKET.name, other.name]
    cluster.jobs[f"rhoscope-{TICKET.name}"]["status"] = {"active": 1, "ready": 1}
    assert list(engine.waiting()) == [other.name]
    engine.withdraw(other.name)
    engine.withdraw(other.name)
    assert list(engine.waiting()) == []


def test_a_cluster_that_is_away_is_said_so(engine: Kubernetes, cluster: Cluster) -> None:
    cluster.down = True
    with pytest.raises(EngineAway, match="503"):
        engine.waiting()
