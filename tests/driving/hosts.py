"""Several hosts on one machine: network namespaces on a bridge, whose links can be cut."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import spaces

NEW_NETWORK = spaces.KINDS["net"]


class Hosts:
    """`names` hosts with an address each; this machine is theirs too, at `here`.

    Until they are removed, this thread and what it starts are in a network of their own: a browser that
    another test drives meanwhile would take each new interface for a change of its network and drop requests.
    """

    def __init__(self, *names: str) -> None:
        self._outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        spaces.call("unshare", NEW_NETWORK)
        _ip("link", "set", "lo", "up")
        self._mark = uuid.uuid4().hex[:4]
        self._bridge = f"rho{self._mark}"
        self._subnet = f"10.213.{int(self._mark[:2], 16)}"
        self.here = f"{self._subnet}.1"
        self.names = names
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self.here}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")
        for number, name in enumerate(names):
            self._add(name, f"{self._subnet}.{number + 2}")

    def _add(self, name: str, address: str) -> None:
        space, outer = self._space(name), self._link(name)
        _ip("netns", "add", space)
        _ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space)
        _ip("link", "set", outer, "master", self._bridge, "up")
        _ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", space, "link", "set", "eth0", "up")
        _ip("-n", space, "link", "set", "lo", "up")

    def on(self, name: str) -> list[str]:
        """A command that runs the one after it on that host, which sees its own processes alone.

        Once the command is killed, so is all that runs there.
        """
        rename = f'hostname {name} && exec "$@"'
        apart = ["unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        return ["ip", "netns", "exec", self._space(name), *apart, "sh", "-c", rename, "sh"]

    @contextmanager
    def cut(self, name: str) -> Iterator[None]:
        """The host's link is down."""
        _ip("link", "set", self._link(name), "down")
        try:
            yield
        finally:
            _ip("link", "set", self._link(name), "up")

    def remove(self) -> None:
        for name in self.names:
            _ip("netns", "del", self._space(name))
        spaces.call("setns", self._outside, NEW_NETWORK)
        os.close(self._outside)

    def _space(self, name: str) -> str:
        return f"rho-{self._mark}-{name}"

    def _link(self, name: str) -> str:
        return f"r{self._mark}{name}"[:15]


def why_not() -> str:
    """Why this machine can't be several, or nothing."""
    if os.geteuid() != 0:
        return "making network namespaces and bridges takes root"
    if shutil.which("ip") is None:
        return "`ip` is missing (Debian: apt-get install iproute2)"
    return ""


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
