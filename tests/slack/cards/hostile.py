"""Stories in which every text was written by an attacker, and a run that is far too large."""

from __future__ import annotations

from enum import Enum
from typing import Any

from pydantic import BaseModel

from bot.core import facts
from bot.core.alert import Alert
from bot.core.approval import Ending
from bot.core.facts.fact import Fact
from bot.core.lifecycle import Event
from bot.core.plan import Plan, Reversibility
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.risk import Level, Risk
from tests import builders
from tests.builders import Told
from tests.slack.cards import pieces, stories
from tests.slack.cards.pieces import Story

FRAGMENTS = (
    "<!channel>", "<!here>", "<@U0EVE>", "<!subteam^S0APPROVERS>", "<https://evil.example|runbook>",
    "&lt;!here&gt;", "```", "`", "*", "_", "~", "|", ">", "> ", ":tada:", "\n", "\r\n", "\x00",
    "\u202e", "\u200b", "\u2066", "e" + "\u0301" * 60, "✅ Approved by", "1 target",
    "<!date^1^{date}|now>", "https://evil.example", "$(reboot)", "'", '"', "\\", "|---|",
)  # fmt: skip
KEPT = frozenset({"kind"})


def poisoned(story: Story, text: str) -> Story:
    """Put `text` wherever a story holds a text; its repetitions are left out to be quick."""
    quick = [one for one in story if not isinstance(one, facts.Joined)]
    return tuple(_told(one, text or "x") for one in quick)


def _told(one: Fact | Told, text: str) -> Fact | Told:
    if isinstance(one, Told):
        return one._replace(fact=_value(one.fact, text), actor=text)
    return _value(one, text)  # type: ignore[no-any-return]


def _value(value: Any, text: str) -> Any:
    match value:
        case Alert():
            return value.model_copy(update={
                "name": text[:200], "source": text[:100], "link": f"https://evil.example/{text}",
                "labels": dict.fromkeys(value.labels, text),
                "annotations": {"summary": text}})  # fmt: skip
        case BaseModel():
            fields = {name: _value(held, text) for name, held in value if name not in KEPT}
            return value.model_copy(update=fields)
        case tuple():
            return tuple(_value(one, text) for one in value)
        case dict():
            return {key: _value(one, text) for key, one in value.items()}
        case str() if value and not isinstance(value, Enum):
            return text
    return value


def enormous(sign: str = "&") -> Plan:
    """Ten steps whose every word is as long as it can be."""
    words = sign * 3000
    step = builders.a_step(
        1, reversibility=Reversibility.REVERSIBLE, params={"name": words},
        scope=builders.a_scope(words, undo_says=words, pre_state={"state": words}),
    )  # fmt: skip
    radius = step.scope.blast_radius
    target = radius.targets[0].model_copy(update={"name": words})
    scope = step.scope.model_copy(
        update={"blast_radius": radius.model_copy(update={"targets": (target,) * 5})}
    )
    steps = tuple(step.model_copy(update={"number": n, "scope": scope}) for n in range(1, 11))
    return builders.a_plan(title=words, steps=steps, because=(words,) * 10, cost=words)


def enormous_story(sign: str = "&") -> Story:
    """300 alerts, 40 verdicts, reasons of 3,000 characters, and every step of it failed."""
    words = sign * 3000
    plan = enormous(sign)
    rulings = (Ruling.ASK, Ruling.ALLOW, Ruling.DENY, Ruling.ASK)
    verdicts = tuple(
        Verdict(ruling=rulings[n % 4], rule=f"rule {n} {words}", reason=words) for n in range(40)
    )
    risk = Risk(level=Level.HIGH, score=100, reasons=(words,) * 20)
    reading = facts.Reading(name=words, probe="http.get", seen={"body": words})
    misses = tuple(facts.Miss(runbook=f"r{n}", reason=words) for n in range(60))
    planned = facts.Planned(
        round=1, plan=plan, digest=plan.digest, risk=risk, ruling=Ruling.ASK, verdicts=verdicts,
        moved=(words,) * 20,
    )  # fmt: skip
    return (
        *stories.STORIES["looking"](),
        facts.Chosen(runbook="restart-service", because=(words,) * 20, misses=misses),
        facts.Diagnosed(readings=(reading,) * 30),
        planned,
        pieces.asked(plan),
    )


def enormous_end(sign: str = "&") -> Story:
    """The same, run and failed in every step."""
    words = sign * 3000
    reading = facts.Reading(name=words, probe="http.get", error=words)
    steps = [
        pieces.done(n, words, ending=facts.StepEnding.FAILED, back=back)
        for back in (False, True) for n in range(1, 11)
    ]  # fmt: skip
    proof = facts.Verified(passed=False, why=words, checks=9, held=0, seconds=9,
                           readings=(reading,) * 30, back=True)  # fmt: skip
    return (
        *enormous_story(sign),
        pieces.decided(Ending.APPROVED, pieces.ANA, why=words),
        facts.Rebuilt(round=1, digest="c" * 64),
        pieces.started(),
        *steps[:10],
        facts.Acted(failed=words),
        *steps[10:],
        proof,
        facts.RolledBack(clean=False, says=words),
        facts.Escalated(to=words, why=words, say=words),
        pieces.closed(Event.GAVE_UP, words),
    )
