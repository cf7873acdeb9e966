"""The most memory that a process held at once, as the kernel counts it."""

from pathlib import Path


def reset_peak(pid: int) -> None:
    """Count anew from what the process holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_mib(pid: int) -> float:
    """Resident memory at most since then. Raises: RuntimeError, where the kernel does not say."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"There is no VmHWM in the status of process {pid}.")
