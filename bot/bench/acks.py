"""Acknowledgements of Slack's commands and clicks: ours, stock Bolt's and a bare door's.

Ours is kept on disk before it is answered; the others keep nothing. What was asked is worked on
meanwhile: a command is answered in private, a click under a card that is not ours is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.bench import children, house
from bot.bench.children import Child
from bot.bench.measure import Play, Sample, Trial

FLOOR = "F3 bare door"
BOLT = "stock Bolt"
KINDS = ("command", "click")
REST = 0.005
"""Seconds: nobody clicks faster, and how many can ask at once is another measure."""
MODULES = {FLOOR: "bot.bench.floors.signed", BOLT: "bot.bench.floors.bolt"}


async def ours(trial: Trial) -> Sample:
    async with house.opened(trial) as bot:
        return await _one_by_one(trial, bot)


def of(name: str) -> Play:
    """A floor by its name."""

    async def play(trial: Trial) -> Sample:
        told, core = {"secret": house.APP.signing_secret}, trial.cores.server
        async with children.started(MODULES[name], told, trial.directory, core) as floor:
            return await _one_by_one(trial, floor)

    return play


async def _one_by_one(trial: Trial, server: Child) -> Sample:
    """One sender, first commands, then clicks, with a rest in which what was asked is done."""
    values: dict[str, float] = {}
    for kind in KINDS:
        said = await loaded(trial, server, kind, 1, rest=REST)
        if said["refused"] or said["broken"] or not said["accepted"]:
            return Sample(fails=f"{kind}: {said['refused']} refused, {said['broken']} broken")
        values |= {f"{kind} {name}": float(value) for name, value in said.items()}
    return Sample(values)


async def in_storm(trial: Trial) -> Sample:
    """
    Ten people in a hurry, commands and clicks in turn, while 200 alerts a second come in.

    The alerts are as in the intake's measures, and everything behind both doors goes on.
    """
    count = trial.count(10_000, 40)
    async with house.opened(trial) as bot:
        alerts = {
            "port": bot.port, "kind": "alert", "clients": 20, "seconds": 600, "rest": 0.1,
            "token": house.TOKEN, "prefix": "a", "aside": True, "accepted": "",
        }  # fmt: skip
        core = trial.cores.client
        async with children.started("bot.bench.load", alerts, trial.directory, core):
            said = await loaded(trial, bot, "both", 10, rest=REST, most=count, seconds=600)
    if said["refused"] or said["broken"]:
        return Sample(fails=f"{said['refused']} refused, {said['broken']} broken")
    return Sample({name: float(value) for name, value in said.items()})


async def loaded(
    trial: Trial, server: Child, kind: str, clients: int, **more: Any
) -> Mapping[str, Any]:
    """What the load said of one kind of asking."""
    told = {
        "port": server.port, "kind": kind, "clients": clients, "seconds": trial.seconds,
        "secret": house.APP.signing_secret, "accepted": str(trial.directory / "accepted"), **more,
    }  # fmt: skip
    return await children.result("bot.bench.load", told, trial.directory, trial.cores.client)
