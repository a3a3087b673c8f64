"""Forms that people submit and close, and every way in which a bot may answer them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.rehearsal.workspace import NotAnswered, NotPossible, Workspace
from bot.rehearsal.workspace.fields import REQUIRED
from tests.rehearsal.workspace.typed import Bot, Client, InSocketMode

PLAIN = {"type": "plain_text", "text": "x"}
OPTIONS = [{"text": PLAIN, "value": "a"}, {"text": PLAIN, "value": "b"}]


def ask(name: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    element = {"action_id": "it", **element}
    return {"type": "input", "block_id": name, "label": PLAIN, "element": element, **more}


FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": PLAIN,
    "submit": PLAIN,
    "notify_on_close": True,
    "blocks": [
        ask("why", {"type": "plain_text_input", "min_length": 3, "max_length": 10}),
        ask("one", {"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[0]}),
        ask("some", {"type": "checkboxes", "options": OPTIONS}, optional=True),
        ask("who", {"type": "users_select"}, optional=True),
        ask("day", {"type": "datepicker"}, optional=True),
    ],
}
WHY = {"why": {"it": "because"}}


class Answers:
    """What the bot saw, and what it acknowledges the next form with."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.next: dict[str, Any] = {}


@pytest.fixture
async def answers(
    workspace: Workspace, bot: Bot, in_socket_mode: InSocketMode
) -> AsyncIterator[Answers]:
    kept = Answers()

    @bot.view("form")
    async def submitted(ack: Any, body: Any) -> None:
        kept.seen.append(body)
        await ack(**kept.next)

    @bot.view_closed("form")
    async def closed(ack: Any, body: Any) -> None:
        kept.seen.append(body)
        await ack()

    async with in_socket_mode(workspace, bot):
        yield kept


async def shown(workspace: Workspace, client: Client, **changes: Any) -> str:
    trigger = workspace.triggers.give("U0ANA")
    answer = await client.views_open(trigger_id=trigger, view={**FORM, **changes})
    return str(answer["view"]["id"])


async def test_every_value_is_told_in_the_shape_of_its_element(
    workspace: Workspace, client: Client, answers: Answers
) -> None:
    form = await shown(workspace, client)
    await workspace.submit(
        "ana",
        form,
        {**WHY, "some": {"it": ["a", "b"]}, "who": {"it": "U0SAM"}, "day": {"it": "2026-01-01"}},
    )

    view = answers.seen[0]["view"]
    told = {name: actions["it"] for name, actions in view["state"]["values"].items()}
    assert told["why"] == {"type": "plain_text_input", "value": "because"}
    assert told["one"] == {"type": "static_select", "selected_option": OPTIONS[0]}
    assert told["some"] == {"type": "checkboxes", "selected_options": OPTIONS}
    assert told["who"] == {"type": "users_select", "selected_user": "U0SAM"}
    assert told["day"] == {"type": "datepicker", "selected_date": "2026-01-01"}
    assert workspace.modal_of("ana") is None


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("", REQUIRED),
        ("no", "This must be at least 3 characters."),
        ("x" * 11, "This must be at most 10 characters."),
    ],
)
async def test_slack_itself_complains_before_anything_is_sent(
    workspace: Workspace, client: Client, answers: Answers, typed: str, complaint: str
) -> None:
    form = await shown(workspace, client)

    outcome = await workspace.submit("ana", form, {"why": {"it": typed}})

    assert outcome.errors == {"why": complaint}
    assert answers.seen == []
    assert workspace.modal_of("ana") is not None


async def test_the_bots_complaints_leave_the_form_open(
    workspace: Workspace, client: Client, answers: Answers
) -> None:
    form = await shown(workspace, client)
    answers.next = {"response_action": "errors", "errors": {"why": "too vague"}}

    outcome = await workspace.submit("ana", form, WHY)

    assert (outcome.action, outcome.errors) == ("errors", {"why": "too vague"})
    assert workspace.modal_of("ana") is not None


async def test_complaints_about_no_input_are_trouble(
    workspace: Workspace, client: Client, answers: Answers
) -> None:
    form = await shown(workspace, client)
    answers.next = {"response_action": "errors", "errors": {"elsewhere": "?"}}

    with pytest.raises(NotAnswered, match="errors for elsewhere"):
        await workspace.submit("ana", form, WHY)


async def test_the_form_is_replaced_by_an_update(
    workspace: Workspace, client: Client, answers: Answers
) -> None:
    form = await shown(workspace, client)
    after = {"type": "modal", "title": PLAIN, "blocks": [{"type": "divider"}]}
    answers.next = {"response_action": "update", "view": after}

    await workspace.submit("ana", form, WHY)

    top = workspace.modal_of("ana") or {}
    assert (top["id"], top["blocks"][0]["type"]) == (form, "divider")


async def test_a_push_lies_over_the_form_and_a_clear_takes_all(
    workspace: Workspace, client: Client, answers: Answers
) -> None:
    form = await shown(workspace, client)
    answers.next = {"response_action": "push", "view": FORM}
    await workspace.submit("ana", form, WHY)
    above = (workspace.modal_of("ana") or {})["id"]
    answers.next = {"response_action": "clear"}
    await workspace.submit("ana", above, WHY)

    assert above != form
    assert workspace.modal_of("ana") is None


async def test_a_form_that_is_done_uncovers_the_one_below(
    workspace: Workspace, client: Client, answers: Answers
) -> None:
    form = await shown(workspace, client)
    trigger = workspace.triggers.give("U0ANA", form)
    above = (await client.views_push(trigger_id=trigger, view=FORM))["view"]["id"]
    await workspace.submit("ana", above, WHY)

    assert (workspace.modal_of("ana") or {})["id"] == form


async def test_an_answer_with_a_broken_view_is_trouble(
    workspace: Workspace, client: Client, answers: Answers
) -> None:
    form = await shown(workspace, client)
    answers.next = {"response_action": "update", "view": {"type": "modal", "blocks": []}}

    with pytest.raises(NotAnswered, match="cannot be shown"):
        await workspace.submit("ana", form, WHY)


async def test_a_closed_form_is_told_if_it_asked_for_that(
    workspace: Workspace, client: Client, answers: Answers
) -> None:
    await workspace.close("ana", await shown(workspace, client))
    await workspace.close("ana", await shown(workspace, client, notify_on_close=False))

    assert [body["type"] for body in answers.seen] == ["view_closed"]
    assert workspace.modal_of("ana") is None


async def test_only_what_lies_on_top_is_submitted_and_by_its_reader(
    workspace: Workspace, client: Client
) -> None:
    form = await shown(workspace, client)
    above = await client.views_push(trigger_id=workspace.triggers.give("U0ANA", form), view=FORM)

    with pytest.raises(NotPossible, match="does not have the form"):
        await workspace.submit("ana", form, WHY)
    with pytest.raises(NotPossible, match="does not have the form"):
        await workspace.submit("sam", above["view"]["id"], WHY)


async def test_a_value_for_nothing_is_a_mistake_of_the_script(
    workspace: Workspace, client: Client
) -> None:
    form = await shown(workspace, client)

    with pytest.raises(NotPossible, match="no 'other' to click"):
        await workspace.submit("ana", form, {"why": {"other": "x"}})
