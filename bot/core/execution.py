"""Execution: a run in seven words, for machines; the states themselves are in lifecycle.py."""

from __future__ import annotations

from enum import StrEnum

from bot.core.facts import StepEnding
from bot.core.incident import Incident
from bot.core.lifecycle import State


class Status(StrEnum):
    """The whole of it; there is no word for what nobody knows, so that is FAILED."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXECUTING = "EXECUTING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    ROLLED_BACK = "ROLLED_BACK"


S, T = State, Status
STATUSES: dict[State, Status] = {
    S.OPENED: T.PENDING, S.DIAGNOSED: T.PENDING, S.PLANNED: T.PENDING,
    S.AWAITING_APPROVAL: T.PENDING, S.APPROVED: T.APPROVED, S.QUEUED: T.APPROVED,
    S.RUNNING: T.EXECUTING, S.VERIFYING: T.EXECUTING, S.ROLLING_BACK: T.EXECUTING,
    S.HEALED: T.SUCCESS, S.REVERTING: T.EXECUTING, S.RESOLVED: T.SUCCESS,
    S.NOT_FIXED: T.FAILED, S.ESCALATED: T.FAILED, S.ALREADY_HEALTHY: T.REJECTED,
    S.WITHDRAWN: T.REJECTED, S.REJECTED: T.REJECTED, S.EXPIRED: T.REJECTED,
    S.CANCELLED: T.REJECTED, S.DRY_RUN: T.REJECTED, S.REVERTED: T.ROLLED_BACK,
}  # fmt: skip
"""What a state is called; `status` looks at what was done as well."""

WITHOUT_RUN = frozenset({S.ESCALATED, S.CANCELLED})
"""Ends that are reached with and without a run: without one nothing was executed."""


def status(incident: Incident) -> Status:
    """
    Say it in one of the seven words.

    Rolled back is only what was put back and proved; REJECTED is everything that was not executed.
    """
    if incident.state in WITHOUT_RUN and not incident.ran:
        return Status.REJECTED
    if incident.taken_back:
        return Status.ROLLED_BACK
    if incident.over and incident.ran and incident.state is not State.RESOLVED:
        return Status.ROLLED_BACK if put_back(incident) else Status.FAILED
    return STATUSES[incident.state]


def put_back(incident: Incident) -> bool:
    """Tell whether something was taken back, and all of it: a clean rollback of nothing is none."""
    back = incident.rolled_back
    undone = any(step.ending is StepEnding.DONE for step in incident.undone)
    return back is not None and back.clean and undone


def table() -> tuple[tuple[str, str], ...]:
    """Every state with its word, in the order of the lifecycle; for docs/lifecycle.md."""
    told = []
    for state in State:
        words = [STATUSES[state]]
        if state in {S.ESCALATED, S.CANCELLED, S.NOT_FIXED}:
            words = [Status.FAILED]
        if state in {S.ESCALATED, S.CANCELLED, S.NOT_FIXED, S.HEALED, S.RESOLVED}:
            words.append(Status.ROLLED_BACK)
        if state in WITHOUT_RUN:
            words.append(Status.REJECTED)
        told.append((str(state), " or ".join(f"`{word}`" for word in words)))
    return tuple(told)
