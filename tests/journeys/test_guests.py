"""A guest of the workspace decides nothing and asks for nothing, in whatever group they stand."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene

RESTART = "restart-dead-service service=shop environment=demo"
WORDS = (
    f'run {RESTART} "it hangs"', f"dry-run {RESTART}", "approve {id}", "reject {id} no reason",
    "cancel {id} by hand", "break-glass {id} customers cannot pay", "undo {id}", "keep {id}",
    "retry {id}", "problem {id}", "stop it is on fire", "resume it is over",
    'freeze shop 2h "release"', "unfreeze shop", "snooze {id} 30m", "audit verify", "settings",
    'allow restart-dead-service on shop in demo for 2h max 3 runs "night"',
)  # fmt: skip


async def test_guests_in_the_groups_that_decide_are_refused_at_every_word_button_and_form(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.ready()
        world = scene.workspace.world
        world.guests |= {"U0ANDRE": "is_restricted", "U0OLIVIA": "is_ultra_restricted"}
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        asked = await scene.reached(State.AWAITING_APPROVAL)
        await scene.until(lambda: scene.card("approve_recovery"))
        card, before = scene.card("approve_recovery"), scene.effects("start")
        known, said = len(scene.entries()), {}
        for words in WORDS:
            said[words] = await scene.order("andre", words.format(id=asked.id))
        for user in ("andre", "olivia"):
            press = scene.workspace.click(user, "alerts", card, "approve_recovery")
            said[f"{user} pressed"] = await scene.answer(user, press)
            said[f"{user} wrote no"] = await the_form_of_a_no(scene, user, card)
            react = scene.workspace.react(user, "alerts", card, "white_check_mark")
            said[f"{user} reacted"] = await scene.answer(user, react)
            said[f"{user} wanted a form"] = await scene.order(user, "")
            assert scene.workspace.modal_of(user) is None
            await scene.workspace.open_home(user)
            home = await scene.workspace.until(partial(scene.workspace.home_of, user))
            assert "home_stop" not in json.dumps(home)
            assert "for you" not in json.dumps(home)
        written = {one.kind for one in scene.entries()[known:]}

        assert {what: told for what, told in said.items() if "Only @" not in told} == {}
        assert written == {"approval.barred"}
        assert scene.incidents()[-1].state is State.AWAITING_APPROVAL
        assert scene.effects("start") == before


async def the_form_of_a_no(scene: Scene, user: str, card: str) -> str:
    """What somebody is told in a letter who sends it."""
    letters = f"D0{user.upper()}"
    await scene.workspace.click(user, "alerts", card, "reject_recovery")
    form = await scene.workspace.until(partial(scene.workspace.modal_of, user))
    known = len(scene.workspace.messages(letters))
    assert form is not None
    await scene.workspace.submit(user, form["id"], {"why": {"why": "not like this"}})
    await scene.until(lambda: len(scene.workspace.messages(letters)) > known)
    return str(scene.workspace.messages(letters)[-1]["text"])
