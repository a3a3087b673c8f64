"""A guest of the workspace decides nothing and asks for nothing, in whatever group they stand."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys import scenes

RESTART = "restart-dead-service service=shop environment=demo"
WORDS = (
    f'run {RESTART} "it hangs"', f"dry-run {RESTART}", "approve {id}", "reject {id} no reason",
    "cancel {id} by hand", "break-glass {id} customers cannot pay", "undo {id}", "keep {id}",
    "retry {id}", "problem {id}", "stop it is on fire", "resume it is over",
    'freeze shop 2h "release"', "unfreeze shop", "snooze {id} 30m", "audit verify", "settings",
    'allow restart-dead-service on shop in demo for 2h max 3 runs "night"',
)  # fmt: skip
DO_NOT_COUNT = "Guests, bots and people of other companies do not count, in whatever group"


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
            for button in ("approve_recovery", "reject_recovery"):
                press = scene.workspace.click(user, "alerts", card, button)
                said[f"{user} pressed {button}"] = await scene.answer(user, press)
            await scene.workspace.react(user, "alerts", card, "white_check_mark")
            await scene.workspace.open_home(user)
            said[f"{user} wanted a form"] = await scene.order(user, "")
        await scene.until(lambda: scene.waiting() == 0)

        assert {what: told for what, told in said.items() if DO_NOT_COUNT not in told} == {}
        assert {note.to for note in scene.workspace.ephemerals} == {"U0ANDRE", "U0OLIVIA"}
        assert not any(map(scene.workspace.modal_of, ("andre", "olivia")))
        assert not any(map(scene.workspace.home_of, ("andre", "olivia")))
        assert scene.entries()[known:] == []
        assert scene.incidents()[-1].state is State.AWAITING_APPROVAL
        assert scene.effects("start") == before
