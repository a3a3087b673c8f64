"""A plan's parameters are changed in a form: typed fields, faults under them, one call."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.clauses import Parameter
from bot.slack.cards import editing
from bot.slack.cards.asking import EDIT
from tests.slack import tales
from tests.slack.cards import stories
from tests.slack.house import House

SIZE = Parameter.model_validate(
    {"type": "integer", "min": 20, "max": 80, "value": 50, "description": "connections"}
)
FIELDS: dict[str, dict[str, Any]] = {
    "size": {"type": "integer", "min": 20, "max": 80, "description": "connections at most."},
    "share": {"type": "number", "min": 0, "max": 1},
    "drain": {"type": "boolean"},
    "within": {"type": "duration", "min": "10s", "max": "5m"},
    "mode": {"type": "string", "choices": ["soft", "hard"]},
    "name": {"type": "string", "pattern": "[a-z]+"},
}
PLANNED = {"size": 50, "share": 0.5, "drain": True, "within": "30s", "mode": "soft", "name": "web"}


def form() -> dict[str, Any]:
    incident = stories.incident("awaiting")
    assert incident.planned is not None
    assert incident.plan is not None
    plan = incident.plan.model_copy(update={"params": PLANNED})
    planned = incident.planned.model_copy(update={"plan": plan})
    known = {name: Parameter.model_validate(one) for name, one in FIELDS.items()}
    return editing.form(incident.model_copy(update={"planned": planned}), 1, known)


def test_what_has_no_room_in_the_form_is_counted() -> None:
    many = {f"size{number}": SIZE for number in range(99)}
    made: dict[str, Any] = editing.form(stories.incident("awaiting"), 1, many)

    assert len(made["blocks"]) <= 100
    assert "9 more have no room here" in made["blocks"][-1]["elements"][0]["text"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("size", {"type": "number_input", "is_decimal_allowed": False, "min_value": "20",
                  "max_value": "80", "initial_value": "50"}),
        ("share", {"type": "number_input", "is_decimal_allowed": True, "initial_value": "0.5"}),
        ("drain", {"type": "static_select"}),
        ("within", {"type": "plain_text_input", "initial_value": "30s"}),
        ("mode", {"type": "static_select"}),
        ("name", {"type": "plain_text_input", "initial_value": "web"}),
    ],
)  # fmt: skip
def test_each_parameter_has_the_field_of_its_type(name: str, wanted: dict[str, Any]) -> None:
    fields = {block["block_id"]: block for block in form()["blocks"] if block["type"] == "input"}
    element = fields[f"param_{name}"]["element"]

    assert {key: element[key] for key in wanted} == wanted
    if wanted["type"] == "static_select":
        planned = {"drain": "true", "mode": "soft"}[name]
        assert element["initial_option"]["value"] == planned
        assert len(element["options"]) == 2


async def test_a_form_is_opened_filled_in_and_handed_over_once(house: House) -> None:
    house.requests.parameters = {"size": SIZE}
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    await house.workspace.click("ana", "alerts", card, EDIT)
    view = await house.modal("ana")
    said = await house.workspace.submit("ana", view["id"], {"param_size": {"value": "60"}})
    await house.workspace.until(lambda: house.requests.calls)

    assert said.errors == {}
    assert house.requests.calls == [("edit", ("inc-7f3k2m", 1, "U0ANA", {"size": "60"}))]


async def test_what_does_not_fit_is_said_under_its_field_and_nothing_is_done(house: House) -> None:
    house.requests.parameters = {"size": SIZE}
    house.requests.wrong = {"size": "'60' does not fit: give an integer from 20 to 50"}
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    await house.workspace.click("ana", "alerts", card, EDIT)
    view = await house.modal("ana")
    said = await house.workspace.submit("ana", view["id"], {"param_size": {"value": "60"}})

    assert said.errors == {"param_size": house.requests.wrong["size"]}
    assert house.requests.calls == []


async def test_where_nothing_can_be_changed_that_is_said(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    await house.workspace.click("ana", "alerts", card, EDIT)
    (said,) = await house.workspace.until(lambda: house.private("U0ANA"))

    assert "the catalogue says it all" in said
