"""`heal run`: the bot itself, until it is told to stop; the line of the Procfile."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from functools import partial
from typing import Any

from bot import settings as settings_
from bot.app import House, placing, sections
from bot.app.leaving import Asked, at_once
from bot.app.place import Place
from bot.app.replica import SUPERSEDED
from bot.catalog import oddities
from bot.cli import secrecy
from bot.clock import Clock
from bot.core.library import Library
from bot.plugins import Toolbox
from bot.settings import Settings
from bot.telemetry import logs, stalls
from bot.telemetry.logs import LogSettings

SLACK_AGAIN = 10.0
"""Seconds between two looks at whether Slack can be asked."""
BELIEVED = 900.0
"""Seconds for which a start believes who is in a group, so that it asks once about each."""
log = logging.getLogger(__name__)


def add(verbs: Any) -> None:
    verb = verbs.add_parser("run", help="run the bot", description=__doc__)
    verb.set_defaults(act=act)


def act(_: argparse.Namespace) -> int:
    settings = settings_.load()
    told = sections.read("log", LogSettings, settings_.section)
    logs.begin(settings.log_level, secrecy.kept(), told.format)
    with stalls.watched(Clock()) as runner:
        return runner.run(live(settings))


def reload_in_background(house: House) -> None:
    """SIGHUP: look at the disk now; a good library takes the place of the old one."""
    house.tasks.start(house.renewing.reload(), name="reload of the runbooks")


async def look_at_rights(library: Library, toolbox: Toolbox, clock: Clock) -> None:
    """Say at the start what a cluster would refuse tonight; Heal starts all the same."""
    if not toolbox.told("kubernetes"):
        return
    # Here, for they take time to import, and most starts know of no cluster.
    from bot.clients.kubernetes.settings import KubernetesSettings
    from bot.doctor import kubernetes, needed
    from bot.doctor.finding import State

    if needed.uses(library):
        clusters = toolbox.settings("kubernetes", KubernetesSettings)
        for one in await kubernetes.examined(library, toolbox, clusters, clock):
            if one.state is not State.OK:
                log.warning("%s: %s; %s", one.name, one.found, one.remedy)


async def look_at_people(house: House) -> None:
    """Say at the start which plans nobody could approve tonight; once Slack can be asked."""
    from bot.doctor import people
    from bot.doctor.circles import Asking

    while house.slack.room is None:
        await house.clock.sleep(SLACK_AGAIN)
    known, runbooks = house.catalog.current, house.settings.runbooks
    asking = Asking(
        known, runbooks, house.slack, house.world.pager, house.clock, _is_there, within=BELIEVED
    )
    await people.warn(asking)


async def _is_there(_: str) -> bool:
    """Whom policy names by id is asked about by the doctor only: that is a question each."""
    return True


async def live(settings: Settings) -> int:
    """
    Open the house, wait for SIGTERM or SIGINT, close it in order; the second ends it at once.

    Raises ConfigurationError when something is not as it must be, even if that shows only later.
    """
    asked, loop = Asked(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, lambda: None)  # read when its turn comes
    lost = partial(at_once, SUPERSEDED)
    async with placing.placed(settings, settings_.section, asked.wait, lost) as place:
        return 0 if place is None else await _live(settings, place, asked)


async def _live(settings: Settings, place: Place, asked: Asked) -> int:
    loop = asyncio.get_running_loop()
    house = await House.open(settings, place=place)
    for odd in oddities.of_policy(settings.runbooks, house.catalog.current, house.clock.now()):
        log.warning("policy: %s", odd)
    rights = look_at_rights(house.catalog.current, house.toolbox, house.clock)
    house.tasks.start(rights, name="rights in the clusters")
    house.tasks.start(look_at_people(house), name="people whom the policy names")
    loop.add_signal_handler(signal.SIGHUP, lambda: reload_in_background(house))
    house.slack.if_mistaken(asked.ask)
    mode = "Socket Mode" if settings.socket_mode else "HTTP mode"
    log.info("heal is here: %s, alerts on port %s", mode, house.server.port)
    log.info("it took %s", ", ".join(f"{took:.2f} s: {what}" for what, took in house.took.items()))
    await asked.wait()
    await house.leaving.go(house.close)
    if house.slack.mistake is not None:
        raise house.slack.mistake
    return 0
