"""How far a run is: one plan block in the thread, edited in place while it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from bot.core import facts, headway, telling
from bot.core.facts import StepEnding
from bot.core.headway import Headway
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.plan import Criteria, PlannedStep, Reversibility
from bot.core.telling import phrases
from bot.slack.cards import escaping, looks, message, parts, waiting, words
from bot.slack.cards.message import Block, Message

OUTPUT = 140
ON = 90
"""Characters of what a step is done on."""
ROOM = 11_000
"""Characters of all tasks; where they are more, steps say only how they ended."""


class Status(StrEnum):
    """What Slack's task cards know."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    ERROR = "error"


ENDED = {
    StepEnding.DONE: Status.COMPLETE,
    StepEnding.FOUND_DONE: Status.COMPLETE,
    StepEnding.FAILED: Status.ERROR,
    StepEnding.SKIPPED: Status.PENDING,
    StepEnding.UNKNOWN: Status.ERROR,
}


def card(incident: Incident, now: Headway | None = None, page: str = "") -> Message | None:
    """
    The tasks of the run, with how far the one is that goes on now; None while there is none.

    `page` is the address of the incident's page, to which what has begun leads.
    """
    if not incident.ran or incident.plan is None:
        return None
    tasks = [*_approved(incident), *_steps(incident), *_verify(incident), *_back(incident)]
    for task in tasks if page and not set(page) & set("<>|") else ():
        if task["status"] != Status.PENDING:
            task["sources"] = [{"type": "url", "url": page, "text": "Timeline and evidence"}]
    if message.size([*tasks]) > ROOM:
        tasks = [{**one, "details": None, "sources": None} for one in tasks]
        tasks = [{key: said for key, said in one.items() if said is not None} for one in tasks]
    if now is not None and not incident.over:
        _count(tasks, now)
    title = escaping.plain(f"{incident.plan.title} · {incident.run}", 150)
    block: Block = {"type": "plan", "title": title, "tasks": [*tasks]}
    waits = [parts.context(line) for line in waiting.lines(incident)]
    return message.of(f"Progress of {incident.run}: {looks.headline(incident)}", [block, *waits])


def _count(tasks: list[Block], now: Headway) -> None:
    """Say how far it is at the first task that is in progress."""
    busy = next((one for one in tasks if one["status"] == Status.IN_PROGRESS), None)
    if busy is not None:
        busy["output"] = parts.rich(_text(headway.line(now)))


def _task(name: str, title: str, status: Status, *said: Block) -> Block:
    task: Block = {"type": "task_card", "task_id": name, "status": status.value,
                   "title": escaping.plain(title, 120) or "–"}  # fmt: skip
    return {**task, "output": parts.rich(*said)} if said else task


def _text(text: str) -> Block:
    return {"type": "text", "text": escaping.raw(text, OUTPUT) or "–"}


def _approved(incident: Incident) -> Iterator[Block]:
    decided = incident.decided
    if decided is None:
        yield _task("approve", "Approve", Status.COMPLETE, _text("policy allows it without asking"))
        return
    people: list[Block] = []
    for person in decided.by[:5]:
        people += [_text(", " if people else "approved by "), _person(person)]
    yield _task("approve", "Approve", Status.COMPLETE, *(people or [_text("approved")]))


def _person(actor: str) -> Block:
    return {"type": "user", "user_id": actor} if words.is_user(actor) else _text(actor)


def _steps(incident: Incident) -> Iterator[Block]:
    ended = {one.number: one for one in incident.steps}
    for step in incident.plan.steps if incident.plan else ():
        busy = incident.state is State.RUNNING and _claimed(incident, step, back=False)
        task = _step(f"step-{step.number}", step.scope.says, ended.get(step.number), busy=busy)
        yield {**task, "details": _details(incident, step, back=False)}
        if step.then is not None:
            yield from _then(incident, step, step.then)


