"""Each person's Home tab: theirs, true while they may look, and no door for who may not."""

from __future__ import annotations

from typing import Any

import pytest

from bot.ports import Person
from bot.rehearsal.workspace.wire import Json
from bot.slack.asked import Chosen
from bot.slack.cards import modals
from bot.slack.cards.asking import DETAILS
from tests import builders
from tests.slack import tales
from tests.slack.house import House


async def opened(house: House, user: str = "ana") -> Json:
    await house.workspace.open_home(user)
    return await house.workspace.until(lambda: house.workspace.home_of(user)) or {}


def approver(*waiting: str) -> Person:
    return Person(("approvers",), operates=True, resumes=True, waiting=waiting)


async def press(house: House, view: Json, action: str, user: str = "ana") -> Json:
    await house.workspace.click_in_view(user, view["id"], action)
    return await house.modal(user)


async def test_what_waits_for_a_person_comes_first_and_only_on_their_own_tab(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    await house.card()
    house.requests.people["U0ANA"] = approver("inc-7f3k2m")
    hers, his = await opened(house), await opened(house, "sam")

    assert hers["blocks"][0]["text"]["text"] == "1 waits for you"
    assert "/archives/C0ALERTS/p" in str(hers["blocks"][3])
    assert his["blocks"][0]["text"]["text"] == "1 open"
    assert "Stop all healing" in str(hers)
    assert "Stop all healing" not in str(his)

    details = await press(house, hers, DETAILS)
    assert details["title"]["text"] == "Details"


async def test_it_is_kept_true_while_somebody_may_look_and_not_published_for_nothing(
    house: House,
) -> None:
    await opened(house)
    house.cases.tell(*tales.awaiting())
    await house.workspace.until(
        lambda: (view := house.workspace.home_of("ana")) and "1 open" in str(view)
    )
    await house.idle()
    await house.reception.homes.opened("U0SAM")
    before = len(house.workspace.called("views.publish"))
    house.reception.homes.ordered()
    for who in ("U0ANA", "U0SAM"):
        watched = house.reception.homes._watched[who]
        await house.reception.homes._publish(who, watched)

    published = [call.args["user_id"] for call in house.workspace.called("views.publish")[before:]]
    assert published.count("U0SAM") == 0


class Slips(dict[str, Person]):
    """Who somebody is, but for one of whom it trips."""

    over = "U0ANA"

    def get(self, who: str, default: Any = None) -> Any:
        if who == self.over:
            raise ValueError("a slip of ours")
        return super().get(who, default)


async def test_a_tab_that_fails_keeps_no_other_from_being_true_and_is_tried_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    for user in ("ana", "sam"):
        await opened(house, user)
    house.requests.people = slips = Slips()
    house.cases.tell(*tales.awaiting())
    await house.workspace.until(lambda: "1 open" in str(house.workspace.home_of("sam")))

    assert "1 open" not in str(house.workspace.home_of("ana"))
    assert "a slip of ours" in caplog.text

    slips.over = ""
    house.reception.homes.ordered()
    await house.workspace.until(lambda: "1 open" in str(house.workspace.home_of("ana")))


async def test_new_plan_opens_the_form(house: House) -> None:
    view = await press(house, await opened(house), "home_new")

    assert view["callback_id"] == "heal_wish"


async def test_a_stop_wants_a_reason_and_is_ordered_in_this_persons_name(house: House) -> None:
    house.requests.people["U0ANA"] = approver()
    form = await press(house, await opened(house), modals.STOP)
    short = await house.workspace.submit("ana", form["id"], {"why": {"why": "  x  "}})
    await house.workspace.submit("ana", form["id"], {"why": {"why": "the network moves"}})
    await house.workspace.until(lambda: house.requests.calls)

    assert "Say in a few words" in short.errors["why"]
    assert house.requests.calls == [("halt", ("U0ANA", "the network moves"))]


async def test_a_stopped_house_offers_who_may_to_go_on(house: House) -> None:
    house.cases.orders = house.cases.orders.model_copy(update={"halted": builders.halted()})
    house.requests.people["U0ANA"] = approver()
    form = await press(house, await opened(house), modals.RESUME)
    await house.workspace.submit("ana", form["id"], {"why": {"why": "it is over"}})
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls == [("resume", ("U0ANA", "it is over"))]


async def test_a_stop_that_a_stranger_forges_is_still_asked_of_the_engine_in_their_name(
    house: House,
) -> None:
    await opened(house, "sam")
    await house.reception.homes.pressed(
        (await forged(house)).model_copy(update={"user": "U0SAM", "action": modals.STOP})
    )

    assert house.requests.calls == []


async def forged(house: House) -> Chosen:
    return Chosen(user="U0SAM", view="V1", home=True, action="", trigger_id="1.2.forged")
