"""What people write after `/heal` and `@heal`, from the first word to the service that is well."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene

RESTART = "restart-dead-service service=shop environment=demo"


async def test_what_is_asked_for_by_command_is_shown_then_approved_by_somebody_else(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")

        assert "dry-run" in await scene.order("sam", "help")
        assert "raise-connection-pool" in await scene.order("sam", "list")
        assert "All calm" in await scene.order("sam", "status")
        assert "Only @oncall, @approvers may do that" in await scene.order("sam", f"run {RESTART}")

        await scene.order("olivia", f"dry-run {RESTART}")
        await scene.reached(State.DRY_RUN)

        assert (await scene.town.health("shop"), scene.effects("ask")) == (0, [])

        await scene.order("olivia", f"run {RESTART}")
        asked = await scene.reached(State.AWAITING_APPROVAL)
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")
        own = scene.workspace.click("olivia", "alerts", card, "approve_recovery")

        assert "somebody else must approve it" in await scene.answer("olivia", own)
        assert "somebody else must approve it" in await scene.order("olivia", f"approve {asked.id}")

        assert "Approved" in await scene.order("andre", f"approve {asked.id}")
        healed = await scene.reached(State.RESOLVED)

        assert (healed.id, await scene.town.health("shop")) == (asked.id, 200)
        assert "already executed" in await scene.order("andre", f"approve {asked.id}")
        assert "Nothing in" in await scene.order("andre", f"undo {asked.id}")
        assert asked.id in await scene.order("sam", "history 1")


async def test_a_change_is_taken_back_from_its_own_thread_without_naming_it(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.ready()
        card, healed = await raised(scene)
        said = await scene.mention("olivia", "undo", card)
        await scene.reached(State.AWAITING_APPROVAL)

        assert f"Take back {healed.replace('inc', 'run')}" in said
        assert "somebody else" in await scene.mention("olivia", "approve", card)
        assert "asked already" in await scene.order("ana", f"undo {healed}")
        assert "Approved" in await scene.mention("andre", "approve", card)

        await scene.reached(State.RESOLVED)

        assert scene.effects("put") == [{"size": 50}, {"size": 20}]
        assert "asked already" in await scene.mention("olivia", "undo", card)


async def test_the_stop_closes_open_questions_and_survives_a_restart(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")

        assert "Stopped" in await scene.order("olivia", "stop the network is being moved")
        await scene.until(lambda: "approve_recovery" not in scene.shown(card))
        assert "All healing was halted by <@U0OLIVIA>" in scene.shown(card)

        await scene.stop()
        await scene.start()
        await scene.ready()

        assert "All healing is halted" in await scene.order("ana", "status")
        await scene.order("olivia", f"run {RESTART}")
        refused = await scene.reached(State.ESCALATED)
        assert refused.escalated is not None
        assert refused.escalated.to == "U0OLIVIA"
        assert "Only @approvers may" in await scene.order("olivia", "resume it is done")
        assert "Heal works again" in await scene.order("ana", "resume it is done")

        await scene.order("olivia", f"run {RESTART}")
        asked = await scene.reached(State.AWAITING_APPROVAL)
        assert "Cancelled" in await scene.order("olivia", f"cancel {asked.id} by hand then")
        await scene.order("olivia", f"run {RESTART}")
        again = await scene.reached(State.AWAITING_APPROVAL)
        assert "Rejected" in await scene.order("ana", f"reject {again.id} the disk goes")
        closed = await scene.reached(State.REJECTED)

        assert closed.decided is not None
        assert closed.decided.why == "the disk goes"
        assert scene.effects("ask") == []


async def test_a_freeze_by_an_order_is_shown_refuses_and_is_lifted(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.ready()

        await scene.town.crash("shop")
        assert "say why" in await scene.order("olivia", "freeze shop 2h")
        assert "Only @" in await scene.order("sam", "freeze shop 2h release")
        assert "Frozen: shop until" in await scene.order("olivia", 'freeze shop 2h "release"')
        status = await scene.order("ana", "status")
        assert "*shop* is frozen until <!date^" in status
        assert "by <@U0OLIVIA>: Release." in status

        await scene.order("olivia", f"run {RESTART}")
        refused = await scene.reached(State.ESCALATED)
        assert refused.escalated is not None
        assert "U0OLIVIA froze shop until" in refused.escalated.why

        assert "Lifted: shop until" in await scene.order("olivia", "unfreeze shop")
        assert "is frozen until" not in await scene.order("ana", "status")


async def raised(scene: Scene) -> tuple[str, str]:
    """Have a larger pool approved and verified; the card's ts and the incident."""
    await scene.town.break_("shop", "pool")
    await scene.alert("ServiceDegraded", "shop", severity="warning")
    await scene.press("approve_recovery")
    healed = await scene.reached(State.HEALED)
    await scene.until(lambda: scene.card("undo_run"))
    return scene.card("undo_run"), healed.id
