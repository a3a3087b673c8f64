"""
The moments at which the bot is killed, as one table: what it does then, and in which story.

Every kind of entry that the stories write has a moment before and one after it; the rest are
calls to the outside and the ways of the inbox and the outbox. A moment is written as mortal.py
reads it. Two moments are two deaths, the second one in the life that mends the first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults import stage as stages
from tests.faults.checker import Verdict
from tests.faults.stories import STORIES

PATIENCE = 400.0
"""Seconds that a story may take with its deaths."""


Table = dict[str, dict[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Point:
    """
    Where the bot dies; `brief` ones in every run of the tests: one for each part of each story.

    `python -m tests.faults` plays them all.
    """

    part: str
    story: str
    deaths: tuple[str, ...]
    brief: bool = True

    @property
    def name(self) -> str:
        return " then ".join(self.deaths)


RECORDED: Table = {
    "heals": {
        "record": ("incident.opened", "runbook.chosen", "evidence.read", "plan.made",
                   "alert.joined", "mail.alert", "incident.closed"),
        "approve": ("approval.asked", "approval.voted", "approval.decided", "plan.rebuilt"),
        "claim": ("run.started", "step.claimed"),
        "act": ("step.ended", "run.acted"),
        "verify": ("run.verified",),
    },
    "rolls back": {
        "rollback": ("step.claimed:3", "step.ended:3", "step.claimed:4", "step.ended:4",
                     "run.verified:2", "run.rolled_back"),
        "escalate": ("incident.escalated", "incident.closed"),
    },
    "escalates": {"escalate": ("incident.escalated", "problem.proposed")},
    "called": {"escalate": ("escalation.raised", "escalation.unheard", "escalation.taken")},
    "unattended": {"approve": ("policy.allowed",), "record": ("run.reviewed",)},
    "queued": {"approve": ("run.queued", "mail.turn", "plan.rebuilt")},
    "ignored": {"approve": ("approval.reminded", "mail.expired")},
    "cancelled": {"cancel": ("run.cancelling", "step.claimed:2", "run.rolled_back")},
    "undone": {"approve": ("approval.barred",), "undo": ("incident.opened:2", "run.taken_back")},
    "goes back": {"rollback": ("mail.expired", "run.reverting")},
    "kept": {"record": ("run.kept", "incident.came_back", "incident.opened:2")},
    "taken early": {"rollback": ("mail.recovered",)},
    "stopped": {"record": ("door.refused", "house.halted", "house.resumed")},
    "edited": {"approve": ("plan.edited", "plan.made:2", "approval.asked:2")},
    "accompanied": {"record": ("alert.passed_on", "incident.opened:2")},
    "settled": {"record": ("incident.quieted", "mail.expired")},
    "maintained": {"record": ("mail.goes_on", "incident.quieted")},
    "inhibited": {"record": ("incident.waits", "mail.goes_on", "evidence.read")},
    "shown": {"record": ("plan.shown",)},
    "stepwise": {"verify": ("step.verified", "step.claimed:2")},
    "governed": {"approve": ("house.frozen", "house.thawed", "house.permit.asked",
                             "house.permit.barred", "house.permit.voted", "house.permit.granted",
                             "house.permit.revoked", "house.permit.refused")},
    "signalled": {"verify": ("run.verified", "recovery.signalled")},
    "renewed": {"record": ("house.policy_taken:2",)},
}  # fmt: skip
"""By story and part: the entries around whose commit the bot dies, before it and after it."""

OUTSIDE: Table = {
    "heals": {
        "inbox": ("before:alert.kept", "after:alert.kept", "before:alert.taken",
                  "after:alert.taken", "before:alert.settled", "after:alert.settled",
                  "before:slack.kept", "after:slack.kept", "before:slack.taken",
                  "after:slack.taken", "before:slack.settled", "after:slack.settled"),
        "outbox": ("before:outbox.want", "after:outbox.want", "before:chat.postMessage",
                   "during:chat.postMessage", "after:chat.postMessage", "before:outbox.sent",
                   "after:outbox.sent", "before:chat.postMessage:2", "after:chat.postMessage:2",
                   "before:chat.update", "after:chat.update", "before:files.completeUploadExternal",
                   "after:files.completeUploadExternal"),
        "act": ("before:execute", "after:execute"),
        "approve": ("after:scope:2",),
    },
    "rolls back": {
        "act": ("before:execute:2", "after:execute:2"),
        "rollback": ("before:undo", "after:undo", "before:undo:2", "after:undo:2",
                     "after:scope:5"),
    },
    "unattended": {"act": ("during:execute", "after:execute")},
    "undone": {"undo": ("before:undo", "after:undo")},
    "filled in": {"inbox": ("after:slack.kept:3", "before:slack.kept:3", "before:slack.settled:3",
                            "before:incident.opened", "after:incident.opened")},
}  # fmt: skip
"""By story and part: what is asked of the outside, of the inbox and of the outbox."""

TWICE = (
    Point("act", "heals", ("after:step.claimed", "before:landed")),
    Point("act", "heals", ("after:execute", "after:landed"), brief=False),
    Point("act", "unattended", ("after:execute", "before:step.ended", "after:step.ended"),
          brief=False),
    Point("rollback", "rolls back", ("before:step.ended:3", "before:undo"), brief=False),
    Point("rollback", "rolls back", ("after:undo", "after:undo", "before:run.rolled_back")),
)  # fmt: skip


def _all() -> Iterator[Point]:
    for story, parts in RECORDED.items():
        for part, entries in parts.items():
            for number, entry in enumerate(entries):
                yield Point(part, story, (f"before:{entry}",), brief=False)
                yield Point(part, story, (f"after:{entry}",), brief=number == 0)
    for story, parts in OUTSIDE.items():
        for part, moments in parts.items():
            for number, moment in enumerate(moments):
                yield Point(part, story, (moment,), brief=number == 0)
    yield from TWICE


POINTS: Sequence[Point] = tuple(_all())


@dataclass(frozen=True)
class Seen:
    """What became of one point; `why` is empty when everything held."""

    point: Point
    verdict: Verdict
    why: str

    @property
    def line(self) -> str:
        """One row of the table."""
        counts = self.verdict.counts
        seen = f"{len(self.point.deaths)} killed, {counts['incidents']} incident(s), "
        seen += f"{counts['effects']} effect(s)"
        if counts["redone knowingly"]:
            seen += f", {counts['redone knowingly']} redone knowingly"
        said = f"FAILED {self.why}" if self.why else "holds"
        return f"{self.point.part:9} {self.point.name:58} {self.point.story:12} {seen:54} {said}"


async def play(point: Point, directory: Path, patience: float = PATIENCE) -> Seen:
    """Play the story with its deaths, and judge what is left; `patience` is in seconds."""
    story, verdict, why = STORIES[point.story], Verdict(), ""
    try:
        async with (
            asyncio.timeout(patience),
            stages.opened(
                directory,
                story.houses(),
                story.books,
                point.deaths,
                at_once=story.at_once,
                rules=story.rules,
                signals=story.signals,
            ) as stage,
        ):
            await story.play(stage)
            await stage.at_rest()
            verdict = stage.judged()
            why = "; ".join(verdict.faults)
            if twice := {one for one in stage.cards() if stage.cards().count(one) > 1}:
                why = f"the card of {', '.join(twice)} stands there more than once; {why}"
    except* (AssertionError, TimeoutError) as group:
        why = "; ".join(f"{type(one).__name__} {one}".strip() for one in group.exceptions)
    return Seen(point, verdict, why.rstrip("; "))
