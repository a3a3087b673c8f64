"""A unit is read as it stands: running with its pid, or not running at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.clients.systemd import OnUnit
from bot.core.errors import PermanentError
from bot.probes.host.process import PLUGIN
from tests.clients import rigs
from tests.clients.units import units


async def test_a_unit_is_read_while_it_runs_and_after(tmp_path: Path) -> None:
    host = units(tmp_path)
    host.write("shop")
    async with rigs.rig() as rig:
        probe = PLUGIN(host.settings, rig)
        await host.call(rig, "start", "shop.service")
        up = await probe.read(OnUnit(unit="shop"))
        host.stop_all()
        down = await probe.read(OnUnit(unit="shop"))
        while down["running"]:  # a killed process is gone a moment later
            await rig.clock.sleep(0.02)
            down = await probe.read(OnUnit(unit="shop"))

    assert (
        up["state"],
        up["sub_state"],
        up["running"],
        up["restarts"],
    ) == ("active", "running", True, 0)
    assert isinstance(up["pid"], int)
    assert up["pid"] > 0
    assert down["running"] is False


async def test_a_unit_nobody_knows_is_an_error_and_not_a_state(tmp_path: Path) -> None:
    async with rigs.rig() as rig:
        with pytest.raises(PermanentError, match="there is no unit nosuch"):
            await PLUGIN(units(tmp_path).settings, rig).read(OnUnit(unit="nosuch"))
