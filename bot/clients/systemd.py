"""
Units of systemd, as the actions and probes of a host share them.

Only service units are ever named: `systemctl restart reboot` is a unit called reboot.service,
which nobody has, and never reboot.target.
"""

from __future__ import annotations

import fnmatch
import os
import platform
import shlex
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.clients.folders import Folders
from bot.clients.rig import Rig
from bot.core import spelling
from bot.core.errors import PermanentError
from bot.core.values import Frozen
from bot.plugins import Words

LOCAL = "local"
READING = 10.0
ALWAYS_PROTECTED = (
    *("heal", "heal@*", "heal-*"),  # Heal never acts on itself
    *("ssh", "ssh@*", "sshd", "sshd@*", "systemd-*", "dbus", "dbus-*"),  # nor on the way back in
)
_WATCHED = ("Id", "Names", "LoadState", "ActiveState", "SubState", "MainPID", "NRestarts")

UnitName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:_.@-]{0,127}$", max_length=128)
]


class HostSettings(Frozen):
    """The settings HEAL_HOST_*."""

    systemctl: str = Field(
        default="systemctl",
        min_length=1,
        description="the command that speaks to systemd, such as systemctl or sudo -n systemctl",
    )
    name: str = Field(
        default_factory=platform.node,
        min_length=1,
        max_length=200,
        description="what people call this machine; its own name unless set",
    )
    protected: Words = Field(
        default=(),
        description="units that are never touched, separated by commas; * stands for anything",
    )
    cleanable: Folders = Field(
        default=("/tmp", "/var/tmp"),  # noqa: S108 - they are meant, and opened without links
        description="folders of temporary files and caches, with commas: all that is old in them "
        "may be removed for good",
    )
    logs: Folders = Field(
        default=("/var/log",), description="folders whose old logs may be compressed, with commas"
    )
    journalctl: str = Field(
        default="journalctl",
        min_length=1,
        description="the command that trims the journal, such as sudo -n journalctl",
    )
    package_cleaner: str = Field(
        default="apt-get clean",
        min_length=1,
        description="the command that empties the package cache, such as sudo -n dnf clean all",
    )


class OnUnit(Frozen):
    """Which unit, and on which machine."""

    unit: UnitName = Field(description="the service unit, with or without .service: shop")
    host: str = Field(
        default=LOCAL,
        max_length=253,
        description="the machine it runs on: local is the one that Heal runs on",
    )

    @property
    def service(self) -> str:
        """The unit's whole name: nothing but a service can be meant."""
        return f"{self.short}.service"

    @property
    def short(self) -> str:
        return self.unit.removesuffix(".service")


@dataclass(frozen=True, slots=True)
class Unit:
    """How a unit stands now; `pid` is 0 when nothing runs."""

    names: frozenset[str]
    state: str
    sub_state: str
    pid: int
    restarts: int

    @property
    def running(self) -> bool:
        return self.state == "active"


class Systemd:
    """The units of this machine."""

    def __init__(self, settings: HostSettings, rig: Rig) -> None:
        self._rig = rig
        self._protected = (*ALWAYS_PROTECTED, *settings.protected)
        self._argv = tuple(shlex.split(settings.systemctl))
        self.host = settings.name

    async def show(self, which: OnUnit) -> Unit:
        """Read one unit; PermanentError when there is none of that name."""
        reach(which.host)
        wanted = [word for name in _WATCHED for word in ("-p", name)]
        ended = await self._rig.run(
            *self._argv, "show", *wanted, "--", which.service, within=READING
        )
        facts = dict(line.split("=", 1) for line in ended.out.splitlines() if "=" in line)
        loaded = facts.get("LoadState", "")
        if loaded == "not-found":
            raise PermanentError(f"there is no unit {which.short} on {self.host}")
        if ended.code or "ActiveState" not in facts:
            raise PermanentError(f"systemctl shows nothing of {which.short}: {_why(ended.err)}")
        if loaded != "loaded":
            raise PermanentError(
                f"the unit {which.short} on {self.host} is {loaded}: mend it first"
            )
        return Unit(
            names=frozenset({facts.get("Id", ""), *facts.get("Names", "").split()} - {""}),
            state=facts["ActiveState"],
            sub_state=facts.get("SubState", ""),
            pid=_number(facts.get("MainPID", "")),
            restarts=_number(facts.get("NRestarts", "")),
        )

    def guard(self, which: OnUnit, unit: Unit) -> None:
        """Refuse a unit that is never touched, by whichever of its names it was called."""
        if unit.pid in {os.getpid(), os.getppid()}:
            raise PermanentError(f"{which.short} is what runs Heal, which never acts on itself")
        for name in sorted({which.service, *unit.names}):
            short = name.removesuffix(".service")
            for pattern in self._protected:
                if fnmatch.fnmatchcase(short, pattern.removesuffix(".service")):
                    raise PermanentError(
                        f"{short} on {self.host} is never touched: it is protected by {pattern!r}"
                    )

    async def restart(self, which: OnUnit, within: float) -> None:
        """Restart and wait for systemd's answer, `within` seconds."""
        reach(which.host)
        ended = await self._rig.run(*self._argv, "restart", "--", which.service, within=within)
        if ended.code:
            raise PermanentError(
                f"systemctl restart {which.short} ended with {ended.code}: {_why(ended.err)}"
            )


def reach(host: str) -> None:
    """Refuse any other machine: what is meant for it must not be done to this one."""
    if host != LOCAL:
        raise PermanentError(
            f"{spelling.quoted(host)} cannot be reached: only the machine that Heal "
            f"runs on can be, so write host: {LOCAL} or leave it out"
        )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _why(said: str) -> str:
    """The first line of an error, short enough for a card."""
    lines = said.strip().splitlines()
    return lines[0][:200] if lines else "it said nothing"
