"""Kubernetes: each attempt is a Job with one Pod that is never restarted. Kueue may queue them."""

import copy
import os
from collections.abc import Mapping, Sequence
from typing import Any

import urllib3
import yaml
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from typing_extensions import override

from backend.launching.engines.engine import Engine, EngineAway, Ticket
from rhoscope.environment import Environment
from rhoscope.errors import InvalidInput

PREFIX = "rhoscope-"
LABEL = "app.kubernetes.io/name=rhoscope"
CONTAINER = "training"
TIMEOUT_S = 10.0
KEEP_S = 3600
"""Seconds that an ended Job stays to be looked at."""

TEMPLATE: dict[str, Any] = {
    "spec": {
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": CONTAINER,
                        "image": "rhoscope-worker:latest",
                        "envFrom": [{"secretRef": {"name": "rhoscope"}}],
                    }
                ]
            }
        }
    }
}
"""Where the user gives none: the image of this project's Dockerfile, addresses from a secret."""


class Kubernetes(Engine):
    """Our fields over the user's template; only we start an attempt again, Kubernetes never does.

    RHOSCOPE_FLEET_TEMPLATE is a Job as YAML, whose first container trains; `{processes}` in any text of it is
    replaced. The cluster is the one we run in, or the one kubectl would ask.
    """

    patience_s = 300.0

    def __init__(self, environment: Environment) -> None:
        self._template = read_template(environment)
        self._namespace = environment.fleet_namespace
        self._places = environment.fleet_places
        try:
            named = os.environ.get("KUBECONFIG")
            config.load_config(**({"config_file": named} if named else {}))
        except config.ConfigException as error:
            message = f"no Kubernetes cluster found: {error}; run inside a cluster, or set KUBECONFIG"
            raise InvalidInput.field("RHOSCOPE_ENGINE", message, "kubernetes") from error
        self._jobs = client.BatchV1Api()

    @override
    def places(self, workers: int) -> int:
        return self._places

    @override
    def waiting(self) -> Sequence[str]:
        """Jobs whose Pod does not run yet, the oldest first."""
        jobs = self._ask(self._jobs.list_namespaced_job, self._namespace, label_selector=LABEL)
        open_ = [job for job in jobs.items if not (job.status.ready or job.status.conditions)]
        open_.sort(key=lambda job: (job.metadata.creation_timestamp, job.metadata.name))
        return [job.metadata.name.removeprefix(PREFIX) for job in open_]

    @override
    def submit(self, ticket: Ticket) -> None:
        job = manifest(self._template, ticket)
        self._ask(self._jobs.create_namespaced_job, self._namespace, job, but=409)

    @override
    def withdraw(self, name: str) -> None:
        self._ask(
            self._jobs.delete_namespaced_job,
            f"{PREFIX}{name}",
            self._namespace,
            propagation_policy="Background",
            but=404,
        )

    def _ask(self, call: Any, *arguments: Any, but: int = 0, **options: Any) -> Any:
        """The cluster's answer; None where it answers with the status `but`. Raises: EngineAway."""
        try:
            return call(*arguments, _request_timeout=TIMEOUT_S, **options)
        except ApiException as error:
            if error.status == but:
                return None
            raise EngineAway(f"Kubernetes answered: {error.status} {error.reason}") from error
        except urllib3.exceptions.HTTPError as error:
            raise EngineAway(f"Kubernetes does not answer: {error}") from error


def read_template(environment: Environment) -> dict[str, Any]:
    """The user's Job, or ours. Raises: InvalidInput, when it can't be read or has no container."""
    path = environment.fleet_template
    if path is None:
        return TEMPLATE
    try:
        template = yaml.safe_load(path.read_text())
        template["spec"]["template"]["spec"]["containers"][0]["image"]
    except (OSError, yaml.YAMLError, KeyError, IndexError, TypeError) as error:
        message = f"'{path}' is not a Job with a container and its image ({type(error).__name__}: {error})"
        raise InvalidInput.field("RHOSCOPE_FLEET_TEMPLATE", message, str(path)) from error
    job: dict[str, Any] = template
    return job


def manifest(template: Mapping[str, Any], ticket: Ticket) -> dict[str, Any]:
    """The Job of one attempt."""
    job: dict[str, Any] = _filled(copy.deepcopy(dict(template)), str(ticket.processes))
    job |= {"apiVersion": "batch/v1", "kind": "Job"}
    key, _, value = LABEL.partition("=")
    labels = {key: value, "rhoscope/run": ticket.run, "rhoscope/attempt": str(ticket.attempt)}
    job["metadata"] = _over(job.get("metadata"), {"name": f"{PREFIX}{ticket.name}"}, labels)
    job["spec"] |= {"backoffLimit": 0, "podReplacementPolicy": "Failed", "ttlSecondsAfterFinished": KEEP_S}
    pod = job["spec"]["template"]
    pod["metadata"] = _over(pod.get("metadata"), {}, labels)
    pod["spec"] |= {"restartPolicy": "Never"}
    pod["spec"].setdefault("terminationGracePeriodSeconds", 60)
    pod["spec"]["containers"][0]["command"] = ["python", "-m", "trainer.job", ticket.run, str(ticket.attempt)]
    return job


def _over(given: Mapping[str, Any] | None, fields: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    before = dict(given or {})
    return {**before, **fields, "labels": {**before.get("labels", {}), **labels}}


def _filled(value: Any, processes: str) -> Any:
    if isinstance(value, str):
        return value.replace("{processes}", processes)
    if isinstance(value, dict):
        return {name: _filled(inner, processes) for name, inner in value.items()}
    return [_filled(inner, processes) for inner in value] if isinstance(value, list) else value
