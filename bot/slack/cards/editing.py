"""The form in which a plan's parameters are changed: one typed field for each."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from bot.core import parameters
from bot.core.clauses import Parameter, ParameterType
from bot.core.incident import Incident
from bot.slack.cards import looks, parts
from bot.slack.cards.asking import EDIT
from bot.slack.cards.message import Block

MOST = 90
"""Fields of one form; Slack takes 100 blocks."""
MOST_CHOICES = 100
LONGEST = 75
"""Characters of a choice in a list; with a longer one they are typed."""
PREFIX = "param_"
"""What a field's block id begins with, before the parameter's name."""
VALUE = "value"
TYPED = frozenset({ParameterType.INTEGER, ParameterType.NUMBER})


def form(incident: Incident, round_: int, known: Mapping[str, Parameter]) -> Block:
    """Ask for other values; what was planned stands in each field."""
    planned = incident.plan.params if incident.plan else {}
    fields = [_field(name, one, planned.get(name)) for name, one in [*known.items()][:MOST]]
    return {
        "type": "modal", "callback_id": EDIT, "private_metadata": f"{incident.id}.{round_}",
        "title": parts.plain("Edit this plan", 24), "submit": parts.plain("Make a new plan", 24),
        "close": parts.plain("Back", 24),
        "blocks": [
            parts.quoted(looks.title(incident)),
            *fields,
            parts.context("The plan is made anew with these values and asked for again, under a "
                          "hash of its own. Who edits it counts as who asks for it."),
        ],
    }  # fmt: skip


def given(fields: Mapping[str, str]) -> dict[str, str]:
    """The values of a sent form, by the names of their parameters."""
    return {name.removeprefix(PREFIX): text.strip() for name, text in fields.items()
            if name.startswith(PREFIX)}  # fmt: skip


def _field(name: str, parameter: Parameter, planned: JsonValue) -> Block:
    said = ". ".join(filter(None, (parameter.description.rstrip("."),
                                   f"Give {parameters.wanted(parameter)}")))  # fmt: skip
    return {
        "type": "input", "block_id": f"{PREFIX}{name}", "label": parts.plain(name, 150),
        "hint": parts.plain(said, 300), "element": _element(parameter, planned),
    }  # fmt: skip


def _element(parameter: Parameter, planned: JsonValue) -> Block:
    choices = parameter.choices
    if not choices and parameter.type is ParameterType.BOOLEAN:
        choices = (True, False)
    if 0 < len(choices) <= MOST_CHOICES and all(len(_text(one)) <= LONGEST for one in choices):
        return _select([_text(choice) for choice in choices], _text(planned))
    start: Block = {} if planned is None else {"initial_value": _text(planned)}
    if parameter.type in TYPED:
        whole = parameter.type is ParameterType.INTEGER
        bounds = {"min_value": parameter.min, "max_value": parameter.max}
        limits = {key: str(one) for key, one in bounds.items() if one is not None}
        return {"type": "number_input", "action_id": VALUE, "is_decimal_allowed": not whole,
                **limits, **start}  # fmt: skip
    return {"type": "plain_text_input", "action_id": VALUE, "min_length": 1,
            "max_length": parameters.LONGEST, **start}  # fmt: skip


def _select(choices: list[str], planned: str) -> Block:
    options: list[Block] = [{"text": parts.plain(one, 75), "value": one} for one in choices]
    chosen = next((one for one in options if one["value"] == planned), None)
    start: Block = {} if chosen is None else {"initial_option": chosen}
    return {"type": "static_select", "action_id": VALUE, "options": [*options], **start}


def _text(value: JsonValue) -> str:
    """As a person would type it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
