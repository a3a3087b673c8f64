"""The two dialogs: why somebody says no, and everything that is known of a plan."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import telling
from bot.core.incident import Incident
from bot.core.plan import Plan, PlannedStep
from bot.slack.cards import looks, parts, planned, words
from bot.slack.cards.asking import DETAILS, REJECT
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block

MOST_BLOCKS = 100
ORDER = "heal_order"
STOP, RESUME = "home_stop", "home_resume"
WHY = "why"
"""Block and action id of the reason in the view's state."""


def reject(incident: Incident, round_: int) -> Block:
    """Ask why; the answer stands in `state.values["why"]["why"]["value"]`."""
    why = _reason("What speaks against it")
    return {
        "type": "modal", "callback_id": REJECT, "private_metadata": f"{incident.id}.{round_}",
        "title": parts.plain("Reject this plan", 24), "submit": parts.plain("Reject", 24),
        "close": parts.plain("Back", 24),
        "blocks": [
            parts.quoted(looks.title(incident)),
            {"type": "input", "block_id": WHY, "label": parts.plain("Why not"), "element": why,
             "hint": parts.plain("It is shown on the card. Nothing will be executed.")},
        ],
    }  # fmt: skip


def order(which: str) -> Block:
    """Ask why all healing shall halt, or go on; who may say so is asked when it is sent."""
    stops = which == STOP
    title = "Stop all healing" if stops else "Let healing go on"
    then = ("Nothing begins any more, runs end at the next safe point, and open questions are "
            "closed without a run." if stops
            else "Alerts are healed again, as policy says.")  # fmt: skip
    return {
        "type": "modal", "callback_id": ORDER, "private_metadata": which,
        "title": parts.plain(title, 24), "submit": parts.plain("Stop" if stops else "Go on", 24),
        "close": parts.plain("Back", 24),
        "blocks": [
            parts.section(then),
            {"type": "input", "block_id": WHY, "label": parts.plain("Why"),
             "element": _reason("What everybody should know"),
             "hint": parts.plain("It is told to all and kept with the record.")},
        ],
    }  # fmt: skip


def _reason(hint: str) -> Block:
    return {"type": "plain_text_input", "action_id": WHY, "multiline": True, "min_length": 3,
            "max_length": 3000, "placeholder": parts.plain(hint, 150)}  # fmt: skip


def details(incident: Incident) -> Block:
    """Everything behind the card, as far as Slack can show it."""
    blocks = list(_details(incident))
    if len(blocks) > MOST_BLOCKS:
        left = len(blocks) - MOST_BLOCKS + 1
        blocks = [*blocks[: MOST_BLOCKS - 1],
                  parts.context(f"… and {left} more parts: the transcript has it all")]  # fmt: skip
    return {"type": "modal", "callback_id": DETAILS, "title": parts.plain("Details", 24),
            "close": parts.plain("Close", 24), "blocks": [*blocks]}  # fmt: skip


def _details(incident: Incident) -> Iterator[Block]:
    yield parts.header(looks.headline(incident))
    json = "The plan as JSON is in the thread." if incident.plan else ""
    yield parts.context(code(incident.id, 40), code(incident.run, 40), json)
    plan, given = incident.plan, incident.planned
    if plan and given:
        for step in plan.steps:
            yield from _step(step)
        yield from _terms(plan)
        ruled = [*planned.verdicts(given.verdicts), *filter(None, [planned.calm(given.verdicts)])]
        yield from parts.sections("", ruled if given.verdicts else ["No rule was asked."], 12_000)
        if given.risk:
            scored = f"{words.RISK[given.risk.level]} risk, {given.risk.score} of 100"
            reasons = [f"• {escape(reason, 400)}" for reason in given.risk.reasons]
            yield from parts.sections(scored, reasons, 8000)
        yield parts.context(f"plan {code(given.digest, 80)}",
                            f"runbook {code(plan.runbook_digest, 80)}",
                            f"policy {code(plan.policy_digest, 80)}")  # fmt: skip
    yield from _found(incident)


def _step(step: PlannedStep) -> Iterator[Block]:
    yield parts.section(f"*Step {step.number}* {code(step.scope.says, 2500)}")
    radius = escape(step.scope.blast_radius.line, 1500)
    yield parts.context(code(step.action, 100), str(step.reversibility), radius)
    yield parts.preformatted(
        f"parameters: {telling.measured(step.params)}",
        f"state before: {telling.measured(step.scope.pre_state)}",
        f"undo: {step.scope.undo_says or 'nothing to put back'}",
        f"targets: {', '.join(target.key for target in step.scope.blast_radius.targets)}",
        f"after a crash: {step.on_uncertain}",
        f"time limit: {telling.span(step.timeout)}",
    )
    if step.then is not None:
        yield parts.section(f"*Then* {planned.then(step.then)}")
    seen = step.scope.blast_radius.seen
    if seen:
        yield parts.context("what stands around it, as it was read for this plan")
        yield parts.preformatted(*(f"{name}: {told}" for name, told in seen.items()))


def _terms(plan: Plan) -> Iterator[Block]:
    yield parts.section(f"*Healed when* {planned.proof(plan.criteria)}")
    relapse = telling.span(plan.criteria.relapse)
    yield parts.context(f"checked every {telling.span(plan.criteria.every)}",
                        f"firing again within {relapse} counts as not fixed")  # fmt: skip
    yield parts.preformatted(f"runbook parameters: {telling.measured(plan.params)}")


def _found(incident: Incident) -> Iterator[Block]:
    if incident.evidence and incident.evidence.readings:
        lines = [words.reading(one, 1000) for one in incident.evidence.readings]
        yield from parts.sections("Evidence", lines, 12_000)
    chosen = incident.chosen
    if chosen:
        fits = [f"• {escape(reason, 300)}" for reason in chosen.because]
        title = f"Why {escape(chosen.runbook, 80)} fits" if chosen.runbook else "No runbook fits"
        yield from parts.sections(title, fits, 6000)
        misses = [f"• {escape(m.runbook, 80)}: {escape(m.reason, 300)}" for m in chosen.misses]
        if misses:
            yield from parts.sections("Considered and not taken", misses, 12_000)
