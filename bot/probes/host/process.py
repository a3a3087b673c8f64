"""`host.process`: how a service unit of systemd stands, and the process that it runs."""

from __future__ import annotations

from bot.clients.hosts import HostSettings
from bot.clients.rig import Rig
from bot.clients.systemd import OnUnit, Systemd
from bot.core.values import Facts


class Process:
    """Reads state, sub_state, running, pid (0 when nothing runs) and restarts."""

    config = HostSettings
    params = OnUnit

    def __init__(self, config: HostSettings, rig: Rig) -> None:
        self._systemd = Systemd(config, rig)

    async def read(self, params: OnUnit) -> Facts:
        unit = await self._systemd.show(params)
        return {
            "state": unit.state,
            "sub_state": unit.sub_state,
            "running": unit.running,
            "pid": unit.pid,
            "restarts": unit.restarts,
        }


PLUGIN = Process
