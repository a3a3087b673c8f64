"""Fields of forms: one for each parameter, of its type, with what would fit as its hint."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from bot.core import parameters
from bot.core.clauses import Parameter, ParameterType
from bot.slack.cards import parts
from bot.slack.cards.message import Block

VALUE = "value"
"""The action id of every field; its block id says which one it is."""
MOST_CHOICES = 100
LONGEST = 75
"""Characters of a choice in a list; with a longer one they are typed."""
TYPED = frozenset({ParameterType.INTEGER, ParameterType.NUMBER})


def field(
    name: str, label: str, element: Block, hint: str = "", *, optional: bool = False
) -> Block:
    """A field of a form; `name` is its block id."""
    told: Block = {"hint": parts.plain(hint, 600)} if hint else {}
    return {"type": "input", "block_id": name, "label": parts.plain(label, 150), **told,
            "element": element, "optional": optional}  # fmt: skip


def parameter(
    block: str, name: str, one: Parameter, value: JsonValue, *, optional: bool = False
) -> Block:
    """The field of a parameter, with this value in it."""
    said = ". ".join(filter(None, (one.description.rstrip("."),
                                   f"Give {parameters.wanted(one)}")))  # fmt: skip
    return field(block, name, _element(one, value), said, optional=optional)


def typed(longest: int, *, many: bool = False, hint: str = "") -> Block:
    """A field for words."""
    lines: Block = {"multiline": True} if many else {}
    said: Block = {"placeholder": parts.plain(hint, 150)} if hint else {}
    return {"type": "plain_text_input", "action_id": VALUE, "max_length": longest, **lines, **said}


def option(value: str, text: str = "", about: str = "") -> Block:
    """One choice of a list."""
    told: Block = {"description": parts.plain(about, LONGEST)} if about else {}
    return {"text": parts.plain(text or value, LONGEST), "value": value, **told}


def select(options: Sequence[Block], chosen: str = "", kind: str = "static_select") -> Block:
    """A list to choose from; what is chosen already is marked."""
    first = next((one for one in options if one["value"] == chosen), None)
    start: Block = {} if first is None else {"initial_option": first}
    return {"type": kind, "action_id": VALUE, "options": [*options], **start}


def searched(chosen: Block | None, hint: str, action: str = VALUE) -> Block:
    """A list that is searched while somebody types."""
    start: Block = {} if chosen is None else {"initial_option": chosen}
    return {"type": "external_select", "action_id": action, "min_query_length": 0,
            "placeholder": parts.plain(hint, 150), **start}  # fmt: skip


def text(value: JsonValue) -> str:
    """As a person would type it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _element(one: Parameter, value: JsonValue) -> Block:
    choices = one.choices
    if not choices and one.type is ParameterType.BOOLEAN:
        choices = (True, False)
    if 0 < len(choices) <= MOST_CHOICES and all(0 < len(text(c)) <= LONGEST for c in choices):
        return select([option(text(choice)) for choice in choices], text(value))
    start: Block = {} if value is None else {"initial_value": text(value)}
    if one.type in TYPED:
        whole = one.type is ParameterType.INTEGER
        bounds = {"min_value": one.min, "max_value": one.max}
        limits = {key: str(bound) for key, bound in bounds.items() if bound is not None}
        return {"type": "number_input", "action_id": VALUE, "is_decimal_allowed": not whole,
                **limits, **start}  # fmt: skip
    return {"type": "plain_text_input", "action_id": VALUE, "min_length": 1,
            "max_length": parameters.LONGEST, **start}  # fmt: skip
