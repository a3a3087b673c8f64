"""The transcript of one incident as a Markdown document: what an auditor reads without Slack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bot.core import chain, facts, visible
from bot.core.facts import Reading
from bot.core.incident import Incident
from bot.core.plan import Plan, Reversibility
from bot.core.policy.verdict import Ruling
from bot.core.telling import record
from bot.core.telling.markdown import cell, table
from bot.core.telling.phrases import measured, reading, span
from bot.core.telling.sentences import sentence
from bot.core.transcript import Entry


def transcript(incident: Incident, entries: Sequence[Entry], left_out: int = 0) -> str:
    """
    Write everything that is known: header, timeline, plan, votes, readings, hash.

    So many alerts that joined are `left_out` of its entries; the ledger has them.
    """
    parts = (
        [f"# {cell(incident.id)}: {cell(incident.opened.title)}", ""],
        table(("What", "Value"), _header(incident)),
        ["", "## Timeline", ""],
        table(("UTC", "Entry", "Who", "What"), _timeline(entries)),
        _between(incident, left_out),
        _planned(incident),
        _votes(incident),
        _readings(incident),
        _signal(incident),
        _chained(entries, left_out),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _header(incident: Incident) -> Iterator[tuple[str, str]]:
    yield "State", incident.state
    yield "Service", incident.service or "not named"
    yield "Environment", incident.environment or "not named"
    if glass := incident.opened.glass:
        yield "BREAK-GLASS", f"{glass.by} asked to override the no in {glass.of}: {glass.why}"
    rated = incident.opened.alert.rated if incident.opened.alert else ""
    yield "Severity", f"{incident.severity}{f' ({rated})' if rated else ''}"
    more = "more than " if incident.rest.names else ""
    yield "Alerts", f"{incident.seen} ({more}{len(incident.alerts)} different)"
    yield "Opened", chain.stamp(incident.opened_at)
    if incident.closed_at:
        yield "Ended", chain.stamp(incident.closed_at)
        seconds = (incident.closed_at - incident.opened_at).total_seconds()
        yield "Lasted", f"{seconds:.0f} s"
    yield "Run", incident.run if incident.ran else "nothing was executed"
    if incident.plan and incident.planned:
        yield "Runbook", incident.plan.runbook
        yield "Plan hash", incident.planned.digest
        yield "Runbook hash", incident.plan.runbook_digest
        yield "Policy hash", incident.plan.policy_digest
    if incident.decided:
        by = ", ".join(incident.decided.by) or "nobody"
        yield "Decision", f"{incident.decided.ending} by {by}"


def _timeline(entries: Sequence[Entry]) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        said = sentence(facts.read(entry.body))
        yield chain.stamp(entry.at), str(entry.seq), entry.actor, said


def _between(incident: Incident, left_out: int) -> Iterator[str]:
    if left_out:
        said = f"{left_out} more alerts joined meanwhile, which are left out here:"
        yield from ("", f"{said} `heal audit show {incident.id}` tells of each.")


def _planned(incident: Incident) -> Iterator[str]:
    plan, planned = incident.plan, incident.planned
    if plan is None or planned is None:
        return
    yield from ("", f"## Plan: {cell(plan.title)}", "")
    yield from table(("What", "Value"), _terms(plan))
    yield from ("", "### Steps", "")
    names = ("Step", "Action", "Parameters", "Would touch", "State before", "Way back")
    yield from table(names, _steps(plan))
    if planned.risk:
        yield from ("", f"Risk: {planned.risk.level} ({planned.risk.score})", "")
        yield from (f"- {cell(reason)}" for reason in planned.risk.reasons)
    yield from ("", "### Policy", "")
    rows = ((Ruling(v.ruling).name.lower(), v.rule, v.reason) for v in planned.verdicts)
    yield from table(("Ruling", "Rule", "Reason"), rows)


def _terms(plan: Plan) -> Iterator[tuple[str, str]]:
    criteria = plan.criteria
    yield "Why it matched", "; ".join(plan.because) or "asked for by a person"
    yield "Healed when", criteria.success
    yield "Proof", f"held {span(criteria.hold)} within {span(criteria.within)}"
    for step in plan.steps:
        if (then := step.then) is not None:
            terms = f"held {span(then.hold)} within {span(then.within)}, or everything goes back"
            yield f"After step {step.number}", f"{then.success}, {terms}"
    yield "Counts as not fixed", f"when it fires again within {span(criteria.relapse)}"
    yield "Confidence", f"{plan.confidence:.0%}"
    yield "Cost", plan.cost or "none named"
    if plan.way_back.after is not None:
        yield "Goes back after", span(plan.way_back.after)
    if plan.way_back.on_recovery:
        yield "Goes back when", plan.way_back.on_recovery


def _steps(plan: Plan) -> Iterator[tuple[str, ...]]:
    for step in plan.steps:
        undo = step.scope.undo_says or "nothing to put back"
        reversible = step.reversibility is Reversibility.REVERSIBLE
        back = undo if reversible else str(step.reversibility)
        what = f"{step.action}{' (its undo)' if step.back else ''}: {step.scope.says}"
        radius = step.scope.blast_radius.line
        before = measured(step.scope.pre_state)
        yield str(step.number), what, measured(step.params), radius, before, back


def _votes(incident: Incident) -> Iterator[str]:
    told = [t for t in incident.story if isinstance(t.fact, facts.Voted | facts.Barred)]
    if told:
        yield from ("", "## Votes", "")
        rows = ((chain.stamp(t.at), t.actor, sentence(t.fact)) for t in told)
        yield from table(("UTC", "Who", "What"), rows)


def _readings(incident: Incident) -> Iterator[str]:
    for title, held in (
        ("Evidence before", incident.evidence),
        *((f"Proof after step {one.number}", one) for one in incident.proofs),
        ("Proof after", incident.verified),
        ("Proof of the way back", incident.back_verified),
    ):
        if held and held.readings:
            yield from ("", f"## {title}", "")
            yield from (line for one in held.readings for line in _reading(one))


def _reading(one: Reading) -> Iterator[str]:
    """One line; a text of several, such as a disk's report, stands below it as it is."""
    texts = {name: value for name, value in one.seen.items()
             if isinstance(value, str) and "\n" in value.strip()}  # fmt: skip
    seen = {name: value for name, value in one.seen.items() if name not in texts}
    yield f"- {cell(reading(one.model_copy(update={'seen': seen})))}"
    for name, text in texts.items():
        yield from ("", f"  {cell(name)}:", "")
        yield from (f"      {visible.line(line)}" for line in text.splitlines())
        yield ""


def _signal(incident: Incident) -> Iterator[str]:
    signal = record.signal(incident)
    if signal:
        yield from ("", "## Recovery signal", "", "```json", json.dumps(signal), "```")


def _chained(entries: Sequence[Entry], left_out: int) -> Iterator[str]:
    yield from ("", "## Place in the ledger", "")
    if not entries:
        yield "No entries."
        return
    last = entries[-1]
    count = len(entries) + left_out
    yield f"Entries of this incident: {count}. The last one is entry {last.seq}, its hash:"
    yield from ("", f"    {last.hash}", "")
    yield "To verify that nothing before it was changed: `heal audit verify`. It recomputes every"
    yield f"hash of the ledger; entry {last.seq} must have the hash above."
    yield from ("", "```json", json.dumps({"seq": last.seq, "hash": last.hash}), "```")
