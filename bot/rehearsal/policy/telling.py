"""Telling a simulation: people in lines, programs as JSON; what was not read is told to both."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import chain, redaction, telling, visible
from bot.core.approval import Request
from bot.core.facts import Planned
from bot.core.policy import wording
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.values import Facts
from bot.rehearsal.policy.simulating import Simulated

ANSWERS = {
    Ruling.ALLOW: "allow: it would run, and nobody be asked",
    Ruling.ASK: "ask: it would run when people say yes",
    Ruling.DENY: "deny: nothing would run, whoever says yes",
}
NO_PLAN = "no plan: nothing would run, and a person be called"


def lines(one: Simulated, who: str = "") -> Iterator[str]:
    """Write one answer for people, line by line."""
    for line in _lines(one, who):
        inner = visible.line(line)
        yield f"{line[: len(line) - len(line.lstrip())]}{inner}"


def _lines(one: Simulated, who: str) -> Iterator[str]:
    place = " in ".join(word for word in (one.alert.service, one.alert.environment) if word)
    bad = f"{one.alert.severity}{f': {one.alert.rated}' if one.alert.rated else ''}"
    about = f"{one.alert.name} ({bad}){f' on {place}' if place else ''}"
    yield f"{about} at {wording.moment(one.at)}, by policy {one.policy_digest[:12]}"
    yield ANSWERS[one.ruling] if one.ruling is not None else f"{NO_PLAN}: {one.why_none}"
    if one.joins:
        yield f"{one.joins} is open and would take this alert: nothing new would be planned"
    if one.quiet:
        yield f"nobody would be told at first: {one.quiet}"
    if one.relapse_of:
        yield f"it would count as a relapse of {one.relapse_of}"
    yield f"Runbook: {one.chosen.runbook or 'none'}"
    yield from (f"  {reason}" for reason in one.chosen.because)
    yield from (f"  not {miss.runbook}: {miss.reason}" for miss in one.chosen.misses)
    if one.planned is not None:
        yield from _planned(one.planned)
    if one.ruling is Ruling.ASK:
        yield from _who(one.request, who)
    elif who and one.ruling is not None:
        yield f"Could {who} approve it: no, nobody is asked"
    if one.planned is not None:
        yield from _changes(one)
    if one.not_read:
        yield "Not read, so not known:"
        yield from (f"  {line}" for line in one.not_read)


def _planned(planned: Planned) -> Iterator[str]:
    if planned.plan is not None:
        yield "Plan:"
        for step in planned.plan.steps:
            given = telling.measured(redaction.of_facts(step.params)) if step.params else ""
            yield f"  {step.number}. {step.action}{f' {given}' if given else ''}"
            yield f"     {step.scope.blast_radius.line}; {step.reversibility}"
    if planned.risk is not None:
        yield f"Risk: {planned.risk.level}, {planned.risk.score} of 100"
        yield from (f"  {reason}" for reason in planned.risk.reasons)
    yield "Verdicts, the strictest first:"
    for one in _strict(planned):
        yield f"  {one.ruling.name.lower():<6}{one.rule}: {one.reason}"


def _strict(planned: Planned) -> list[Verdict]:
    return sorted(planned.verdicts, key=lambda verdict: -verdict.ruling)


def _who(request: Request | None, who: str) -> Iterator[str]:
    if request is None:
        return
    circle = request.everybody
    named = [*(f"members of {group}" for group in circle.groups), *circle.people,
             *(f"who is on call by {one}" for one in circle.schedules)]  # fmt: skip
    also = "".join(f" and somebody of {one.name}" for one in request.demands)
    needed = f"{wording.count(request.quorum, 'yes')}{also}"
    yield f"Who could approve: {', '.join(named)}; {needed} needed"
    if request.excluded:
        yield f"  not {', '.join(request.excluded)}, who asked for it"
    if who:
        yield f"Could {who} approve it: {could(request, who)}"


def could(request: Request, who: str) -> str:
    """Whether policy alone says that somebody may, and what only Slack knows."""
    if who in request.excluded:
        return "no, they asked for it themselves"
    circle = request.everybody
    if who in circle.people:
        return "yes, policy names them"
    if circle.schedules:
        words = " or ".join((*circle.groups, *circle.schedules))
        return f"only the click tells: if they are in, or on call by, {words} then, yes; else no"
    if circle.groups:
        groups = " or ".join(circle.groups)
        return f"only Slack knows: if they are in {groups} at the click, yes; else no"
    return "no, policy names others"


def _changes(one: Simulated) -> Iterator[str]:
    if one.changes is None:
        yield "No later time alone would change that."
        return
    why = "; ".join(f"{each.rule}: {each.reason}" for each in one.changes.verdicts)
    yield f"From {wording.moment(one.changes.at)} on: {one.changes.ruling.name.lower()} ({why})"


def as_json(one: Simulated, who: str = "") -> Facts:
    """Say the same to programs; `ruling` is allow, ask, deny or none."""
    request, changes, planned = one.request, one.changes, one.planned
    told: Facts = {
        "alert": one.alert.name,
        "service": one.alert.service,
        "environment": one.alert.environment,
        "at": chain.stamp(one.at),
        "policyDigest": one.policy_digest,
        "ruling": one.ruling.name.lower() if one.ruling is not None else "none",
        "why": one.why_none,
        "joins": one.joins,
        "relapseOf": one.relapse_of,
        "runbook": one.chosen.runbook,
        "because": list(one.chosen.because),
        "misses": [miss.model_dump() for miss in one.chosen.misses],
        "plan": planned.plan.model_dump(mode="json") if planned and planned.plan else None,
        "risk": planned.risk.model_dump(mode="json") if planned and planned.risk else None,
        "verdicts": [
            {"rule": each.rule, "ruling": each.ruling.name.lower(), "reason": each.reason}
            for each in (_strict(planned) if planned else ())
        ],
        "approvers": request.model_dump(mode="json") if request else None,
        "couldApprove": could(request, who) if request and who else "",
        "changes": {
            "at": chain.stamp(changes.at),
            "ruling": changes.ruling.name.lower(),
            "rules": [each.rule for each in changes.verdicts],
        }
        if changes
        else None,
        "notRead": list(one.not_read),
    }
    return redaction.of_facts(told)
