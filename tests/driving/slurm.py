"""A real Slurm of one node: Debian's slurmctld and slurmd, with a configuration of their own."""

import getpass
import os
import socket
import subprocess
from pathlib import Path

from instrument import free_port, wait_for

from rhoscope.local.process import end, spawn

CONFIGURATION = """
ClusterName=rhoscope
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,defer_batch
ReturnToService=2
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/spool
SlurmctldPidFile={home}/slurmctld.pid
SlurmdPidFile={home}/slurmd.pid
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName={host} NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


class Slurm:
    """One node with one core: a second job waits for the first."""

    def __init__(self, home: Path) -> None:
        for name in ("state", "spool"):
            (home / name).mkdir(parents=True)
        facts = {"host": socket.gethostname().split(".")[0], "user": getpass.getuser(), "home": home}
        self.configuration = home / "slurm.conf"
        self.configuration.write_text(CONFIGURATION.format(**facts, ports=[free_port(), free_port()]))
        self.environment = {"SLURM_CONF": str(self.configuration)}
        self._processes = [
            spawn([name, "-D"], env=os.environ | self.environment, log=home / f"{name}.log")
            for name in ("slurmctld", "slurmd")
        ]
        wait_for(lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%t"), 30, "Slurm's node")

    def ask(self, *command: str) -> str:
        """What one of Slurm's tools prints."""
        done = subprocess.run(
            command, env=os.environ | self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout

    def close(self) -> None:
        self.ask("scancel", "--me")
        for process in reversed(self._processes):
            end(process)
