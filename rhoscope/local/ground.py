"""Checks of the ground that programs stand on: the data directory, ports, devices."""

import os
import shutil
import socket
import subprocess

import psutil

from rhoscope.environment import Environment
from rhoscope.errors import Conflict, InvalidInput

MINIMUM_FREE_BYTES = 200 * 2**20


def check_ground(environment: Environment, ports: dict[str, int]) -> None:
    """Raises: InvalidInput or Conflict, when the data directory or a port can't be used."""
    free = check_data_dir(environment)
    if not os.access(environment.data_dir, os.W_OK):
        raise InvalidInput(
            f"The data directory {environment.data_dir} is not writable; choose another with --data-dir."
        )
    if free < MINIMUM_FREE_BYTES:
        raise Conflict(
            f"The disk of {environment.data_dir} is full: {free // 2**20} MB are free, "
            f"{MINIMUM_FREE_BYTES // 2**20} MB are needed. Free some space, or choose another directory "
            "with --data-dir."
        )
    for what, port in ports.items():
        check_port(environment.host, port, what)


def check_data_dir(environment: Environment) -> int:
    """Make the data directory, which is nobody else's to read; its free bytes. Raises: InvalidInput."""
    here = environment.data_dir
    try:
        here.mkdir(parents=True, exist_ok=True, mode=0o700)
        if here.stat().st_uid == os.getuid():
            here.chmod(0o700)
        return shutil.disk_usage(here).free
    except OSError as error:
        reason = f"The data directory {here} can't be used ({error.strerror})."
        raise InvalidInput(f"{reason} Choose another with --data-dir.") from error


def check_port(host: str, port: int, what: str) -> None:
    """Raises: Conflict, naming the program that has the port where that can be seen."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise InvalidInput(
                f"Port {port} for the {what} requires privileges; choose a port above 1023."
            ) from error
        except OSError as error:
            option = "--port" if what == "dashboard" else "--api-port"
            reason = f"Port {port} for the {what} is taken{_holder(port)}."
            raise Conflict(f"{reason} Stop that program, or choose another port with {option}.") from error


def gpus() -> list[str]:
    """Numbers of this machine's NVIDIA devices; none when its tool is not there."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    listed = subprocess.run([tool, "-L"], capture_output=True, text=True, check=False)
    lines = [line for line in listed.stdout.splitlines() if line.startswith("GPU ")]
    return [str(number) for number in range(len(lines))]


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("inet"):
            local = connection.laddr
            if connection.status == psutil.CONN_LISTEN and local and local.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return ""
    return ""
