"""
Units of systemd, as the actions and probes of a host share them.

Only service units are ever named: `systemctl restart reboot` is a unit called reboot.service,
which nobody has, and never reboot.target.
"""

from __future__ import annotations

import fnmatch
import os
import shlex
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.clients.hosts import Host, Hosts, HostSettings, OnHost
from bot.clients.rig import Rig
from bot.core.errors import PermanentError

READING = 10.0
ALWAYS_PROTECTED = (
    *("heal", "heal@*", "heal-*"),  # Heal never acts on itself
    *("ssh", "ssh@*", "sshd", "sshd@*", "systemd-*", "dbus", "dbus-*"),  # nor on the way back in
)
_WATCHED = ("Id", "Names", "LoadState", "ActiveState", "SubState", "MainPID", "NRestarts")

UnitName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:_.@-]{0,127}$", max_length=128)
]


class OnUnit(OnHost):
    """Which unit, and on which machine."""

    unit: UnitName = Field(description="the service unit, with or without .service: shop")

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

    @property
    def moving(self) -> bool:
        """Whether a job is under way; what only waits for systemd's own next try is down."""
        under_way = self.state in {"activating", "deactivating", "reloading"}
        return under_way and self.sub_state != "auto-restart"


class Systemd:
    """The units of every machine there is."""

    def __init__(self, settings: HostSettings, rig: Rig) -> None:
        self._hosts = Hosts(settings, rig)
        self._protected = (*ALWAYS_PROTECTED, *settings.protected)

    def host(self, which: OnUnit) -> Host:
        """The machine that is meant; PermanentError when there is none of that name."""
        return self._hosts.at(which.host)

    async def show(self, which: OnUnit) -> Unit:
        """Read one unit; PermanentError when there is none of that name."""
        host = self.host(which)
        ended = await host.read(*showing(host, which), within=READING)
        facts = dict(line.split("=", 1) for line in ended.out.splitlines() if "=" in line)
        loaded = facts.get("LoadState", "")
        if loaded == "not-found":
            raise PermanentError(f"there is no unit {which.short} on {host.name}")
        if ended.code or "ActiveState" not in facts:
            raise PermanentError(f"systemctl shows nothing of {which.short}: {_why(ended.err)}")
        if loaded != "loaded":
            raise PermanentError(
                f"the unit {which.short} on {host.name} is {loaded}: mend it first"
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
        host = self.host(which)
        if host.local and unit.pid in {os.getpid(), os.getppid()}:
            raise PermanentError(f"{which.short} is what runs Heal, which never acts on itself")
        for name in sorted({which.service, *unit.names}):
            short = name.removesuffix(".service")
            for pattern in self._protected:
                if fnmatch.fnmatchcase(short, pattern.removesuffix(".service")):
                    raise PermanentError(
                        f"{short} on {host.name} is never touched: it is protected by {pattern!r}"
                    )

    async def restart(self, which: OnUnit, within: float) -> None:
        """Restart and wait for systemd's answer, `within` seconds."""
        host = self.host(which)
        ended = await host.run(*restarting(host, which), within=within)
        if ended.code:
            raise PermanentError(
                f"systemctl restart {which.short} ended with {ended.code}: {_why(ended.err)}"
            )


def showing(host: Host, which: OnUnit) -> list[str]:
    """The command that reads a unit."""
    wanted = [word for name in _WATCHED for word in ("-p", name)]
    return [*shlex.split(host.tools.systemctl), "show", *wanted, "--", which.service]


def restarting(host: Host, which: OnUnit) -> list[str]:
    """The command that restarts a unit."""
    return [*shlex.split(host.tools.systemctl), "restart", "--", which.service]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _why(said: str) -> str:
    """The first line of an error, short enough for a card."""
    lines = said.strip().splitlines()
    return lines[0][:200] if lines else "it said nothing"
