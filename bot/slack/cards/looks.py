"""One sign and one calm word for each state: the first thing that is read at night."""

from __future__ import annotations

from typing import NamedTuple

from bot.core import facts
from bot.core import incident as incidents
from bot.core.approval import Ending
from bot.core.incident import Incident, Timed
from bot.core.lifecycle import State


class Look(NamedTuple):
    """How a state looks: its sign and its word."""

    sign: str
    word: str


LOOKS = {
    State.OPENED: Look("🔍", "Looking into it"),
    State.DIAGNOSED: Look("🔍", "Looking into it"),
    State.PLANNED: Look("🔍", "Looking into it"),
    State.AWAITING_APPROVAL: Look("🔔", "Approval needed"),
    State.APPROVED: Look("🔓", "Approved"),
    State.QUEUED: Look("⏳", "Waits its turn"),
    State.RUNNING: Look("🔧", "Healing"),
    State.VERIFYING: Look("⏱️", "Verifying"),
    State.ROLLING_BACK: Look("↩️", "Rolling back"),
    State.HEALED: Look("✅", "Healed"),
    State.REVERTING: Look("↩️", "Going back"),
    State.RESOLVED: Look("✅", "Resolved"),
    State.NOT_FIXED: Look("⚠️", "Not fixed"),
    State.ESCALATED: Look("🚨", "Escalated"),
    State.ALREADY_HEALTHY: Look("🟢", "Already healthy"),
    State.WITHDRAWN: Look("⚪", "Withdrawn"),
    State.REJECTED: Look("🚫", "Rejected"),
    State.EXPIRED: Look("⏰", "Expired"),
    State.CANCELLED: Look("⏹️", "Cancelled"),
    State.DRY_RUN: Look("👀", "Dry run"),
    State.REVERTED: Look("↩️", "Back as it was"),
}
ASKED = "Auto-Recovery Approval Required"
GLASS = "BREAK-GLASS Approval Required"
TAKEN_BACK = Look("↩️", "Taken back")
PAUSED = Look("⏸️", "Paused")
QUIET = Look("🔕", "Quiet for now")
WAITS = Look("⏳", "Waits for what it needs")
GOING_BACK = frozenset({State.ROLLING_BACK, State.REVERTING})
"""The steps are being taken back: what failed, or what was wanted for a while only."""


def look(incident: Incident) -> Look:
    """How this incident looks now; a given yes shows before the plan was built again."""
    if incident.state is State.AWAITING_APPROVAL and incident.decided:
        given = incident.decided.ending is Ending.APPROVED
        return LOOKS[State.APPROVED] if given else Look("⏳", "Closing")
    if incident.state is State.QUEUED and incident.queued:
        sign, word = LOOKS[State.QUEUED]
        return Look(sign, f"{word}, {incident.queued.place} of {incident.queued.of}")
    if incident.quiet and not incident.over:
        return QUIET
    if incident.waits and not incident.over:
        return WAITS
    if incident.decided and incident.decided.ending is Ending.PAUSED:
        return PAUSED
    return TAKEN_BACK if incident.taken_back else LOOKS[incident.state]


def title(incident: Incident) -> str:
    """What it is about: the plan's own words, or the alert's before there is a plan."""
    return incident.plan.title if incident.plan else incident.opened.title


def headline(incident: Incident) -> str:
    """Sign, word and title on one line, unescaped."""
    sign, word = look(incident)
    return f"{sign} {word}: {title(incident)}"


def banner(incident: Incident) -> str:
    """The header: while people are asked it says only that, and the title has its own line."""
    request = incidents.request_of(incident)
    if request is None:
        return headline(incident)
    return f"🚨 {GLASS}" if request.override else f"{LOOKS[incident.state].sign} {ASKED}"


def notification(incident: Incident) -> str:
    """The line that wakes somebody: what, and where."""
    where = ", ".join(filter(None, (incident.service, incident.environment)))
    return f"{headline(incident)} ({where})" if where else headline(incident)


def last(incident: Incident, kind: type[facts.Fact]) -> Timed | None:
    """The latest fact of a kind, with its time and author."""
    return next((told for told in reversed(incident.story) if isinstance(told.fact, kind)), None)