def _then(incident: Incident, step: PlannedStep, then: Criteria) -> Iterator[Block]:
    """What must hold before the next step; a task of its own until the run has gone another way."""
    name, title = f"then-{step.number}", f"Then: {then.success}"
    proof = next((one for one in incident.proofs if one.number == step.number), None)
    if proof is not None:
        status = Status.COMPLETE if proof.passed else Status.ERROR
        yield _task(name, title, status, _text(proof.why))
    elif incident.state is State.RUNNING:
        waits = any(one.number == step.number for one in incident.steps)
        yield _task(name, title, Status.IN_PROGRESS if waits else Status.PENDING)


def _step(name: str, says: str, ended: facts.Stepped | None, *, busy: bool) -> Block:
    if ended is None:
        return _task(name, says, Status.IN_PROGRESS if busy else Status.PENDING)
    took = f" ({telling.span(ended.seconds)})" if ended.seconds else ""
    word = {
        StepEnding.FOUND_DONE: "was done already: ",
        StepEnding.SKIPPED: "not begun: ",
        StepEnding.UNKNOWN: "nobody knows whether it was done: ",
    }.get(ended.ending, "")
    return _task(name, says, ENDED[ended.ending], _text(f"{word}{ended.says}{took}"))


def _details(incident: Incident, step: PlannedStep, *, back: bool) -> Block:
    """What it is done by, on what, and since when, in the reader's own time."""
    first, *more = [one.name for one in step.scope.blast_radius.targets] or ["?"]
    on = f"{first} and {len(more)} more" if more else first
    told: list[Block] = [_text(f"{step.action} on {escaping.raw(on, ON)}")]
    wanted = (step.number, back, "")
    claims = ((one.at, one.fact) for one in reversed(incident.story)
              if isinstance(one.fact, facts.Claimed))  # fmt: skip
    begun = (at for at, one in claims if (one.number, one.back, one.stop) == wanted)
    if (at := next(begun, None)) is not None:
        date: Block = {"type": "date", "timestamp": int(at.timestamp()), "format": "{time_secs}",
                       "fallback": phrases.utc(at)}  # fmt: skip
        told += [{"type": "text", "text": ", begun "}, date]
    return parts.rich(*told)


def _claimed(incident: Incident, step: PlannedStep, *, back: bool) -> bool:
    claim = incident.claimed
    if claim is None or claim.stop:
        return False
    return claim.number == step.number and claim.back is back


def _verify(incident: Incident) -> Iterator[Block]:
    verified = incident.verified
    if verified:
        status = Status.COMPLETE if verified.passed else Status.ERROR
        held = f", held {telling.span(verified.held)}" if verified.held else ""
        yield _task("verify", "Verify", status, _text(f"{verified.why}{held}"))
    elif incident.state is State.VERIFYING:
        yield _task("verify", "Verify", Status.IN_PROGRESS)
    elif not incident.over and incident.state not in looks.GOING_BACK:
        yield _task("verify", "Verify", Status.PENDING)


def _back(incident: Incident) -> Iterator[Block]:
    """The way back, last step first, from the moment on when it is gone."""
    going = incident.state in looks.GOING_BACK
    undone = {s.number: s for s in incident.undone if s.ending is not StepEnding.SKIPPED}
    applied = {one.number for one in incident.steps if one.applied}
    for step in reversed(incident.plan.steps if incident.plan else ()):
        reversible = step.reversibility is Reversibility.REVERSIBLE and not step.back
        due = going and reversible and step.number in applied
        if step.number in undone or due:
            busy = going and _claimed(incident, step, back=True)
            title = step.scope.undo_says or f"Roll back step {step.number}"
            task = _step(f"back-{step.number}", title, undone.get(step.number), busy=busy)
            yield {**task, "details": _details(incident, step, back=True)}
    if incident.rolled_back:
        status = Status.COMPLETE if incident.rolled_back.clean else Status.ERROR
        yield _task("back", "Roll back", status, _text(incident.rolled_back.says))
    elif going:
        yield _task("back", "Roll back", Status.IN_PROGRESS)
