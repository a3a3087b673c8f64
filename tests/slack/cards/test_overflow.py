"""However large a plan is, Slack takes its card, and what that leaves out is said and attached."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import facts
from bot.core.incident import Incident
from bot.core.policy.verdict import Ruling
from bot.core.telling import planned
from bot.slack.cards import escaping, message, notes, root
from tests import builders
from tests.slack import tales
from tests.slack.house import House

WORDS = st.text("abcdefgh ijkl-/=", min_size=1, max_size=900).map(lambda one: f"x{one.strip()}x")


def story(says: list[str], readings: int) -> tuple[Any, ...]:
    """People are asked about a plan of so many steps, after so many readings."""
    plan = builders.a_plan()
    steps = tuple(
        plan.steps[0].model_copy(
            update={
                "number": number,
                "scope": plan.steps[0].scope.model_copy(update={"says": one}),
            }
        )
        for number, one in enumerate(says, 1)
    )
    large = plan.model_copy(update={"steps": steps})
    opening, chosen, *_ = tales.awaiting()
    seen = tuple(
        facts.Reading(name=f"probe{n}", probe="http.get", seen={"status": "5" * 300})
        for n in range(readings)
    )
    asked = tales.awaiting()[-1]
    return (opening, chosen, facts.Diagnosed(readings=seen),
            facts.Planned(round=1, plan=large, digest=large.digest, ruling=Ruling.ASK),
            asked)  # fmt: skip


def fits(shown: message.Message) -> bool:
    """Whether it is within what Slack takes of one message."""
    blocks: list[Any] = shown.blocks
    texts = [block["text"]["text"] for block in blocks if "text" in block]
    return (
        len(shown.blocks) <= message.MOST_BLOCKS
        and sum(map(message.size, shown.blocks)) <= message.MOST_CHARACTERS
        and all(0 < len(str(text)) <= 3000 for text in texts)
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=30), st.integers(0, 60))
def test_every_word_of_a_plan_is_on_the_card_or_the_card_says_that_it_is_not(
    says: list[str], readings: int
) -> None:
    incident: Incident = builders.an_incident(*story(says, readings))
    card = root.card(incident, builders.START)
    shown, told = str(card.blocks), json.dumps(planned.plan(incident), ensure_ascii=False)
    whole = all(escaping.code(one, 9999) in shown for one in says)

    assert whole or message.is_cut(card)
    assert all(json.dumps(one, ensure_ascii=False) in told for one in says), "the file has all"
    assert fits(card)
    assert all(fits(note.message) for note in notes.notes(incident))


async def test_what_does_not_fit_a_card_stands_in_its_thread_as_a_file_at_once(
    house: House,
) -> None:
    says = [f"step {number} of many: {'word ' * 100}end" for number in range(1, 13)]
    house.cases.tell(*story(says, 3))
    card = await house.card()
    await house.workspace.until(lambda: house.workspace.files)
    await house.idle()
    (content,) = house.files(card).values()

    assert all(one in content for one in says)
    assert message.NOT_WHOLE in str(house.workspace.thread("alerts", card)[0]["blocks"])


async def test_a_card_that_says_all_attaches_nothing(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await house.card()
    await house.idle()

    assert house.workspace.files == {}
