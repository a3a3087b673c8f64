"""Whether it helped, from the record: what was verified, by which readings, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.core import facts, telling
from bot.core.incident import Incident
from bot.core.telling import carried
from bot.slack.cards import parts, words
from bot.slack.cards.escaping import escape
from bot.slack.cards.message import Block


def blocks(incident: Incident, done: Iterable[str]) -> list[Block]:
    """What was done and the proof; after success what changed, by the readings side by side."""
    passed = incident.verified is not None and incident.verified.passed
    rows = carried.changed(incident) if passed else []
    lines = [*done, *[*proof(incident)][: 1 if rows else None]]
    table = [parts.table(("Reading", "Before", "After"), rows)] if rows else []
    return [*parts.sections("", lines, 5000), *table]


def proof(incident: Incident) -> Iterator[str]:
    """Whether success was verified, with the last readings."""
    failed = next((one for one in incident.proofs if not (one.passed or one.stopped)), None)
    if told := incident.verified or failed:
        after = f" after step {failed.number}" if failed else ""
        word = "✅ *Verified*" if told.passed else f"❌ *Not verified{after}*"
        yield f"{word}: {_looked(told)}"
        yield from words.few((words.reading(one, 200) for one in told.readings), 6)


def cost(incident: Incident) -> Iterator[str]:
    """What was done adds to the bill as long as it stands."""
    plan, verified = incident.plan, incident.verified
    stands = not (incident.rolled_back or incident.taken_back)
    if plan and verified and verified.passed and stands and plan.cost not in {"", "none"}:
        yield f"*Cost* {escape(plan.cost, 300)}"


def between(incident: Incident, number: int) -> Iterator[str]:
    """What was seen after a step let the next one begin; how it did not is told as the proof."""
    for one in incident.proofs:
        if one.number == number and one.passed:
            yield f"      ↳ {_looked(one)}"


def _looked(proof: facts.Proof) -> str:
    count = "1 check" if proof.checks == 1 else f"{proof.checks} checks"
    return f"{escape(proof.why)} ({count} in {telling.span(proof.seconds)})"
