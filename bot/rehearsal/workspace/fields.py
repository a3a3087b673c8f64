"""What people choose and type: the values of elements, in the shape of Slack's `state.values`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.rehearsal.workspace.kit.shapes import children
from bot.rehearsal.workspace.wire import Json, NotPossible

# The key under which an element's value is told, and the key of what it starts with.
TYPED = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", ""),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "file_input": ("files", ""),
}
LISTS = frozenset(kind for kind, (key, _) in TYPED.items() if key.endswith("s"))
CLICKED = ("type", "action_id", "text", "value", "style")
Typed = Mapping[str, Mapping[str, Any]]
REQUIRED = "Please complete this required field."


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element with an `action_id`, after the block it stands in."""
    for block in blocks:
        held = [block.get("accessory"), block.get("element")]
        held += [*(block.get("elements") or []), *(block.get("actions") or [])]
        for element in held:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element
        yield from elements([child for _, child in children(block) if isinstance(child, dict)])


def find(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json]:
    """The block and the element that a person means; NotPossible when it is not shown."""
    for block, element in elements(blocks):
        if element["action_id"] == action_id and block_id in {None, block.get("block_id")}:
            return block, element
    shown = ", ".join(sorted(element["action_id"] for _, element in elements(blocks)))
    raise NotPossible(f"There is no {action_id!r} to click here; there is: {shown or 'nothing'}.")


def clicked(element: Json, choice: Any) -> Json:
    """What the `actions` entry tells of the element; a button's value is its own."""
    told = {key: element[key] for key in CLICKED if key in element}
    if element["type"] in TYPED:
        return {**told, **value_of(element, choice)}
    if element["type"] == "feedback_buttons":
        offered = [element.get("positive_button"), element.get("negative_button")]
        for button in offered:
            if button and button["value"] == choice:
                return {**told, "text": button["text"], "value": choice}
        raise NotPossible(f"{choice!r} is not offered by {element['action_id']!r}.")
    return told


def value_of(element: Json, chosen: Any) -> Json:
    """The element's entry in `state.values` once a person chose or typed `chosen`."""
    kind = element["type"]
    key, _ = TYPED[kind]
    if chosen in (None, "", []):
        return {"type": kind, key: [] if kind in LISTS else None}
    if key == "selected_options":
        return {"type": kind, key: [_option(element, one) for one in _as_list(chosen)]}
    if key == "selected_option":
        return {"type": kind, key: _option(element, chosen)}
    if kind in LISTS:
        return {"type": kind, key: _as_list(chosen)}
    if key == "selected_date_time":
        return {"type": kind, key: int(chosen)}
    return {"type": kind, key: str(chosen) if key == "value" else chosen}


def state(blocks: list[Json], before: Mapping[str, Mapping[str, Json]]) -> Json:
    """The values of all elements that have one: kept from `before`, or what they start with."""
    values: dict[str, Json] = {}
    for block, element in elements(blocks):
        if element["type"] not in TYPED or element["type"] == "overflow":
            continue
        name, action = block["block_id"], element["action_id"]
        kept = before.get(name, {}).get(action)
        fresh = kept is None or kept["type"] != element["type"]
        values.setdefault(name, {})[action] = _initial(element) if fresh else kept
    return values


def filled(blocks: list[Json], before: Mapping[str, Mapping[str, Json]], typed: Typed) -> Json:
    """The values of all elements once a person typed these, by block id and action id."""
    values = state(blocks, before)
    for block_id, actions in typed.items():
        for action_id, value in actions.items():
            block, element = find(blocks, action_id, block_id)
            values.setdefault(block["block_id"], {})[action_id] = value_of(element, value)
    return values


def missing(blocks: list[Json], values: Mapping[str, Mapping[str, Json]]) -> dict[str, str]:
    """What Slack's own form says before it sends anything: block id to complaint."""
    complaints = {}
    for block, element in elements(blocks):
        if block["type"] != "input" or element["type"] not in TYPED:
            continue
        key, _ = TYPED[element["type"]]
        value = values.get(block["block_id"], {}).get(element["action_id"], {}).get(key)
        if not value and not block.get("optional"):
            complaints[block["block_id"]] = REQUIRED
        elif isinstance(value, str) and key == "value":
            complaints |= _length(block, element, value)
    return complaints


def _length(block: Json, element: Json, value: str) -> dict[str, str]:
    shortest, longest = element.get("min_length", 0), element.get("max_length", 3000)
    if value and len(value) < shortest:
        return {block["block_id"]: f"This must be at least {shortest} characters."}
    if len(value) > longest:
        return {block["block_id"]: f"This must be at most {longest} characters."}
    return {}


def _initial(element: Json) -> Json:
    _, start = TYPED[element["type"]]
    initial = element.get(start)
    if isinstance(initial, dict) and element["type"] == "external_select":
        return value_of(element, initial)
    if isinstance(initial, dict) and "value" in initial:
        initial = initial["value"]
    elif isinstance(initial, list):
        initial = [one["value"] if isinstance(one, dict) else one for one in initial]
    return value_of(element, initial)


def _option(element: Json, chosen: Any) -> Json:
    value = chosen.get("value") if isinstance(chosen, dict) else chosen
    groups = element.get("option_groups") or []
    options = [*(element.get("options") or []), *(o for g in groups for o in g["options"])]
    for option in options:
        if option.get("value") == value:
            return dict(option)
    if isinstance(chosen, dict) and element["type"].endswith("external_select"):
        return dict(chosen)
    offered = ", ".join(str(option.get("value")) for option in options)
    raise NotPossible(f"{value!r} is not offered by {element['action_id']!r}; it has: {offered}.")


def _as_list(chosen: Any) -> list[Any]:
    return list(chosen) if isinstance(chosen, list | tuple) else [chosen]
