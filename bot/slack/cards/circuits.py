"""Circuit breakers: which services are left to people, until when, and which runs failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.core.policy.circuit_breaker import Position, Tripped
from bot.core.policy.history import Attempt
from bot.slack.cards import message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Message

CLOSED = "Every circuit breaker is closed: no service is left to people."
MOST = 10
"""Services that a glance lists, and failed runs of one that are told."""


def answer(tripped: Sequence[Tripped]) -> Message:
    """Each one that is not closed, with the runs that failed, newest last."""
    count = "1 circuit breaker is" if len(tripped) == 1 else f"{len(tripped)} circuit breakers are"
    title = f"{count} not closed" if tripped else CLOSED
    lines = [line for one in tripped for line in (_said(one), *map(_run, _newest(one)))]
    return message.of(title, parts.sections(title, lines, 11_000))


def brief(tripped: Sequence[Tripped]) -> Iterator[str]:
    """A line each, for what is going on now."""
    yield from map(_said, tripped[:MOST])
    if tripped[MOST:]:
        yield f"⚡ and {len(tripped) - MOST} more: write `breakers`"


def _said(one: Tripped) -> str:
    where = f"*{escape(one.service, 80)}* in {escape(one.environment, 80)}"
    until = words.moment(one.circuit.until) if one.circuit.until else ""
    if one.circuit.position is Position.OPEN:
        return f"⚡ Circuit breaker *open* until {until}: on {where} runs keep failing, so all ask"
    return f"⚡ Circuit breaker *half-open* since {until}: on {where} a person allows one trial"


def _newest(one: Tripped) -> Sequence[Attempt]:
    return one.circuit.failed[-MOST:]


def _run(run: Attempt) -> str:
    back = f", came back {words.moment(run.failed_at)}" if run.failed_at else ""
    return (f"      ↳ {code(run.incident, 40)} {code(run.runbook, 80)} "
            f"{words.moment(run.at)}: {run.ended or 'under way'}{back}")  # fmt: skip
