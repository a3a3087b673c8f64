"""A systemctl that starts real processes from unit files below a folder, without systemd."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.clients import commands
from bot.clients.hosts import HostSettings
from bot.clients.rig import Rig

UNIT = "[Unit]\nDescription={name}\n[Service]\nType=simple\nExecStart={starts}\n"


@dataclass(frozen=True)
class Units:
    """`systemctl` also writes down every list of arguments it is called with, in `log`."""

    root: Path

    @property
    def systemctl(self) -> Path:
        return self.root / "systemctl"

    @property
    def log(self) -> Path:
        return self.root / "called"

    @property
    def calls(self) -> list[list[str]]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [shlex.split(line) for line in lines]

    @property
    def settings(self) -> HostSettings:
        return HostSettings(systemctl=shlex.quote(str(self.systemctl)), name="web-1")

    def write(self, name: str, starts: str = "/bin/sleep 300") -> None:
        (self.root / f"etc/systemd/system/{name}.service").write_text(
            UNIT.format(name=name, starts=starts)
        )

    async def call(self, rig: Rig, *argv: str) -> commands.Finished:
        return await rig.run(str(self.systemctl), *argv, within=20)

    def stop_all(self) -> None:
        """End every process that a unit of this folder started."""
        for status in self.root.glob("run/*.status"):
            for line in status.read_text().splitlines():
                name, _, value = line.partition("=")
                if name == "MainPID" and value.isdecimal():
                    with suppress(ProcessLookupError):
                        os.kill(int(value), signal.SIGKILL)


def units(root: Path) -> Units:
    (root / "etc/systemd/system").mkdir(parents=True)
    (root / "run").mkdir()
    made = Units(root)
    made.systemctl.write_text(
        "#!/bin/sh\n"
        f'{{ for each in "$@"; do printf "\'%s\' " "$each"; done; echo; }} >> {made.log}\n'
        f"exec {sys.executable} -m systemctl2.systemctl3 --root={root} "
        '-c MinimumYield=0.02 "$@"\n'
    )
    made.systemctl.chmod(0o755)
    return made
