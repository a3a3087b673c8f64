"""The posts in an incident's thread: few, each once, in the order in which they became true."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import telling
from bot.core.facts import StepEnding
from bot.core.incident import Incident
from bot.core.lifecycle import Event
from bot.core.plan import Plan
from bot.slack.cards import (
    brief,
    calling,
    looks,
    message,
    outcome,
    parts,
    planned,
    proved,
    question,
    words,
)
from bot.slack.cards.escaping import code, escape, link
from bot.slack.cards.message import Block, Note, NoteKind

MOST_CALLED = 30
"""Of a role that is called, so many are mentioned: who is not is not called."""
UNCLEAN = frozenset({StepEnding.FAILED, StepEnding.UNKNOWN, StepEnding.FOUND_DONE})
"""A step that ended so is told at once; clean ones stand in the progress and in the proof."""


def notes(incident: Incident, page: str = "") -> tuple[Note, ...]:
    """Everything that should stand in the thread by now; a slot is posted once, ever."""
    tellers = (
        _evidence, question.notes, _steps, _verified, _rolled_back, _escalated, _ended, _back,
        _problem, calling.notes,
    )  # fmt: skip
    return tuple(parts.paged(note, page) for told in tellers for note in told(incident))


def _note(slot: str, kind: NoteKind, text: str, *blocks: Block) -> Note:
    return Note(slot=slot, kind=kind, message=message.of(text, blocks))


def _evidence(incident: Incident) -> Iterator[Note]:
    if not incident.evidence or not incident.evidence.readings:
        return
    chosen = incident.chosen
    rows = [
        (one.name, f"nothing seen: {one.error}" if one.error else telling.measured(one.seen))
        for one in incident.evidence.readings
    ]
    blocks = [parts.section("🔍 *Evidence*, read before anything is done"),
              parts.table(("Probe", "Seen"), rows)]  # fmt: skip
    if chosen and chosen.runbook:
        others = len(chosen.misses)
        also = f"; {others} other {'runbook does' if others == 1 else 'runbooks do'} not fit"
        text = f"Runbook {code(chosen.runbook, 80)} fits{also if others else ''}"
        blocks.append(parts.besides("fits", parts.context(text)))
    yield _note("evidence", NoteKind.EVIDENCE, f"Evidence for {incident.id}", *blocks)


def _steps(incident: Incident) -> Iterator[Note]:
    for ended in incident.steps:
        if ended.ending in UNCLEAN:
            sign, took = planned.ENDED[ended.ending], telling.span(ended.seconds)
            text = f"Step {ended.number} {ended.ending}"
            said = f"{sign} *{text}* after {took}: {words.sentence(ended.says, 1500)}"
            yield _note(f"step-{ended.number}", NoteKind.EVIDENCE, text, parts.section(said))


def _done(incident: Incident) -> Iterator[str]:
    for ended in incident.steps:
        took = f" ({telling.span(ended.seconds)})" if ended.seconds else ""
        sign = planned.ENDED[ended.ending]
        yield f"{sign} {ended.number}. {escape(ended.says, 300)}{took}"
        yield from proved.between(incident, ended.number)


def _verified(incident: Incident) -> Iterator[Note]:
    verified = incident.verified
    if verified:
        word = "Verified" if verified.passed else "Not verified"
        kind = NoteKind.RESULT if verified.passed else NoteKind.EVIDENCE
        blocks = proved.blocks(incident, _done(incident))
        yield _note("verified", kind, f"{word}: {looks.title(incident)}", *blocks)


def _rolled_back(incident: Incident) -> Iterator[Note]:
    """Only where no escalation tells it: when it was wanted, or after a run was stopped."""
    back = incident.rolled_back
    if back and not incident.escalated and (incident.reverting or incident.over):
        lines = [f"{planned.ENDED[one.ending]} step {one.number}: {escape(one.says, 300)}"
                 for one in incident.undone if one.ending is not StepEnding.SKIPPED]  # fmt: skip
        if incident.back_verified:
            readings = incident.back_verified.readings
            lines += words.few((words.reading(one, 200) for one in readings), 6)
        word = "Rolled back" if back.clean else "The rollback FAILED"
        why = [*outcome.stopped(incident), *outcome.rollback(incident)]
        blocks = parts.sections("", [*why, *lines], 5000)
        yield _note("rolledback", NoteKind.RESULT, f"{word}: {looks.title(incident)}", *blocks)


def _escalated(incident: Incident) -> Iterator[Note]:
    called = incident.escalated
    if not called:
        return
    alert = incident.opened.alert
    if outcome.taken_over(incident):
        lines = [f"⏸️ *{_needed(incident)}*: {words.who(called.to)}. {outcome.NOTHING}"]
    else:
        lines = [
            f"🚨 *{_needed(incident)}*: {words.everyone(called.whom, MOST_CALLED)}",
            f"*Why* {outcome.why_called(incident)}",
            *_tried(incident),
            *_went_back(incident),
        ]
    if called.say:
        lines.append(f"*What to do* {words.sentence(called.say, 800)}")
    lines += [*calling.steps(incident), *calling.standing(incident)]
    where = link(alert.link) if alert else ""
    run = code(incident.run if incident.ran else incident.id, 40)
    text = f"{_needed(incident)}: {looks.title(incident)}"
    yield _note(calling.FIRST, NoteKind.ESCALATION, text, *parts.sections("", lines, 5000),
                *calling.buttons(incident), parts.context(run, where))  # fmt: skip


def _needed(incident: Incident) -> str:
    """Only what was tried can have failed."""
    if outcome.taken_over(incident):
        return "Paused, to be investigated manually"
    return "FAILED – manual intervention" if incident.ran else "A person has to take over"


def _tried(incident: Incident) -> Iterator[str]:
    if not incident.ran or incident.plan is None:
        yield f"*Attempted fix* {outcome.NOTHING}"
        return
    yield f"*Attempted fix* {_fix(incident.plan)}"
    yield "*Result*"
    yield from _done(incident)
    yield from proved.proof(incident)


def _fix(plan: Plan) -> str:
    return "; ".join(words.few((code(step.scope.says, 200) for step in plan.steps), 10))


def _went_back(incident: Incident) -> Iterator[str]:
    told = list(outcome.rollback(incident))
    if told:
        yield f"*Rollback* {told[0]}"
        yield from told[1:]


def _back(incident: Incident) -> Iterator[Note]:
    if incident.came_back:
        again = code(incident.came_back.again, 40)
        text = f"It came back: {looks.title(incident)}"
        said = (f"⚠️ The alert {escape(incident.came_back.alert.name, 100)} fired again, so this "
                f"was not fixed. It goes on in {again}")  # fmt: skip
        yield _note("cameback", NoteKind.RESULT, text, parts.section(said))


def _problem(incident: Incident) -> Iterator[Note]:
    if proposed := incident.problem:
        linked = ", ".join(code(name, 40) for name in proposed.incidents)
        said = (f"🔎 {words.who(proposed.by)} proposed a *problem record*: its cause is to be "
                f"found. It links {linked}; `problems` lists it")  # fmt: skip
        text = f"Problem record proposed: {looks.title(incident)}"
        yield _note("problem", NoteKind.RESULT, text, parts.section(said))


def _ended(incident: Incident) -> Iterator[Note]:
    closed = incident.closed
    if not closed or incident.escalated or incident.rolled_back:
        return  # another post tells the end already
    solved = closed.event is Event.ALERT_CLEARED and incident.verified is not None
    lines = list(_resolved(incident)) if solved else _plainly(incident)
    run = code(incident.run if incident.ran else incident.id, 40)
    yield _note("ended", NoteKind.RESULT, looks.headline(incident),
                *parts.sections("", lines, 5000), parts.context(run))  # fmt: skip


def _plainly(incident: Incident) -> list[str]:
    decided = () if incident.ran else outcome.decision(incident)
    ended = [*decided, *outcome.ending(incident)]
    return ended or [words.sentence(incident.closed.says if incident.closed else "Ended")]


def _resolved(incident: Incident) -> Iterator[str]:
    """The cause as far as known, the fix, its proof, how long it took, and who let it happen."""
    seconds = 0.0
    if incident.closed_at:
        seconds = (incident.closed_at - incident.opened_at).total_seconds()
    decided = incident.decided
    lasted = f"in {outcome.lasted(seconds)}"
    if decided:
        yield f"✅ *Resolved* {lasted}, approved by {words.everyone(decided.by)}"
    else:
        yield f"✅ *Resolved automatically* {lasted}"
    if incident.plan:
        yield f"*Root cause* {brief.cause(incident) or escape(looks.title(incident), 500)}"
        yield f"*Fix* {_fix(incident.plan)}"
    yield from list(proved.proof(incident))[:1]
    yield from proved.cost(incident)
