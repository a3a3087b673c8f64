"""Quiet times: how long an alert must last, and who works on its service themselves."""

from __future__ import annotations

from datetime import timedelta

from bot.core import durations
from bot.core.alert import Alert
from bot.core.facts import Quiet
from bot.core.policy.sections import fits
from bot.core.policy.wording import moment
from bot.engine.world import World


def at_first(world: World, alert: Alert, *, again: bool) -> Quiet | None:
    """Until when an incident of this alert is quiet; what fired before need not last `again`."""
    now = world.clock.now()
    if quiet := maintained(world, alert.service, alert.environment):
        return quiet
    lasts = timedelta() if again else must_last(world, alert)
    if not lasts:
        return None
    why = f"an alert like this must last {durations.in_words(lasts)} first"
    return Quiet(until=now + lasts, why=why)


def must_last(world: World, alert: Alert) -> timedelta:
    """How long it must fire before anything is done: by its runbook or policy, the longer one."""
    library = world.library()
    said = [
        one.lasts
        for one in library.rulebook.settle
        if one.covers(alert.service, alert.environment) and fits(alert.name, one.alerts)
    ]
    service = library.service(alert.service, alert.environment)
    runbook = library.runbook(library.shelf.consider(alert, service).chosen or "")
    return max([*said, runbook.match.lasts if runbook else timedelta()])


def maintained(world: World, service: str, environment: str, number: int = 0) -> Quiet | None:
    """The maintenance window that the service is in, if it is in one; of several the last."""
    now = world.clock.now()
    on = [
        (span.ends, row.window.name)
        for row in world.timetable(now).of(service, environment).maintenance
        if (span := row.at(now))
    ]
    if not on:
        return None
    ends, name = max(on)
    why = f"people work on {service} themselves ({name}, until {moment(ends)})"
    return Quiet(number=number, until=ends, why=why, maintenance=True)


def hears(world: World, quiet: Quiet | None, alert: Alert) -> bool:
    """Whether an alert may join what is quiet: not one that need not wait as long."""
    if quiet is None or quiet.maintenance:
        return True
    return world.clock.now() + must_last(world, alert) >= quiet.until
