"""A flapping service has one restart an hour that nobody is asked for, and not a second one."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene, one_alert

RULES = """
approvers: {low: {groups: [approvers]}, medium: {groups: [approvers]}, high: {groups: [approvers]}}
operators: {groups: [oncall]}
ask_when_critical: false
ask_from_risk: high
blast: {ask_above_percent: 100, min_left: 0, ask_below_instances: 1}
production:
  environments: [demo]
  preapproved: [{runbook: restart-dead-service, service: shop}]
flapping:
  times: 3
  within: 30m
  standard: [{runbook: restart-dead-service, service: shop}]
rates:
  - {per: service, limit: 1, within: 1h, services: [shop], environments: [demo]}
"""


async def test_it_flaps_three_times_and_is_restarted_once_an_hour_without_asking(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        furnish(tmp_path)
        await scene.start()
        for number, minute in enumerate((0, 5), 1):
            await fires(scene, minute)
            await opened(scene, number)
            await scene.reached(State.ALREADY_HEALTHY)
            await clears(scene, minute)
        await scene.town.crash("shop")
        await fires(scene, 10)
        healed = await scene.reached(State.HEALED)
        await clears(scene, 10)
        await scene.reached(State.RESOLVED)
        await scene.until(lambda: scene.card("flapping: 3 times in 30 min"))

        assert healed.planned is not None
        assert healed.planned.flapping == "flapping: 3 times in 30 min"
        assert "approval.asked" not in [entry.kind for entry in scene.entries()]

        await scene.town.crash("shop")
        await fires(scene, 15)
        refused = await scene.reached(State.ESCALATED)
        await scene.until(lambda: scene.card("1 of 1 in 1 h"))

        assert refused.closed is not None
        assert "used up: service shop in demo: 1 of 1 in 1 h; the next attempt is free at" in (
            refused.closed.says
        )
        assert [entry.kind for entry in scene.entries()].count("run.started") == 1


def furnish(directory: Path) -> None:
    """The policy of the house, and an owner who lets the restart run by itself."""
    runbooks = directory / "runbooks"
    (runbooks / "policy" / "rules.yaml").write_text(RULES)
    page = runbooks / "restart-dead-service.yaml"
    text = page.read_text()
    text = text.replace("unattended: false", "unattended: true").partition("tests:")[0]
    page.write_text(f"{text}tests: []\n")


async def fires(scene: Scene, minute: int) -> None:
    await scene.send(told("firing", minute))


async def opened(scene: Scene, number: int) -> None:
    """Wait until so many incidents were opened: the newest may be the one before."""
    await scene.until(lambda: len(scene.incidents()) == number)


async def clears(scene: Scene, minute: int) -> None:
    known = len(scene.entries())
    await scene.send(told("resolved", minute))
    await scene.until(lambda: "alert.joined" in [e.kind for e in scene.entries()[known:]])


def told(status: str, minute: int) -> dict[str, object]:
    began = f"2026-11-20T10:{minute:02}:00Z"
    return {**one_alert("ServiceDown", "shop", status), "startsAt": began}
