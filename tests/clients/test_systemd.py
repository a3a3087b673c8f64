"""What systemctl says is read exactly, and Heal's own unit is known by its process."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import httpx
import pytest

from bot.clients.commands import Finished
from bot.clients.hosts import HostSettings
from bot.clients.rig import Rig
from bot.clients.systemd import OnUnit, Systemd, Unit
from bot.clock import Clock
from bot.core.errors import PermanentError

SHOP = OnUnit(unit="shop")
SHOWN = "Id=shop.service\nNames=shop.service web.service\nLoadState=loaded\nActiveState=active\n"


@dataclass
class Systemctl:
    """Answers every command with the same words."""

    out: str
    code: int = 0
    err: str = ""
    called: list[tuple[str, ...]] = field(default_factory=list)

    async def __call__(self, *argv: str, within: float) -> Finished:
        self.called.append(argv)
        return Finished(self.code, self.out, self.err, 0.0)


def systemd(answers: Systemctl, **settings: str) -> Systemd:
    rig = Rig(httpx.AsyncClient(), Clock(), answers)
    return Systemd(HostSettings.model_validate({"name": "web-1", **settings}), rig)


async def test_a_unit_is_read_from_key_and_value() -> None:
    shown = f"{SHOWN}SubState=running\nMainPID=4711\nNRestarts=3\n"

    unit = await systemd(Systemctl(shown)).show(SHOP)

    assert unit == Unit(frozenset({"shop.service", "web.service"}), "active", "running", 4711, 3)


async def test_the_command_may_be_several_words() -> None:
    systemctl = Systemctl(SHOWN)

    await systemd(systemctl, systemctl="sudo -n systemctl").restart(SHOP, 5)

    assert systemctl.called == [("sudo", "-n", "systemctl", "restart", "--", "shop.service")]


async def test_an_alias_of_a_protected_unit_is_protected_too() -> None:
    unit = Unit(frozenset({"shop.service", "sshd.service"}), "active", "running", 1, 0)

    with pytest.raises(PermanentError, match="sshd on web-1 is never touched"):
        systemd(Systemctl("")).guard(SHOP, unit)


@pytest.mark.parametrize("pid", [os.getpid(), os.getppid()], ids=["itself", "its parent"])
async def test_the_unit_that_runs_heal_is_never_touched_whatever_its_name(pid: int) -> None:
    unit = Unit(frozenset({"shop.service"}), "active", "running", pid, 0)

    with pytest.raises(PermanentError, match="never acts on itself"):
        systemd(Systemctl("")).guard(SHOP, unit)


@pytest.mark.parametrize(
    ("systemctl", "reason"),
    [
        (
            Systemctl("", 1, "System has not been booted\nmore"),
            "of shop: System has not been booted$",
        ),
        (Systemctl("", 0, ""), "it said nothing"),
        (Systemctl(SHOWN.replace("=loaded", "=masked")), "is masked: mend it first"),
        (Systemctl(SHOWN.replace("=loaded", "=not-found")), "there is no unit shop on web-1"),
    ],
)
async def test_a_unit_that_cannot_be_read_says_why(systemctl: Systemctl, reason: str) -> None:
    with pytest.raises(PermanentError, match=reason):
        await systemd(systemctl).show(SHOP)
