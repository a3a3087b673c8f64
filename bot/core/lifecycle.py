"""
The life of an incident, as one table.

Every change of state in the product is a row here; nothing else decides what may follow
what. The picture in the README is drawn from this table and compared by a test.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from bot.core.errors import IllegalTransition


class State(StrEnum):
    """Where an incident stands; the last ten are ends."""

    OPENED = "opened"
    DIAGNOSED = "diagnosed"
    PLANNED = "planned"
    AWAITING_APPROVAL = "awaiting approval"
    APPROVED = "approved"
    QUEUED = "queued"
    RUNNING = "running"
    VERIFYING = "verifying"
    ROLLING_BACK = "rolling back"
    HEALED = "healed"
    REVERTING = "reverting"
    RESOLVED = "resolved"
    NOT_FIXED = "not fixed"
    ESCALATED = "escalated"
    ALREADY_HEALTHY = "already healthy"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DRY_RUN = "dry run"
    REVERTED = "reverted"


class Event(StrEnum):
    """What can happen to an incident."""

    EVIDENCE_READ = "evidence read"
    PLAN_MADE = "plan made"
    NO_PLAN = "no plan"
    WAS_HEALTHY = "was healthy"
    ONLY_SHOWN = "only shown"
    POLICY_ALLOWED = "policy allowed"
    POLICY_ASKED = "policy asked"
    POLICY_DENIED = "policy denied"
    APPROVAL_GIVEN = "approval given"
    APPROVAL_REFUSED = "approval refused"
    APPROVAL_EXPIRED = "approval expired"
    ALERT_CLEARED = "alert cleared"
    CANCELLED = "cancelled"
    TAKEN_OVER = "taken over"
    PLAN_MOVED = "plan moved"
    TURN_AWAITED = "turn awaited"
    TURN_CAME = "turn came"
    RUN_STARTED = "run started"
    STEPS_DONE = "steps done"
    STEP_FAILED = "step failed"
    VERIFIED = "verified"
    NOT_VERIFIED = "not verified"
    ROLLED_BACK = "rolled back"
    TIME_TO_REVERT = "time to revert"
    REVERTED = "reverted"
    GAVE_UP = "gave up"
    CAME_BACK = "came back"


S, E = State, Event
TABLE: dict[State, dict[Event, State]] = {
    S.OPENED: {E.EVIDENCE_READ: S.DIAGNOSED, E.NO_PLAN: S.ESCALATED, E.GAVE_UP: S.ESCALATED,
               E.ALERT_CLEARED: S.WITHDRAWN, E.CANCELLED: S.CANCELLED},
    S.DIAGNOSED: {E.PLAN_MADE: S.PLANNED, E.NO_PLAN: S.ESCALATED, E.WAS_HEALTHY: S.ALREADY_HEALTHY,
                  E.ALERT_CLEARED: S.WITHDRAWN, E.CANCELLED: S.CANCELLED, E.GAVE_UP: S.ESCALATED},
    S.PLANNED: {E.POLICY_ALLOWED: S.APPROVED, E.POLICY_ASKED: S.AWAITING_APPROVAL,
                E.POLICY_DENIED: S.ESCALATED, E.ONLY_SHOWN: S.DRY_RUN,
                E.ALERT_CLEARED: S.WITHDRAWN, E.CANCELLED: S.CANCELLED, E.GAVE_UP: S.ESCALATED},
    S.AWAITING_APPROVAL: {E.APPROVAL_GIVEN: S.APPROVED, E.APPROVAL_REFUSED: S.REJECTED,
                          E.APPROVAL_EXPIRED: S.EXPIRED, E.ALERT_CLEARED: S.WITHDRAWN,
                          E.CANCELLED: S.CANCELLED, E.TAKEN_OVER: S.ESCALATED,
                          E.POLICY_DENIED: S.ESCALATED,
                          E.PLAN_MOVED: S.DIAGNOSED, E.GAVE_UP: S.ESCALATED},
    S.APPROVED: {E.RUN_STARTED: S.RUNNING, E.TURN_AWAITED: S.QUEUED, E.POLICY_DENIED: S.ESCALATED,
                 E.WAS_HEALTHY: S.ALREADY_HEALTHY, E.ALERT_CLEARED: S.WITHDRAWN,
                 E.CANCELLED: S.CANCELLED, E.NO_PLAN: S.ESCALATED, E.GAVE_UP: S.ESCALATED},
    S.QUEUED: {E.TURN_CAME: S.APPROVED, E.PLAN_MOVED: S.DIAGNOSED, E.POLICY_DENIED: S.ESCALATED,
               E.ALERT_CLEARED: S.WITHDRAWN, E.CANCELLED: S.CANCELLED, E.GAVE_UP: S.ESCALATED},
    S.RUNNING: {E.STEPS_DONE: S.VERIFYING, E.STEP_FAILED: S.ROLLING_BACK,
                E.CANCELLED: S.ROLLING_BACK, E.GAVE_UP: S.ESCALATED},
    S.VERIFYING: {E.VERIFIED: S.HEALED, E.NOT_VERIFIED: S.ROLLING_BACK, E.GAVE_UP: S.ESCALATED},
    S.ROLLING_BACK: {E.ROLLED_BACK: S.ESCALATED, E.CANCELLED: S.CANCELLED, E.GAVE_UP: S.ESCALATED},
    S.HEALED: {E.ALERT_CLEARED: S.RESOLVED, E.TIME_TO_REVERT: S.REVERTING,
               E.CAME_BACK: S.NOT_FIXED, E.GAVE_UP: S.ESCALATED},
    S.REVERTING: {E.REVERTED: S.REVERTED, E.ROLLED_BACK: S.ESCALATED, E.GAVE_UP: S.ESCALATED},
    S.RESOLVED: {E.CAME_BACK: S.NOT_FIXED},
    S.REVERTED: {E.CAME_BACK: S.NOT_FIXED},
    S.NOT_FIXED: {}, S.ESCALATED: {}, S.ALREADY_HEALTHY: {}, S.WITHDRAWN: {},
    S.REJECTED: {}, S.EXPIRED: {}, S.CANCELLED: {}, S.DRY_RUN: {},
}  # fmt: skip
ENDS = frozenset(
    {S.RESOLVED, S.NOT_FIXED, S.ESCALATED, S.ALREADY_HEALTHY, S.WITHDRAWN, S.REJECTED,
     S.EXPIRED, S.CANCELLED, S.DRY_RUN, S.REVERTED}
)  # fmt: skip

ACTING = frozenset({S.APPROVED, S.RUNNING, S.VERIFYING, S.ROLLING_BACK, S.REVERTING})
"""Its run holds its targets: something may be changed now, or is about to be."""


def after(state: State, event: Event) -> State:
    """
    Return the state that follows, or refuse.

    >>> after(State.APPROVED, Event.RUN_STARTED)
    <State.RUNNING: 'running'>
    """
    try:
        return TABLE[state][event]
    except KeyError:
        raise IllegalTransition(f"{event} cannot happen while {state}") from None


_BEGUN = ACTING - {S.APPROVED} | {S.HEALED}


@cache
def end_of_run(event: Event) -> State | None:
    """
    Return the end that this event is for an incident whose run began; None when it depends.

    >>> end_of_run(Event.ALERT_CLEARED), end_of_run(Event.CANCELLED)
    (<State.RESOLVED: 'resolved'>, None)
    """
    after_it = {TABLE[state][event] for state in _BEGUN if event in TABLE[state]}
    return after_it.pop() if len(after_it) == 1 and after_it <= ENDS else None


def picture(hidden: frozenset[State] = frozenset()) -> str:
    """Draw the table as a Mermaid state diagram, always the same, row by row; or without some."""
    shown = [state for state in State if state not in hidden]
    lines = ["stateDiagram-v2"]
    lines += [f"    {state.name} : {state}" for state in shown]
    lines += [f"    [*] --> {State.OPENED.name}"]
    for state in shown:
        moves = TABLE[state].items()
        lines += [f"    {state.name} --> {then.name} : {event}"
                  for event, then in moves if then in shown]  # fmt: skip
    lines += [f"    {state.name} --> [*]" for state in shown if state in ENDS]
    return "\n".join((*lines, ""))
