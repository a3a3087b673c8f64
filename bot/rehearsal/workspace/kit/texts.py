"""Which words a block may hold: text objects of the right kind, never empty, never too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.rehearsal.workspace.wire import Json

PROPERTIES = {
    "plain_text": frozenset({"type", "text", "emoji"}),
    "mrkdwn": frozenset({"type", "text", "verbatim"}),
}
EITHER = frozenset(PROPERTIES)
PLAIN = frozenset({"plain_text"})
# Where a text object stands, and which kinds Slack takes there.
PLACES: dict[tuple[str, str], frozenset[str]] = {
    ("section", "text"): EITHER,
    ("header", "text"): PLAIN,
    ("alert", "text"): EITHER,
    ("input", "label"): PLAIN,
    ("input", "hint"): PLAIN,
    ("image", "title"): PLAIN,
    ("button", "text"): PLAIN,
    ("card", "title"): EITHER,
    ("card", "subtitle"): EITHER,
    ("card", "body"): EITHER,
    ("container", "title"): PLAIN,
    ("container", "subtitle"): EITHER,
}
PLAIN_OPTIONS = ("static_select", "multi_static_select", "overflow")
FIELD_LENGTH = 2000


def problems(part: Json, at: str) -> Iterator[str]:
    """What is wrong with the words of one block or element, not of what is nested in it."""
    kind = part["type"]
    for (owner, key), kinds in PLACES.items():
        if owner == kind and part.get(key) is not None:
            yield from text_problems(part[key], kinds, f"{at}/{key}")
    for index, one in enumerate(part.get("fields") or []):
        yield from text_problems(one, EITHER, f"{at}/fields/{index}", limit=FIELD_LENGTH)
    if part.get("placeholder") is not None:
        yield from text_problems(part["placeholder"], PLAIN, f"{at}/placeholder")
    yield from _options(part, at)
    if isinstance(part.get("confirm"), dict):
        for key in ("title", "text", "confirm", "deny"):
            kinds = EITHER if key == "text" else PLAIN
            yield from text_problems(part["confirm"].get(key), kinds, f"{at}/confirm/{key}")


def _options(part: Json, at: str) -> Iterator[str]:
    options = part.get("options")
    if not isinstance(options, list):
        return
    kinds = PLAIN if part["type"] in PLAIN_OPTIONS else EITHER
    for index, option in enumerate(options):
        text = option.get("text") if isinstance(option, dict) else None
        yield from text_problems(text, kinds, f"{at}/options/{index}/text", limit=75)
    values = [option.get("value") for option in options if isinstance(option, dict)]
    for key in ("initial_option", "initial_options"):
        for chosen in _listed(part.get(key)):
            if chosen.get("value") not in values:
                yield f"must be one of the options [json-pointer:{at}/{key}]"
    if not options:
        yield f"must provide at least one option [json-pointer:{at}/options]"


def _listed(chosen: Any) -> list[Any]:
    if chosen is None:
        return []
    return chosen if isinstance(chosen, list) else [chosen]


def text_problems(
    text: Any, kinds: frozenset[str], at: str, *, limit: int | None = None
) -> Iterator[str]:
    """What is wrong with one text object."""
    if not isinstance(text, dict) or not isinstance(text.get("text"), str):
        yield f"must provide an object [json-pointer:{at}]"
        return
    kind = text.get("type")
    if kind not in kinds:
        yield f"must be one of {', '.join(sorted(kinds))} [json-pointer:{at}/type]"
        return
    for name in sorted(text.keys() - PROPERTIES[kind]):
        yield f"invalid additional property: {name} [json-pointer:{at}]"
    if not text["text"]:
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    if limit is not None and len(text["text"]) > limit:
        yield f"must be less than {limit + 1} characters [json-pointer:{at}/text]"
