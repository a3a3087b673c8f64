"""Processes: how one is known to another on the same machine, so that its death can be told."""

from __future__ import annotations

import os
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
STATE, STARTED = 0, 19
"""Places of what /proc/<pid>/stat says behind the name of the program."""
ENDED = "ZX"


def own() -> str:
    """Name this process as no other ever is: by boot, by pid namespace, pid and time of start."""
    pid = os.getpid()
    return f"{_here()}/{pid}/{_stat(pid)[STARTED]}"


def dead(name: str) -> bool:
    """Whether a process is known to have ended; of one elsewhere nothing is known."""
    place, _, rest = name.rpartition("/")
    place, _, pid = place.rpartition("/")
    if not pid.isdecimal() or place != _here():
        return False
    try:
        stat = _stat(int(pid))
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat[STARTED] != rest or stat[STATE] in ENDED


def _here() -> str:
    boot = BOOT.read_text(encoding="ascii").strip()
    return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"


def _stat(pid: int) -> list[str]:
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()
