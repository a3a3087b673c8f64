"""Stories with a run: going on, healed, gone back, failed, came back."""

from __future__ import annotations

from datetime import timedelta

from bot.core import facts
from bot.core.approval import Ending
from bot.core.facts import StepEnding
from bot.core.lifecycle import Event
from bot.core.policy.verdict import Ruling
from tests import builders
from tests.builders import Told
from tests.slack.cards import asks
from tests.slack.cards.pieces import (
    BEN,
    FAILED,
    NO_STATE,
    ONCALL,
    TAKEN_BACK,
    Story,
    asked,
    called,
    claimed,
    closed,
    decided,
    done,
    increments,
    planned,
    scaling,
    started,
    stood,
    verified,
)


def queued() -> Story:
    plan = scaling()
    waits = facts.Queued(
        round=1, at=builders.START, place=3, of=4, until=builders.START + timedelta(minutes=30),
        why="3 of 3 runs under way (inc-2a2a2a, inc-3b3b3b, inc-4c4c4c)",
    )  # fmt: skip
    moved = waits.model_copy(update={"place": 2, "of": 3, "advanced": True})
    return (*asks.diagnosed(), planned(plan, ruling=Ruling.ALLOW),
            facts.Allowed(round=1, digest=plan.digest), waits, Told(moved, after=40))  # fmt: skip


def running() -> Story:
    plan = scaling()
    return (*asks.diagnosed(), planned(plan, ruling=Ruling.ALLOW),
            facts.Allowed(round=1, digest=plan.digest), started(plan), claimed(1),
            Told(done(1, "4 → 6 replicas, all ready"), after=3), claimed(2))  # fmt: skip


def in_increments() -> Story:
    """People see what must hold between two steps before they say yes."""
    plan = increments()
    return (*asks.diagnosed(), planned(plan), asked(plan))


def between() -> Story:
    """One increment is done, and is looked at before the next."""
    plan = increments()
    return (*in_increments(), decided(Ending.APPROVED, BEN),
            facts.Rebuilt(round=1, digest=plan.digest), started(plan), claimed(1),
            Told(done(1, "4 → 6 replicas, all ready"), after=3))  # fmt: skip


def stepped() -> Story:
    """It was seen to help, so the next one began and is over."""
    return (*between(), stood(), claimed(2), done(2, "the breaker is open", 0.4), facts.Acted(),
            verified())  # fmt: skip


def not_stood() -> Story:
    """It was not, so everything went back."""
    why = "step 1 was done, but cpu.value < 0.9 does not hold: it is false"
    back = "rolled back: kubectl scale deployment/shop --replicas=4"
    return (*between(), stood(passed=False), facts.Acted(failed=why), claimed(1, back=True),
            done(1, "6 → 4 replicas", 2.0, back=True), facts.RolledBack(clean=True, says=back),
            facts.Escalated(to=ONCALL, why=f"it did not help: {why}; {back}"),
            closed(Event.ROLLED_BACK, f"it did not help: {why}"))  # fmt: skip


def verifying() -> Story:
    says = "shop is active, 3 s ago"
    return (*asks.approved(), started(), claimed(1), done(1, says), facts.Acted())


def healed() -> Story:
    return (*verifying(), verified())


def healed_for_now() -> Story:
    return (*running(), done(2, "the breaker is open", 0.4), facts.Acted(), verified())


def kept() -> Story:
    return (*healed_for_now(), Told(facts.Kept(by=BEN), BEN, 60))


def resolved() -> Story:
    return (*healed(), closed(Event.ALERT_CLEARED, "the alert is clear"))


def for_review() -> Story:
    """It ran unattended, and is of the tier whose outcome people review."""
    plan = scaling()
    alone = facts.Planned(round=1, plan=plan, digest=plan.digest, ruling=Ruling.ALLOW, review=True)
    told = [f.fact if isinstance(f, Told) else f for f in healed()]
    ran = next(at for at, fact in enumerate(told) if isinstance(fact, facts.Started))
    return (*asks.diagnosed(), alone, facts.Allowed(round=1, digest=plan.digest), *healed()[ran:])


def reviewed() -> Story:
    return (*for_review(), Told(facts.Reviewed(by=BEN, right=False), BEN))


def taken_back() -> Story:
    return (*resolved(), facts.TakenBack(by="inc-9k2m4p"))


def resolved_alone() -> Story:
    return (*kept(), closed(Event.ALERT_CLEARED, "the alert is clear"))


def failing() -> Story:
    return (*running(), done(2, "the breaker's page answered 503", 1.2, ending=StepEnding.FAILED),
            facts.Acted(failed="step 2: the breaker's page answered 503"))  # fmt: skip


def stopped_midway() -> Story:
    why = f"cancelled by {BEN}: we do it by hand"
    stopping = facts.Cancelling(by=BEN, why="we do it by hand")
    return (*running(), Told(stopping, BEN), done(2, "the breaker is open", 0.4),
            facts.Acted(cancelled=why),
            done(2, "the breaker is closed", 0.3, back=True),
            done(1, "6 → 4 replicas", 2.0, back=True),
            facts.RolledBack(clean=True, says=TAKEN_BACK),
            closed(Event.CANCELLED, f"{why}; {TAKEN_BACK}"))  # fmt: skip


def rolling_back() -> Story:
    return (*failing(), claimed(2, back=True), done(2, "the breaker is closed", 0.3, back=True),
            claimed(1, back=True))  # fmt: skip


def rolled_back() -> Story:
    return (*rolling_back(), done(1, "6 → 4 replicas", 2.0, back=True),
            facts.Verified(passed=True, why="every target is as it was before", checks=1, held=0,
                           seconds=1.0, back=True),
            facts.RolledBack(clean=True, says=TAKEN_BACK), *called(TAKEN_BACK))  # fmt: skip


def rollback_failed() -> Story:
    return (*rolling_back(),
            done(1, "kubernetes refused: forbidden", 0.8, back=True, ending=StepEnding.FAILED),
            facts.RolledBack(clean=False, says=FAILED), *called(FAILED))  # fmt: skip


def not_verified() -> Story:
    return (*verifying(), verified(passed=False),
            done(1, "nothing to put back: it is self-restoring", 0, back=True,
                 ending=StepEnding.SKIPPED),
            facts.RolledBack(clean=True, says=NO_STATE),
            facts.Escalated(to=ONCALL, why=f"it did not help: web.status == 200; {NO_STATE}"),
            closed(Event.ROLLED_BACK, "it did not help"))  # fmt: skip


def not_fixed() -> Story:
    return (*resolved(), Told(facts.CameBack(alert=builders.an_alert(), again="inc-9x8y7z"),
                              "alertmanager", 300))  # fmt: skip


def reverting() -> Story:
    return (*healed_for_now(), Told(facts.Reverting(why="its 30 min are over"), after=1800),
            claimed(2, back=True), done(2, "the breaker is closed", 0.3, back=True),
            claimed(1, back=True))  # fmt: skip


def reverted() -> Story:
    return (*reverting(), done(1, "6 → 4 replicas", 2.0, back=True),
            facts.RolledBack(clean=True, says=TAKEN_BACK),
            closed(Event.REVERTED, TAKEN_BACK))  # fmt: skip
