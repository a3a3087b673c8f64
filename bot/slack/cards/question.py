"""What calls people to a question in its thread, while it is open; nobody is called too late."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import incident as incidents
from bot.core.incident import Incident
from bot.slack.cards import looks, message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block, Note, NoteKind

CALLS = ("ask", "reminder", "fallback")
"""The slots of what calls people, each with its round."""


def notes(incident: Incident) -> Iterator[Note]:
    """The question itself, and what reminds of it."""
    yield from _asked(incident)
    yield from _reminders(incident)


def _asked(incident: Incident) -> Iterator[Note]:
    """Only while it is open: nobody is called for what is decided already."""
    request, plan = incidents.request_of(incident), incident.plan
    if request is None or plan is None or incident.expired:
        return
    called = words.everyone(request.first) or "Nobody is named as approver"
    again = "again " if request.round > 1 else ""
    named = f"{incident.id}.{request.round}" if again else incident.id
    until = words.moment(request.expires_at)
    steps = [f"{step.number}. {code(step.scope.says, 200)}" for step in plan.steps]
    if request.override:
        steps.insert(0, f"🚨 *BREAK-GLASS* over policy's no: {escape(', '.join(request.override))}")
    yield _note(
        incident,
        ask_slot(request.round),
        *parts.sections("", [f"🔔 {called}: approval {again}needed until {until}", *steps], 3000),
        parts.besides(
            "hint",
            parts.context(
                "decide on the card above, or write here:",
                f"`@heal approve {escape(named, 40)}`",
                f"`@heal reject {escape(incident.id, 40)} because …`",
            ),
        ),
    )


def ask_slot(round_: int) -> str:
    """The slot of a round's question, which is posted when people can read it."""
    return f"ask-{round_}"


def _reminders(incident: Incident) -> Iterator[Note]:
    """Only while it is open, as the question itself."""
    request = incidents.request_of(incident)
    if request is None or incident.expired:
        return
    until = words.moment(request.expires_at)
    first = words.everyone(request.first) or "nobody who is named"
    for one in incident.reminded:
        if one.round != request.round:
            continue
        said = f"⏳ {first}: half of the time is gone, and nobody decided. It expires at {until}"
        if one.fallback and request.fallback:
            said = (f"🔔 {words.everyone(request.late)}: most of the time is gone, and nobody "
                    f"decided. You may decide too, until {until}")  # fmt: skip
        elif one.fallback:
            said = (f"⏳ Most of the time is gone, and nobody decided. Policy names nobody who "
                    f"stands in (`approvers.fallback`), so it expires at {until}")  # fmt: skip
        slot = f"{'fallback' if one.fallback else 'reminder'}-{one.round}"
        yield _note(incident, slot, parts.section(said))


def lapsed(incident: Incident) -> tuple[str, ...]:
    """The slots that call people to a question which is over: what is not posted yet never is."""
    if incident.asked is None:
        return ()
    over = incident.asked.request.round - (incidents.request_of(incident) is not None)
    return tuple(f"{call}-{round_}" for round_ in range(1, over + 1) for call in CALLS)


def _note(incident: Incident, slot: str, *blocks: Block) -> Note:
    said = message.of(looks.notification(incident), blocks)
    return Note(slot=slot, kind=NoteKind.ASK, message=said)
