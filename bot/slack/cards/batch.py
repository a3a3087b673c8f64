"""Plans of the same kind on one card: every one of them named, and two buttons for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.core import batches
from bot.core.batches import Batch, Question
from bot.slack.cards import asking, message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block, Message

APPROVE, REJECT = "approve_batch", "reject_batch"
ACTIONS = frozenset({APPROVE, REJECT})
SIGNS = {"approved": "✅", "rejected": "❌", "expired": "⏰", "changed": "✏️"}
RADIUS = 300
MOST_LISTED = 7000
"""Characters of all lines together."""
WHY_NOT = "rejected together with others of its kind"
LONGEST_VALUE = 2000
"""Characters of a button's value; Slack takes no more."""
TOO_LONG = "Not every plan fits here in full: decide each on its own card."
ALONE = "Each has its own card with its own buttons too. A plan that moved is asked for by itself."


def card(batch: Batch, now: datetime) -> Message:
    """Show a batch as it stands: what waits, what became of the others, buttons for what waits."""
    waiting = batch.open(now)
    title = _title(len(waiting), len(batch.questions))
    said = message.of(title, [*_blocks(batch, now, title), *_buttons(batch, waiting)])
    if _lists(said, waiting):
        return said
    return message.of(title, [*_blocks(batch, now, title), parts.context(TOO_LONG)])


def _lists(said: Message, waiting: Sequence[Question]) -> bool:
    """Whether every plan stands there in full: nobody answers what they could not read."""
    texts = [one["text"] for one in said.blocks if one["type"] == "section" and "text" in one]
    lines = {line for text in texts if isinstance(text, dict)
             for line in str(text["text"]).splitlines()}  # fmt: skip
    whole = all(escape(_radius(one), RADIUS) == escape(_radius(one), 9999) for one in waiting)
    return whole and all(_waits(one) in lines for one in waiting)


def value(key: str, questions: Sequence[Question]) -> str:
    """Name exactly these plans; empty when Slack would not take so much."""
    plans = ",".join(f"{one.incident}.{one.request.round}" for one in questions)
    said = f"{key}:{plans}"
    return said if len(said) <= LONGEST_VALUE else ""


def _title(waiting: int, of: int) -> str:
    if not waiting:
        return f"☑️ Done: {of} plans of the same kind"
    if waiting == of:
        return f"🔔 {of} plans of the same kind wait"
    return f"🔔 {waiting} of {of} plans of the same kind {'waits' if waiting == 1 else 'wait'}"


def _blocks(batch: Batch, now: datetime, title: str) -> Iterator[Block]:
    first, waiting = batch.questions[0], batch.open(now)
    yield parts.header(title)
    yield parts.fields(
        f"*Runbook*\n{code(first.plan.runbook, 80)}",
        f"*Environment*\n{escape(first.plan.environment, 80)}",
        f"*Would be done*\n{escape(first.plan.title, 160)}",
        f"*Risk of each*\n{words.RISK[first.level]}",
    )
    if waiting:
        yield from parts.sections("Waiting", map(_waits, waiting), MOST_LISTED)
        yield from _terms(waiting)
    if over := [one for one in batch.questions if not one.open(now)]:
        yield from parts.sections("Answered", map(_over, over), MOST_LISTED)


def _terms(waiting: Sequence[Question]) -> Iterator[Block]:
    request = waiting[0].request
    until = min(one.request.expires_at for one in waiting)
    people = "1 person" if request.quorum == 1 else f"{request.quorum} people"
    demands = ", ".join(f"one of {one.name}" for one in request.demands)
    says = "; ".join(step.scope.says for step in waiting[0].plan.steps)
    yield parts.section(f"*For {escape(waiting[0].plan.service, 50)} that is* {code(says, 400)}")
    yield parts.section(f"*All at once, at the worst moment:* {batches.away(waiting)} away")
    yield parts.context(
        f"the first is open until {words.moment(until)}",
        f"may approve: {asking.approvers(request)}",
        f"{people} must agree to each{f', {escape(demands, 200)}' if demands else ''}",
        ALONE,
    )


def _waits(question: Question) -> str:
    told = "".join(f"; ⚠️ {escape(mark, 60)}" for mark in question.marks)
    return f"• {_name(question)}: {escape(_radius(question), RADIUS)}{told}"


def _radius(question: Question) -> str:
    return "; ".join(step.scope.blast_radius.line for step in question.plan.steps)


def _over(question: Question) -> str:
    ending = question.ending or batches.EXPIRED
    by = f" by {words.everyone(question.by)}" if question.by else ""
    return f"• {SIGNS.get(ending, '▫️')} {_name(question)}: {ending}{by}"


def _name(question: Question) -> str:
    return f"{code(question.incident, 40)} *{escape(question.plan.service, 50)}*"


def _buttons(batch: Batch, waiting: Sequence[Question]) -> Iterator[Block]:
    named = value(batch.key, waiting)
    if len(waiting) == 1:
        yield parts.context("Only one waits: decide it on its own card.")
    if len(waiting) < 2 or not named:
        return
    count = len(waiting)
    services = ", ".join(one.plan.service for one in waiting)
    what = f"{count} runs begin: {waiting[0].plan.title}. On {services}"
    yes = parts.confirm(f"Approve all {count}?", what, f"Approve {count}")
    no = parts.confirm(f"Reject all {count}?", f"Nothing is executed for: {services}",
                       f"Reject {count}", "danger")  # fmt: skip
    yield parts.actions(
        f"batch_{batch.key}",
        parts.button(APPROVE, f"✅ Approve all {count}", named, style="primary", confirm=yes),
        parts.button(REJECT, f"❌ Reject all {count}", named, style="danger", confirm=no),
    )
