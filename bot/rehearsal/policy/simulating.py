"""Simulating: what would become of an alert at one instant, and from when on that changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core import folding, rating
from bot.core.alert import Alert
from bot.core.approval import Request
from bot.core.facts import Chosen, Planned
from bot.core.incident import Incident
from bot.core.policy import edges
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.transcript import Entry
from bot.engine import choosing, judging, opening
from bot.engine.healing import WORKFLOW
from bot.engine.world import World
from bot.rehearsal.policy.sketching import Sketcher
from bot.rehearsal.policy.then import Stopped

NAME = "inc-simulated"
FARTHEST = 2000
"""Instants that are looked at for the next change."""


@dataclass(frozen=True)
class Change:
    """From this instant on the answer is another one, because these rules say something else."""

    at: datetime
    ruling: Ruling
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Simulated:
    """What would become of one alert; without a plan `why_none` says why."""

    alert: Alert
    at: datetime
    chosen: Chosen
    policy_digest: str
    planned: Planned | None = None
    why_none: str = ""
    joins: str = ""
    """The open incident that would take the alert, so that nothing new is planned."""
    relapse_of: str = ""
    quiet: str = ""
    """Why nobody would be told of it at first."""
    request: Request | None = None
    changes: Change | None = None
    not_read: tuple[str, ...] = ()

    @property
    def ruling(self) -> Ruling | None:
        return self.planned.ruling if self.planned else None


def simulate(world: World, clock: Stopped, alert: Alert, sketcher: Sketcher) -> Simulated:
    """Choose, sketch and judge as the engine would at the clock's instant; the clock stays."""
    alert = rating.rated(alert, world.library())
    incident, joins = _opened(world, alert)
    chosen = choosing.choice(world.library(), incident.opened)
    incident = incident.model_copy(update={"chosen": chosen})
    sketch = sketcher.sketch(incident)
    known = Simulated(
        alert=alert,
        at=clock.at,
        chosen=chosen,
        policy_digest=world.library().policy_digest,
        joins=joins,
        relapse_of=incident.opened.relapse_of,
        quiet=incident.quiet.why if incident.quiet else "",
        not_read=(*sketch.not_read, *_calendars(world, alert)),
        why_none=sketch.why_none,
    )
    if sketch.plan is None:
        return known
    planned = judging.judged(world, incident, sketch.plan, round_=1, moved=())
    asks = planned.ruling is Ruling.ASK
    return replace(
        known,
        planned=planned,
        request=judging.request(world, incident, planned) if asks else None,
        changes=_next(world, clock, incident, planned),
    )


def _calendars(world: World, alert: Alert) -> Iterator[str]:
    """Calendars that lie elsewhere are not fetched for a simulation: they count as unread."""
    rules = world.library().rulebook
    for window in (*rules.freezes, *rules.maintenance):
        if window.is_remote and window.covers(alert.service, alert.environment):
            yield f"{window.name}: its calendar at {window.calendar}, so its rule asks"


def _opened(world: World, alert: Alert) -> tuple[Incident, str]:
    """The incident that the alert would open, and the one that would take it instead, if any."""
    holding, last = world.cases.holding(alert), world.cases.latest(alert)
    joins = next((one.id for one in (holding, last) if one and not one.deaf), "")
    healed = world.cases.came_back_within(alert, world.clock.now())
    opened = opening.of(world, alert, WORKFLOW, healed.id if healed else "")
    incident = folding.opened(
        Entry(
            at=world.clock.now(), incident=NAME, actor=alert.source, kind=opened.kind,
            key=NAME, body=opened.body, seq=0, prev="", hash="",
        )
    )  # fmt: skip
    return incident, joins


def _next(world: World, clock: Stopped, incident: Incident, planned: Planned) -> Change | None:
    """Judge again at every later instant at which a rule may change its mind, until one does."""
    plan, began = planned.plan, clock.at
    if plan is None:
        return None
    try:
        case = judging.case(world, incident, plan, "")
        calendars = {**world.library().calendars, **world.calendars()}
        for instant in edges.after(case, calendars)[:FARTHEST]:
            clock.at = instant
            later = judging.judged(world, incident, plan, round_=1, moved=())
            if later.ruling is not planned.ruling:
                before = {one.rule: one.ruling for one in planned.verdicts}
                moved = [one for one in later.verdicts if one.ruling is not before.get(one.rule)]
                return Change(instant, later.ruling, tuple(moved))
    finally:
        clock.at = began
    return None
