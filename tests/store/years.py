"""Years of incidents in a ledger of their own: each of some stories, told again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from bot.core import approval, facts
from bot.core.approval import Ending
from bot.core.facts.fact import Fact
from bot.core.lifecycle import Event
from bot.core.policy.verdict import Ruling
from bot.core.transcript import Draft
from bot.store.file import connect
from bot.store.view import View
from tests import builders

PLAN = builders.a_plan()
ALERT = builders.an_alert()
AT = builders.START
SERVICES = ("shop", "web", "basket")
RUNBOOKS = ("restart-service", "raise-pool")


def ask(round_: int = 1) -> facts.Asked:
    request = approval.Request(round=round_, plan_digest=PLAN.digest, quorum=1, expires_at=AT)
    return facts.Asked(request=request)


def planned(ruling: Ruling = Ruling.ASK, *, healthy: bool = False) -> facts.Planned:
    plan = {} if healthy else {"plan": PLAN, "digest": PLAN.digest}
    return facts.Planned(round=1, ruling=ruling, healthy=healthy, **plan)


def decided(ending: Ending) -> facts.Decided:
    return facts.Decided(at=AT, ending=ending, by=("U1",))


def verified(*, passed: bool, back: bool = False) -> facts.Verified:
    return facts.Verified(passed=passed, why="seen", checks=1, held=1, seconds=1, back=back)


def started(*refused: str) -> facts.Started:
    return facts.Started(
        digest=PLAN.digest, runbook="?", service="?", environment="production",
        targets=("t1",), refused=refused,
    )  # fmt: skip


def closed(event: Event) -> facts.Closed:
    return facts.Closed(event=event, says=f"it is {event}")


CALLED = facts.Escalated(to="oncall", why="it did not help")
QUIET = facts.Quiet(until=AT, why="it has to last")
YES, NO = decided(Ending.APPROVED), decided(Ending.REJECTED)
RAN = (started(), facts.Acted(), verified(passed=True))
FAILED = (started(), facts.Acted(), verified(passed=False), verified(passed=True, back=True))
CLEARED = closed(Event.ALERT_CLEARED)
MOVED = facts.Rebuilt(round=1, digest=PLAN.digest, changes=("another target",))
AGAIN = facts.CameBack(alert=ALERT, again="inc-later")
ALONE: tuple[Fact, ...] = (planned(Ruling.ALLOW), facts.Allowed(round=1, digest="d"), *RAN, CLEARED)
SAME = facts.Rebuilt(round=1, digest=PLAN.digest)
ASKED = (planned(), ask(), YES, SAME)

STORIES: dict[str, tuple[Fact, ...]] = {
    "alone": ALONE,
    "alone, and it came back": (*ALONE, AGAIN),
    "alone, and people found it wrong": (*ALONE, facts.Reviewed(by="U1", right=False)),
    "alone, and people found it right": (*ALONE, facts.Reviewed(by="U1", right=True)),
    "asked": (*ASKED, *RAN, CLEARED),
    "asked, and taken back": (*ASKED, *RAN, CLEARED, facts.TakenBack(by="inc-undo")),
    "asked twice": (planned(), ask(), MOVED, planned(), ask(2), YES, SAME, *RAN, CLEARED),
    "verified and going on": (*ASKED, *RAN),
    "running": (*ASKED, started()),
    "refused when it was to begin": (*ASKED, started("a window is full"), CALLED,
                                     closed(Event.POLICY_DENIED)),
    "rolled back": (*ASKED, *FAILED, facts.RolledBack(clean=True, says="all"), CALLED,
                    closed(Event.ROLLED_BACK)),
    "left": (*ASKED, *FAILED, facts.RolledBack(clean=False, says="half"), CALLED,
             closed(Event.GAVE_UP)),
    "rejected": (planned(), ask(), NO, closed(Event.APPROVAL_REFUSED)),
    "expired": (planned(), ask(), closed(Event.APPROVAL_EXPIRED)),
    "withdrawn": (planned(), ask(), CLEARED),
    "denied": (planned(Ruling.DENY), CALLED, closed(Event.POLICY_DENIED)),
    "healthy": (planned(healthy=True), closed(Event.WAS_HEALTHY)),
    "waiting": (planned(), ask()),
}  # fmt: skip


def write(path: Path, count: int, seed: int = 7) -> None:
    """Write so many incidents, one a minute, each move some seconds after the last."""
    chance = Random(seed)
    bodies = {id(fact): fact.body for story in STORIES.values() for fact in story}
    with closing(connect(path, 0)) as db:
        view = View(db)
        db.execute("begin")
        for number in range(count):
            for place, (at, fact) in enumerate(_moves(chance, number)):
                body = bodies.get(id(fact)) or fact.body
                name = f"inc-a{number}"
                view.append(
                    Draft(at=at, incident=name, actor="heal", kind=fact.kind,
                          key=f"{name}:{place}", body=body)
                )  # fmt: skip
        db.execute("commit")


def _moves(chance: Random, number: int) -> Iterator[tuple[datetime, Fact]]:
    at = AT + timedelta(minutes=number)
    for fact in _story(chance):
        yield at, fact
        at += timedelta(seconds=chance.randrange(1, 600))


def _story(chance: Random) -> Sequence[Fact]:
    place = {"service": chance.choice(SERVICES), "environment": "production"}
    kind = chance.choices(("alert", "wish", "dry", "undo", "quiet", "woken", "none"),
                          (70, 6, 4, 4, 4, 4, 8))[0]  # fmt: skip
    alert = ALERT.model_copy(update={"name": chance.choice(("Down", "Slow", "Full"))})
    wish = facts.Wish(by="U1", runbook="restart-service", dry_run=kind == "dry")
    asked = kind in {"wish", "dry", "undo"}
    opened = builders.an_opening(
        **place, alert=None if asked else alert, wish=wish if asked else None,
        undoes="inc-a0" if kind == "undo" else "",
        quiet=QUIET if kind in {"quiet", "woken"} else None,
    )  # fmt: skip
    if kind == "quiet":
        return (opened, closed(Event.ALERT_CLEARED))
    if kind == "none":
        none = facts.Chosen(why_none="no runbook matches")
        return (opened, none, CALLED, closed(Event.NO_PLAN))
    woken = [facts.Quieted(why="it lasted")] if kind == "woken" else []
    chosen = facts.Chosen(runbook=chance.choice(RUNBOOKS), because=("alert is 'Down'",))
    return (opened, *woken, chosen, facts.Diagnosed(), *chance.choice(list(STORIES.values())))
