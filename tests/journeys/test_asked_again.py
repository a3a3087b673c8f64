"""What nobody decided in time is asked again by a colleague, and neither of them decides it."""

from __future__ import annotations

from pathlib import Path

from bot.core.approval import Ending
from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene

APPROVERS = ("ana", "andre", "olivia")


LONG, SHORT = "expires: 5m", "expires: 10s"


def shorten(directory: Path) -> None:
    """Let a question about a dead service be over soon."""
    replace(directory, LONG, SHORT)


def lengthen(directory: Path) -> None:
    """Let it be open as long as ever."""
    replace(directory, SHORT, LONG)


def replace(directory: Path, old: str, new: str) -> None:
    path = directory / "runbooks" / "restart-dead-service.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


async def expired(scene: Scene) -> str:
    """The card of a run that ana wanted and nobody decided on."""
    await scene.workspace.set_group("approvers", APPROVERS)
    await scene.start()
    await scene.ready()
    await scene.town.crash("shop")
    await scene.order("ana", "run restart-dead-service service=shop environment=demo")
    known = await scene.reached(State.EXPIRED)
    assert known.opened.wish is not None
    await scene.until(lambda: scene.card("ask_again"))
    return scene.card("ask_again")


async def test_what_expired_is_asked_again_approved_by_a_third_and_healed(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        shorten(tmp_path)
        before = len(scene.effects("start"))
        old = await expired(scene)

        assert "approve_recovery" not in scene.shown(old)

        await scene.stop()
        lengthen(tmp_path)
        await scene.start()
        await scene.ready()
        await scene.press("ask_again", "andre")
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")

        assert card != old
        for wisher in ("ana", "andre"):
            click = scene.workspace.click(wisher, "alerts", card, "approve_recovery")
            assert "asked for" in await scene.answer(wisher, click)
        assert len(scene.effects("start")) == before

        await scene.press("approve_recovery", "olivia")
        healed = await scene.reached(State.RESOLVED)

        assert healed.opened.again_for == scene.incidents()[0].id
        assert healed.decided is not None
        assert (healed.decided.ending, healed.decided.by) == (Ending.APPROVED, ("U0OLIVIA",))
        assert len(scene.effects("start")) - before == 1
