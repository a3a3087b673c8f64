"""What would be done, exactly: everything a person needs to decide and nothing an alert wrote."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import redaction, telling
from bot.core.facts import StepEnding
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.plan import Criteria, Plan, PlannedStep, Reversibility
from bot.core.policy import stage
from bot.core.policy.verdict import Ruling, Verdict, strictest
from bot.core.telling import planned as told
from bot.slack.cards import message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block

SAYS, GIVEN, RADIUS, PROOF = 320, 240, 300, 400
ENDED = {
    StepEnding.DONE: "✅",
    StepEnding.FOUND_DONE: "✅",
    StepEnding.FAILED: "❌",
    StepEnding.SKIPPED: "⏩",
    StepEnding.UNKNOWN: "❓",
}
RULINGS = {Ruling.ALLOW: "✅ allows it", Ruling.ASK: "🔔 asks", Ruling.DENY: "⛔ denies it"}
SELF_RESTORING = "there is nothing to put back: what is restarted or refilled comes back by itself"


def actions(incident: Incident, plan: Plan) -> Iterator[Block]:
    """The numbered steps with parameters and what each could break; later, how each one ended."""
    title = _title(incident)
    yield from parts.sections(title, (line for s in plan.steps for line in _step(incident, s)))
    if not all(_whole(step) for step in plan.steps):
        yield parts.section(f"{message.NOT_WHOLE} Open Details, or the plan's file in the thread, "
                            "before you decide.")  # fmt: skip


def _whole(step: PlannedStep) -> bool:
    """Tell whether every word of a step, and of what it could break, fits on the card."""
    says, radius = step.scope.says, step.scope.blast_radius.line
    given, success = _given(step), step.then.success if step.then else ""
    return (
        code(says, SAYS) == code(says, 9999)
        and code(given, GIVEN) == code(given, 9999)
        and code(success, PROOF) == code(success, 9999)
        and escape(radius, RADIUS) == escape(radius, 9999)
    )


def _given(step: PlannedStep) -> str:
    """The action with its parameters, as the runbook calls it."""
    undo = "undo of " if step.back else ""
    given = telling.measured(redaction.of_facts(step.params)) if step.params else ""
    return f"{undo}{step.action}{f' {given}' if given else ''}"


def _title(incident: Incident) -> str:
    if not incident.ran:
        return "What would have been done" if incident.over else "Planned actions"
    if incident.state is State.RUNNING:
        return "What is being done"
    back = incident.rolled_back
    if back and back.clean and any(one.ending is not StepEnding.SKIPPED for one in incident.undone):
        return "What was done, then taken back"
    clean = all(one.ending in {StepEnding.DONE, StepEnding.FOUND_DONE} for one in incident.steps)
    return "What was done" if clean else "What was tried"


def _step(incident: Incident, step: PlannedStep) -> Iterator[str]:
    ended = {one.number: one for one in incident.steps}.get(step.number)
    sign = f"{ENDED[ended.ending]} " if ended else ""
    yield f"{step.number}. {sign}{told.mark(incident)}{code(step.scope.says, SAYS)}"
    if ended is None:
        yield f"      ↳ {code(_given(step), GIVEN)}"
        yield f"      ↳ {escape(step.scope.blast_radius.line, RADIUS)}"
        if step.then is not None:
            yield f"      ↳ then {then(step.then)}"


def terms(plan: Plan) -> Block:
    """Targets, cost, proof and way back, side by side."""
    return parts.fields(
        f"*{_count(len(plan.targets), 'target')}*\n"
        f"{code(', '.join(target.name for target in plan.targets), 500)}",
        f"*Cost*\n{escape(plan.cost, 250) if plan.cost else 'none is named'}",
        f"*Healed when*\n{proof(plan.criteria)}",
        f"*Rollback*\n{rollback(plan)}",
    )


def proof(criteria: Criteria) -> str:
    """The success criteria in words: what, for how long, by when."""
    what = code(criteria.success, PROOF) if criteria.probes else escape(criteria.success, PROOF)
    held = f"for {telling.span(criteria.hold)}, " if criteria.hold else ""
    return f"{what}\n{held}within {telling.span(criteria.within)}"


def then(criteria: Criteria) -> str:
    """What must hold before the next step begins, on one line."""
    return f"{proof(criteria).replace(chr(10), ' ')}, or everything goes back"


def rollback(plan: Plan) -> str:
    """Which way back there is, honestly: one line for each kind of step."""
    return "\n".join(dict.fromkeys((*_rollback(plan), *_way_back(plan))))


def _rollback(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        if step.back:
            yield "⚠️ none: this is itself the way back"
            return
        if step.reversibility is Reversibility.REVERSIBLE:
            undo = step.scope.undo_says
            yield f"✅ available: {code(undo, 250) if undo else 'the state before is kept'}"
    kinds = {step.reversibility for step in plan.steps}
    if Reversibility.SELF_RESTORING in kinds:
        which = "⚠️ none" if len(kinds) == 1 else "⚠️ for the other steps none"
        yield f"{which}: {SELF_RESTORING}"
    if Reversibility.IRREVERSIBLE in kinds:
        gone = [str(s.number) for s in plan.steps if s.reversibility is Reversibility.IRREVERSIBLE]
        yield f"🔴 *irreversible*: step {', '.join(gone)} cannot be taken back"


def _way_back(plan: Plan) -> Iterator[str]:
    if plan.way_back.after is not None:
        yield f"goes back by itself after {telling.span(plan.way_back.after)}, unless kept"
    if plan.way_back.on_recovery:
        yield f"goes back when {code(plan.way_back.on_recovery, 200)}"


def reasons(incident: Incident, plan: Plan) -> Iterator[Block]:
    """How risky it is, what policy says of it, and why this runbook."""
    planned = incident.planned
    lines: list[str] = []
    if planned and planned.risk:
        risk = planned.risk
        lines.append(f"*Risk* {words.RISK[risk.level]} ({risk.score} of 100)")
        lines += words.few((f"• {escape(reason, 250)}" for reason in risk.reasons), 8)
    given = planned.verdicts if planned else ()
    yield from parts.sections("", [*lines, *(verdicts(given) if given else ())], most=4200)
    if named := calm(given):
        yield parts.besides("calm", parts.context(named))
    by = incident.opened.wish.by if incident.opened.wish else ""
    because = words.few((f"• {words.reason(reason, by, 200)}" for reason in plan.because), 6)
    for number, block in enumerate(parts.sections("Why this runbook", because, most=1400)):
        yield parts.besides(f"because_{number}", block)


def verdicts(given: tuple[Verdict, ...]) -> Iterator[str]:
    """The rules that ask or deny, in full, the strictest first."""
    strict = [verdict for verdict in given if verdict.ruling is not Ruling.ALLOW]
    strict.sort(key=lambda verdict: -verdict.ruling)
    yield f"*Policy* {_counted(given)}"
    for verdict in strict:
        word = "denies" if verdict.ruling is Ruling.DENY else "asks"
        reason = words.halting(escape(verdict.reason, 300))
        yield f"• {escape(verdict.rule, 60)} {word}: {reason}"


def calm(given: tuple[Verdict, ...]) -> str:
    """The rules that allow it, by name."""
    those = [verdict.rule for verdict in given if verdict.ruling is Ruling.ALLOW]
    if not those:
        return ""
    names = ", ".join(those[:12]) + (", …" if len(those) > 12 else "")
    return f"• {_count(len(those), 'rule')} allow: {escape(names, 400)}"


def _counted(given: tuple[Verdict, ...]) -> str:
    if stage.only_shows(given):
        return f"👀 only shows it; without its stage it {RULINGS[stage.without(given)]}"
    return RULINGS[strictest(given)]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
