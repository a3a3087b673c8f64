"""Passing on: alerts of another cause wait behind an incident, and have their own when it ends."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core import causes
from bot.core.alert import Alert, Severity
from bot.core.facts import Joined, PassedOn
from bot.core.incident import Incident
from bot.core.transcript import Draft
from bot.engine import opening, recording
from bot.engine.recording import Story
from bot.engine.world import World

ORDER = tuple(Severity)
NAMES = 10
"""Alerts that are named where they are passed on; all of them are counted."""


def joined(world: World, known: Incident, alert: Alert) -> Joined:
    """
    How an alert joins an incident: as one more of its own, or to wait for its end.

    What has no cause of its own belongs to what began lately, and by itself later on.
    """
    if alert.fingerprint in known.alerts or known.opened.cause is None:
        return Joined(alert=alert)
    if waits := world.cases.hearing.apart(alert, known.id):
        return Joined(alert=alert, apart=waits)
    library = world.library()
    cause = causes.of(alert, library)
    late = world.clock.now() - known.opened_at > library.rulebook.grouping.window
    cause = cause or (alert.name if late and alert.name not in known.names else "")
    return Joined(alert=alert, apart="" if cause == known.opened.cause else cause)


async def pass_on(story: Story, key: str) -> str:
    """
    Let those that still fire go on by themselves: the incident that may be started then, if any.

    Whoever asks holds the turn of their trouble. All of it is recorded at once, so that no death
    leaves one of them behind.
    """
    world, name = story.world, story.life.incident
    if story.life.recorded(key):
        return (await story.note(key, PassedOn, _never)).to
    if not (left := world.cases.hearing.waiting(name)):
        return ""
    first = max(left, key=_urgency)
    last = world.cases.latest(first.alert)
    if last is not None and last.id != name and not last.deaf:
        to, drafts = last.id, [_draft(world, last.id, joined(world, last, one.alert))
                               for one in left]  # fmt: skip
    else:
        to = await recording.new_name(world)
        drafts = _opened(story, to, first, left)
    passed = PassedOn(to=to, count=len(left), alerts=_names(left))
    await world.ledger.append_all([*drafts, recording.draft(world, name, key, passed)])
    return to


async def merges(story: Story) -> str:
    """
    Let all alerts of a quiet incident go on in one that is dealt with already, if there is one.

    Whoever asks holds the turn of their trouble: so no two incidents of it are dealt with at once.
    """
    world, known = story.world, story.incident
    if story.life.recorded("merge"):
        return (await story.note("merge", PassedOn, _never)).to
    others = (one for one in world.cases.open() if one.trouble == known.trouble)
    awake = (one for one in others if one.id != known.id and not (one.quiet or one.deaf))
    if (other := next(awake, None)) is None:
        return ""
    left = world.cases.hearing.firing(known.id)
    drafts = [_draft(world, other.id, joined(world, other, one.alert)) for one in left]
    passed = PassedOn(to=other.id, count=len(left), alerts=_names(left))
    await world.ledger.append_all([*drafts, recording.draft(world, known.id, "merge", passed)])
    return other.id


async def _never() -> PassedOn:
    raise AssertionError("what is in the record is read from there")


def _names(left: Sequence[Joined]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.alert.name for one in left))[:NAMES]


def _opened(story: Story, to: str, first: Joined, left: Sequence[Joined]) -> list[Draft]:
    """The most urgent one opens it; of the rest, those of its cause are its own."""
    world, alert = story.world, first.alert
    opened = opening.of(world, alert, story.opened.workflow, after=story.life.incident)
    begins = recording.draft(world, to, "opened", opened, alert.source)
    behind = (
        one.model_copy(update={"apart": "" if one.apart == first.apart else one.apart})
        for one in left
        if one is not first
    )
    return [begins, *(_draft(world, to, one) for one in behind)]


def _draft(world: World, name: str, fact: Joined) -> Draft:
    return recording.draft(world, name, opening.key_of(fact.alert), fact, fact.alert.source)


def _urgency(one: Joined) -> tuple[int, float]:
    """The worst goes first, and of those the oldest."""
    return ORDER.index(one.alert.severity), -one.alert.starts_at.timestamp()
