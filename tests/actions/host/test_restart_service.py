"""Restarting a unit: a real process gets a new pid, and what must not be touched is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.actions.host import restart_service
from bot.actions.host.restart_service import PLUGIN, RestartService
from bot.clients.commands import Finished
from bot.clients.hosts import HostSettings
from bot.clients.rig import Rig
from bot.clients.systemd import OnUnit
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility
from tests.clients import rigs
from tests.clients.units import Units, units

SHOP = OnUnit(unit="shop")


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigs.rig() as made:
        yield made


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Units]:
    """A machine with one unit, shop, which does not run yet."""
    made = units(tmp_path)
    made.write("shop")
    yield made
    made.stop_all()


@pytest.fixture
def action(host: Units, rig: Rig) -> RestartService:
    return PLUGIN(host.settings, rig)


async def test_a_unit_that_runs_gets_a_new_process(
    action: RestartService, host: Units, rig: Rig
) -> None:
    await host.call(rig, "start", "shop.service")
    scope = await action.scope(SHOP)
    old = await action._systemd.show(SHOP)

    said = await action.execute(SHOP, scope.pre_state)

    new = await action._systemd.show(SHOP)
    assert new.running
    assert 0 != old.pid != new.pid
    assert f"restarted shop on web-1: active, pid {new.pid}" == said


async def test_the_scope_says_what_would_be_done_and_what_is_away_meanwhile(
    action: RestartService, host: Units, rig: Rig
) -> None:
    await host.call(rig, "start", "shop.service")

    scope = await action.scope(OnUnit(unit="shop.service"))

    assert scope.says == "systemctl restart shop on web-1"
    assert (
        scope.blast_radius.targets[0].key,
        scope.pre_state,
        scope.undo_says,
    ) == ("host:web-1/unit:shop", {"active_state": "active"}, "")
    assert (
        scope.blast_radius.line
        == "unit shop on web-1: touches 1 of 1 process, all down at the worst moment"
    )


async def test_a_unit_that_is_down_cannot_be_taken_down(action: RestartService) -> None:
    scope = await action.scope(SHOP)

    assert (
        scope.blast_radius.line
    ) == "unit shop on web-1: touches 1 of 1 process, none down; it is down already"


async def test_a_unit_that_came_up_meanwhile_was_restarted(
    action: RestartService, host: Units, rig: Rig
) -> None:
    before = (await action.scope(SHOP)).pre_state
    await host.call(rig, "start", "shop.service")

    assert await action.landed(SHOP, before) is True


async def test_a_unit_that_ran_before_proves_nothing_by_running(
    action: RestartService, host: Units, rig: Rig
) -> None:
    await host.call(rig, "start", "shop.service")

    assert await action.landed(SHOP, {"active_state": "active"}) is None


async def test_a_unit_that_is_still_down_was_not_restarted(action: RestartService) -> None:
    assert await action.landed(SHOP, {"active_state": "failed"}) is False


async def test_a_unit_nobody_knows_is_refused(action: RestartService) -> None:
    with pytest.raises(PermanentError, match="there is no unit nosuch on web-1"):
        await action.scope(OnUnit(unit="nosuch"))


async def test_a_unit_that_does_not_come_up_is_a_permanent_error(
    action: RestartService, host: Units
) -> None:
    host.write("broken", "/bin/false")

    with pytest.raises(PermanentError, match="broken"):
        await action.execute(OnUnit(unit="broken"), {})


class Starting:
    """A systemctl whose unit is in one state after the other."""

    def __init__(self, *states: str) -> None:
        self.states = list(states)

    async def __call__(self, *argv: str, within: float) -> Finished:
        if "show" not in argv:
            return Finished(0, "", "", 0.0)
        state, _, sub = self.states.pop(0).partition("/")
        shown = f"LoadState=loaded\nActiveState={state}\nSubState={sub}\nMainPID=5\n"
        return Finished(0, shown, "", 0.0)


async def test_a_unit_that_takes_its_time_is_waited_for(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart_service, "LOOK_AGAIN", 0.0)
    slow = Starting("failed", "activating", "activating", "active")
    action = PLUGIN(HostSettings(name="web-1"), Rig(rig.http, rig.clock, slow))

    assert (await action.execute(SHOP, {})).endswith("active, pid 5")


@pytest.mark.parametrize(
    ("states", "landed"),
    [
        (("activating/start", "deactivating/stop-sigterm", "active"), True),
        (("activating/start-pre", "failed"), False),
        (("activating/auto-restart",), False),
    ],
)
async def test_a_restart_that_is_under_way_still_is_waited_for_and_not_begun_anew(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, states: tuple[str, ...], *, landed: bool
) -> None:
    monkeypatch.setattr(restart_service, "LOOK_AGAIN", 0.0)
    action = PLUGIN(HostSettings(), Rig(rig.http, rig.clock, Starting(*states)))

    assert await action.landed(SHOP, {"active_state": "failed"}) is landed


async def test_a_unit_that_fails_after_its_restart_is_a_permanent_error(rig: Rig) -> None:
    action = PLUGIN(HostSettings(), Rig(rig.http, rig.clock, Starting("active", "failed")))

    with pytest.raises(PermanentError, match="shop was restarted but is failed"):
        await action.execute(SHOP, {})


async def test_a_restart_has_nothing_to_put_back(action: RestartService, host: Units) -> None:
    assert await action.undo(SHOP, {}) == "a restart has nothing to put back"
    assert Reversibility.SELF_RESTORING is action.way_back(SHOP)
    assert host.calls == []


@pytest.mark.parametrize("unit", ["heal", "heal.service", "sshd", "systemd-logind", "dbus", "db-2"])
async def test_a_protected_unit_is_never_touched(host: Units, rig: Rig, unit: str) -> None:
    settings = HostSettings(**{**host.settings.model_dump(), "protected": ("db-*", "cache")})
    host.write(unit.removesuffix(".service"))
    action = PLUGIN(settings, rig)

    with pytest.raises(PermanentError, match="is never touched"):
        await action.scope(OnUnit(unit=unit))
    with pytest.raises(PermanentError, match="is never touched"):
        await action.execute(OnUnit(unit=unit), {})

    assert "restart" not in [call[0] for call in host.calls]


async def test_another_machine_cannot_be_reached(action: RestartService, host: Units) -> None:
    with pytest.raises(
        PermanentError, match="'web-2' cannot be reached: HEAL_HOST_REMOTE_FILE does not"
    ):
        await action.scope(OnUnit(unit="shop", host="web-2"))

    assert host.calls == []


async def test_nothing_but_a_service_can_be_named(action: RestartService, host: Units) -> None:
    with pytest.raises(PermanentError, match="there is no unit"):
        await action.execute(OnUnit(unit="reboot.target"), {})

    assert {"reboot.target.service"} == {call[-1] for call in host.calls}


@pytest.mark.parametrize(
    "unit",
    [
        "-H",
        "--root=/",
        "shop;id",
        "$(id)",
        "a b",
        "../x",
        "shop\n",
        "",
        "x" * 129,
        "é",
        "a/b",
        "a\\x2d",
    ],
)
def test_a_unit_is_a_plain_word(unit: str) -> None:
    with pytest.raises(ValidationError):
        OnUnit(unit=unit)
