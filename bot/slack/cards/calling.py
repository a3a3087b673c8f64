"""Who has what Heal could not mend: the button to say so, and the calls of further levels."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import calling
from bot.core.facts import Gathered, Raised
from bot.core.incident import Incident
from bot.core.ladder import Level
from bot.core.telling import next_steps
from bot.slack.cards import looks, message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block, Message, Note, NoteKind

TAKE = "take_escalation"
FIRST = "escalated"
"""The slot of the first call's note."""


def is_call(slot: str) -> bool:
    """Whether a message of this slot calls people: there a ✅ means that somebody has it."""
    name = slot.rpartition("/")[2]
    return name == FIRST or name.startswith("level-")


def standing(incident: Incident) -> Iterator[str]:
    """Say who has it, or until when somebody should say so; and that its page goes with others."""
    call = incident.escalated
    if call is not None and call.held and not incident.raised:
        yield "📟 Too many pages ring at once: one tells of this and others within a minute"
    if incident.taken:
        by = words.who(incident.taken.by)
        says = f", says {escape(incident.taken.at, 40)}" if incident.taken.at else ""
        yield f"✋ *{by} has it*{says}"
    elif open_(incident):
        due = calling.next_due(incident)
        until = f" until {words.moment(due.at)}" if due else ""
        then = _then(due.level) if due and due.level else ""
        yield f"Press *I have it* or react with ✅{until}{then}"


def _then(level: Level) -> str:
    """Whom that calls by name, without calling them now: an id of Slack is no name to people."""
    names = [word for word in level.words if words.who(word) == escape(word, 80)]
    whom = words.everyone(names) if len(names) == len(level.words) else ""
    return f"; else {whom or 'the next level'} is called"


def open_(incident: Incident) -> bool:
    """Whether somebody is needed, and nobody has said that they have it."""
    call = incident.escalated
    return call is not None and call.need is not None and incident.taken is None


def buttons(incident: Incident) -> Iterator[Block]:
    if open_(incident):
        button = parts.button(TAKE, "✋ I have it", incident.id, style="primary")
        yield parts.actions(f"take_{incident.id}", button)


def steps(incident: Incident) -> Iterator[str]:
    """Suggest what to do next; the author's own words have a line of their own."""
    say = incident.escalated.say if incident.escalated else ""
    told = [one for one in next_steps.next_steps(incident) if one != say]
    if told:
        yield "*Next*"
        yield from words.few((f"• {escape(one, 400)}" for one in told), 5)


def notes(incident: Incident) -> Iterator[Note]:
    """A note for each further level, and one when all were called in vain."""
    for raised in incident.raised:
        yield Note(
            slot=f"level-{raised.level}", kind=NoteKind.ESCALATION, message=_level(incident, raised)
        )
    if (told := calling.gathered(incident)) is not None:
        yield _gathered(incident, told)
    if calling.in_vain(incident) and not incident.taken:
        said = (
            "🔴 *Everybody was called, and nobody has said that they have it.* Nobody else is named"
        )
        text = f"Nobody has it: {looks.title(incident)}"
        yield Note(
            slot="unheard",
            kind=NoteKind.ESCALATION,
            message=message.of(text, (parts.section(said), *buttons(incident))),
        )


def _gathered(incident: Incident, told: Gathered) -> Note:
    """Which incidents one page was sent for: nobody is woken for a list that can't be seen."""
    more = len(told.incidents) - len(told.lines)
    title = f"📟 *One page was sent for {len(told.incidents)} incidents*, whose own were held back"
    lines = [*(f"• {escape(one, 260)}" for one in told.lines)]
    lines += [f"_… and {more} more: `/heal history {len(told.incidents)}`_"] if more else []
    text = f"One page for {len(told.incidents)} incidents: {looks.title(incident)}"
    name = f"paged-{sum(isinstance(one.fact, Gathered) for one in incident.story)}"
    shown = message.of(text, parts.sections(title, lines, 6000))
    return Note(slot=name, kind=NoteKind.ESCALATION, message=shown)


def _level(incident: Incident, raised: Raised) -> Message:
    called = words.everyone(raised.calls, 30) or "Nobody is named"
    lines = [
        f"🔔 {called}: nobody has said that they have it, so level {raised.level} is called",
        *steps(incident),
        *(standing(incident) if raised is incident.raised[-1] else ()),
    ]
    return message.of(
        f"Nobody has it yet: {looks.title(incident)}",
        (*parts.sections("", lines, 4000), *buttons(incident),
         parts.context(code(incident.run if incident.ran else incident.id, 40))),
    )  # fmt: skip


def private(incident: Incident, link: str) -> Message:
    """What somebody of a further level is told in private, and that it is settled once it is."""
    title = f"*{escape(looks.title(incident), 200)}*"
    where = ", ".join(filter(None, (incident.service, incident.environment)))
    about = title + (f" ({escape(where, 120)})" if where else "")
    way = f"<{link}|Its card>" if link else f"its card is that of {incident.id}"
    if open_(incident):
        said = f"🔔 Heal could not mend it, and nobody has said that they have it: {about}. {way}"
        text = f"🔔 You are called: {looks.title(incident)}"
    else:
        by = words.who(incident.taken.by) if incident.taken else "Somebody"
        said = f"☑️ {by} has it; nothing is left to do for you here: {about}. {way}"
        text = f"☑️ Taken: {looks.title(incident)}"
    return message.of(text, (parts.section(said), *buttons(incident)))
