"""Other people on this machine: what listens on 127.0.0.1 is open to them too."""

import os
import pwd
import re
from collections.abc import Iterable
from pathlib import Path

import psutil

PEOPLE = range(1000, 60_000)
"""User ids that distributions give to people."""
_OWN_FILES = frozenset({"files", "compat", "systemd", "mymachines", "db", "altfiles", "extrausers"})
"""Sources of accounts that lie on the machine itself."""
_NO_SHELLS = ("nologin", "false", "sync")
_CONTAINERS = ("/.dockerenv", "/run/.containerenv")


def others() -> str:
    """A sign that other people use this machine, in a few words; empty when nothing does."""
    own = os.getuid()
    if process := _running(own):
        return process
    if any(Path(mark).exists() for mark in _CONTAINERS):
        return ""  # nobody logs in to a container
    return _directory(Path("/etc/nsswitch.conf")) or _account(pwd.getpwall(), own)


def _running(own: int) -> str:
    for process in psutil.process_iter(["uids", "username"]):
        uids = process.info["uids"]
        if uids and uids.real in PEOPLE and uids.real != own:
            return f"{process.info['username']} runs programs on this machine"
    return ""


def _directory(path: Path) -> str:
    """A directory of accounts, such as a cluster's: it names no end of people."""
    try:
        line = re.search(r"^passwd:(.*)$", path.read_text(), re.MULTILINE)
    except OSError:
        return ""
    sources = re.sub(r"\[.*?\]", "", line[1]).split() if line else []
    foreign = [source for source in sources if source not in _OWN_FILES]
    return f"accounts of this machine come from a directory ({', '.join(foreign)})" if foreign else ""


def _account(accounts: Iterable[pwd.struct_passwd], own: int) -> str:
    for account in accounts:
        person = account.pw_uid in PEOPLE and account.pw_uid != own
        shell = bool(account.pw_shell) and not account.pw_shell.endswith(_NO_SHELLS)
        if person and shell and Path(account.pw_dir).is_dir():
            return f"{account.pw_name} has an account on this machine"
    return ""
