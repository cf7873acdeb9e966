"""Kubernetes as far as Jobs go: their API over HTTP, and a node that runs the container of each as a process.

The API answers the requests that rhoscope makes as the reference describes them, and takes only what fits
Kubernetes' own schemas. Images and volumes there are none: a container sees the files of this machine, and
its `python` is the one that runs the tests. It has its own host name, processes, home, and environment.
"""

import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import kubernetes_validate
import psutil
import yaml
from faults import namespace

LOOK_S = 0.05
PATH = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
Job = dict[str, Any]


class _Api(BaseHTTPRequestHandler):
    """POST, GET, and DELETE of Jobs in one namespace."""

    cluster: "Cluster"

    def _answer(self, status: int, body: Job) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self) -> None:
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kubernetes_validate.validate(job, kubernetes_validate.latest_version(), strict=True)
        name, jobs = job["metadata"]["name"], self.cluster.jobs
        if name in jobs:
            self._answer(409, {"kind": "Status", "reason": "AlreadyExists"})
            return
        made = time.gmtime(next(self.cluster.seconds))  # none as old as another
        job["metadata"]["creationTimestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", made)
        jobs[name] = job | {"status": {}}
        self._answer(201, jobs[name])

    def do_GET(self) -> None:
        if self.cluster.down:
            self._answer(503, {"kind": "Status", "reason": "ServiceUnavailable"})
            return
        assert "labelSelector=app.kubernetes.io/name%3Drhoscope" in self.path
        jobs = [*self.cluster.jobs.values()]
        self._answer(200, {"kind": "JobList", "apiVersion": "batch/v1", "items": jobs})

    def do_DELETE(self) -> None:
        gone = self.cluster.jobs.pop(self.path.partition("?")[0].rpartition("/")[2], None)
        self._answer(200 if gone else 404, {"kind": "Status"})

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


class Pod:
    """The only Pod of a Job: its first container as a process."""

    def __init__(self, job: Job, folder: Path, secrets: Mapping[str, Mapping[str, str]]) -> None:
        spec = job["spec"]["template"]["spec"]
        container = spec["containers"][0]
        self.grace_s: float = spec["terminationGracePeriodSeconds"]
        self.log = folder / "container.log"
        self._asked_at = 0.0
        environment = {"PATH": PATH, "HOME": str(folder), "OMP_NUM_THREADS": "1"}
        for source in container.get("envFrom", []):
            environment |= secrets[source["secretRef"]["name"]]
        environment |= {one["name"]: one["value"] for one in container.get("env", [])}
        folder.mkdir(parents=True)
        begin = 'hostname "$0" && exec "$@"'
        apart = namespace("--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*apart, "sh", "-c", begin, job["metadata"]["name"], *container["command"]],
                cwd=container.get("workingDir", folder),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def code(self) -> int | None:
        """The exit code of its container, once it has ended."""
        return self._process.poll()

    def terminate(self) -> None:
        """SIGTERM for the first process, and SIGKILL for all once their time is up; may be repeated."""
        now = time.monotonic()
        if not self._asked_at:
            self._asked_at = now
            with suppress(psutil.NoSuchProcess):
                for first in psutil.Process(self._process.pid).children():
                    first.terminate()
        elif now - self._asked_at > self.grace_s:
            self.kill()

    def kill(self) -> None:
        """SIGKILL for all its processes, as when its node is out of memory or power."""
        self._process.kill()
        self._process.wait()


class Cluster:
    """One node with room for so many Pods; `secrets` of the namespace by name."""

    def __init__(self, folder: Path, places: int = 0, **secrets: Mapping[str, str]) -> None:
        self.jobs: dict[str, Job] = {}
        self.pods: dict[str, Pod] = {}
        self.seconds = itertools.count(int(time.time()))
        self.down = False
        self.secrets = secrets
        self._folder, self._places = folder, places
        api = type("Api", (_Api,), {"cluster": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), api)
        self._closing = threading.Event()
        loops = (self._server.serve_forever, self._run)
        self._threads = [threading.Thread(target=loop, daemon=True) for loop in loops]
        for thread in self._threads:
            thread.start()

    def kubeconfig(self) -> Path:
        """The file that KUBECONFIG is to name."""
        server = {"server": f"http://127.0.0.1:{self._server.server_port}"}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "here", "cluster": server}],
            "users": [{"name": "nobody", "user": {}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "nobody"}}],
            "current-context": "here",
        }
        path = self._folder / "kubeconfig"
        path.write_text(yaml.safe_dump(content))
        return path

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()
        for pod in self.pods.values():
            pod.kill()

    def _run(self) -> None:
        """What the controller of Jobs and the kubelet do."""
        while not self._closing.wait(LOOK_S):
            for name, pod in list(self.pods.items()):
                if name not in self.jobs:
                    pod.terminate()
                if pod.code is not None:
                    self._note_end(name, pod.code)
            for name, job in list(self.jobs.items()):
                if len(self.pods) < self._places and not job["status"]:
                    self.pods[name] = Pod(job, self._folder / "pods" / name, self.secrets)
                    job["status"] = {"active": 1, "ready": 1}

    def _note_end(self, name: str, code: int) -> None:
        del self.pods[name]
        if name in self.jobs:
            kind = "Failed" if code else "Complete"
            self.jobs[name]["status"] = {"conditions": [{"type": kind, "status": "True"}]}
