"""`host.restart_service`: restart one service unit of systemd and wait until it is active."""

from __future__ import annotations

from bot.clients.hosts import HostSettings
from bot.clients.rig import Rig
from bot.clients.systemd import OnUnit, Systemd, Unit
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import PermanentError, TemporaryError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

LOOK_AGAIN = 0.5
LONGEST = 900.0
"""Seconds; the step's own timeout ends it sooner."""


class RestartService:
    """Restarts a unit; systemd itself restores the process, so there is nothing to put back."""

    config = HostSettings
    params = OnUnit

    def __init__(self, config: HostSettings, rig: Rig) -> None:
        self._systemd = Systemd(config, rig)
        self._clock = rig.clock

    def way_back(self, params: OnUnit) -> Reversibility:
        return Reversibility.SELF_RESTORING

    async def scope(self, params: OnUnit) -> Scope:
        unit = await self._systemd.show(params)
        self._systemd.guard(params, unit)
        host = self._systemd.host(params).name
        up = unit.state not in {"inactive", "failed"}
        return Scope(
            blast_radius=BlastRadius(
                targets=(
                    Target(
                        key=f"host:{host}/unit:{params.short}",
                        name=f"unit {params.short} on {host}",
                    ),
                ),
                touched=1,
                down_at_once=int(up),
                total=1,
                notes=() if up else ("it is down already",),
            ),
            pre_state={"active_state": unit.state},
            says=f"systemctl restart {params.short} on {host}",
        )

    async def execute(self, params: OnUnit, before: Facts, mark: str = "") -> str:
        self._systemd.guard(params, await self._systemd.show(params))
        await self._systemd.restart(params, LONGEST)
        while not (unit := await self._seen(params)).running:
            if unit.state == "failed":
                raise PermanentError(
                    f"{params.short} was restarted but is {unit.state} ({unit.sub_state})"
                )
            await self._clock.sleep(LOOK_AGAIN)
        host = self._systemd.host(params).name
        return f"restarted {params.short} on {host}: {unit.state}, pid {unit.pid}"

    async def undo(self, params: OnUnit, before: Facts, mark: str = "") -> str:
        return "a restart has nothing to put back"

    async def landed(self, params: OnUnit, before: Facts, mark: str = "") -> bool | None:
        """
        Down before: running now proves it, down now disproves it. Else nothing can be told.

        What is on its way up or down is being restarted still, so its end is waited for.
        """
        if before.get("active_state") == "active":
            return None
        while (unit := await self._systemd.show(params)).moving:
            await self._clock.sleep(LOOK_AGAIN)
        return unit.running

    async def _seen(self, params: OnUnit) -> Unit:
        """Look until it can be seen: a look that failed is no reason to restart it again."""
        while True:
            try:
                return await self._systemd.show(params)
            except TemporaryError:
                await self._clock.sleep(LOOK_AGAIN)


PLUGIN = RestartService
