"""Showing a plan that is not carried out: for a person's dry run, or in a runbook's first stage."""

from __future__ import annotations

from bot.core.facts import Planned, Shown
from bot.core.lifecycle import Event
from bot.core.policy import stage
from bot.core.policy.verdict import Ruling
from bot.engine import escalating
from bot.engine.recording import Story


async def ends(story: Story, planned: Planned) -> bool:
    """Tell whether this plan was made to be shown; then it ends here, and nobody is called."""
    if story.opened.wish and story.opened.wish.dry_run:
        await escalating.close(story, Event.ONLY_SHOWN, "dry run: nothing was executed")
        return True
    if planned.overrides or not stage.only_shows(planned.verdicts):
        return False
    shown = await story.say(f"shown:{planned.round}", _shown(story, planned), hold=True)
    says = f"only shown, in stage dry_run: nothing was executed; policy {shown.says}"
    await escalating.close(story, Event.ONLY_SHOWN, says)
    return True


def _shown(story: Story, planned: Planned) -> Shown:
    """How it would have been decided without its stage, and whom that would have called."""
    plan, world = planned.plan, story.world
    if plan is None:
        raise ValueError("there is no plan to show")
    would = stage.without(planned.verdicts)
    risk = planned.risk if would is Ruling.ASK else None
    rulebook = world.library().rulebook
    panel = rulebook.approvers.of(risk.level) if risk else None
    return Shown(
        round=planned.round,
        digest=planned.digest,
        runbook=plan.runbook,
        service=plan.service,
        environment=plan.environment,
        would=would,
        whom=rulebook.circle(panel).words if panel else (),
        reasons=tuple(
            one.reason for one in planned.verdicts
            if one.rule != stage.RULE and one.ruling is would and would is not Ruling.ALLOW
        ),
    )  # fmt: skip
