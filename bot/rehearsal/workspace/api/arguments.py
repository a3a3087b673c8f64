"""The arguments of one call, however the client sent them: query, form or JSON."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

from bot.rehearsal.workspace.wire import Json, Refused, loads

Item = TypeVar("Item")


class Args:
    """What a method asks of its arguments; a missing one is refused as Slack does."""

    def __init__(self, given: Json) -> None:
        self.given = given

    def need(self, name: str) -> str:
        """A required text; `invalid_arguments` names it when it is missing."""
        value = self.text(name)
        if not value:
            raise Refused.arguments(f"missing required field: {name} [json-pointer:/{name}]")
        return value

    def text(self, name: str) -> str | None:
        """An optional text; numbers are told as text."""
        value = self.given.get(name)
        return None if value is None else str(value)

    def number(self, name: str, default: int) -> int:
        """A whole number, or the default when it is none."""
        try:
            return int(self.given.get(name, default))
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        """A boolean in any of the spellings of a form."""
        return str(self.given.get(name, "")).lower() in {"1", "true"}

    def json(self, name: str) -> Any:
        """A structure, sent as such or as its JSON text; None when it is missing or broken."""
        value = self.given.get(name)
        return loads(value) if isinstance(value, str) else value

    def words(self, name: str) -> list[str]:
        """A list, sent as such or separated by commas."""
        value = self.given.get(name) or []
        return [str(v) for v in (value.split(",") if isinstance(value, str) else value) if v]

    def page(self, items: list[Item], *, default: int = 100) -> tuple[list[Item], str]:
        """One page of these items and the cursor of the next, empty at the end."""
        limit = max(1, min(self.number("limit", default) or default, 1000))
        start = self._start()
        following = start + limit
        more = following < len(items)
        return items[start:following], cursor(following) if more else ""

    def _start(self) -> int:
        given = self.text("cursor")
        if not given:
            return 0
        try:
            return int(base64.b64decode(given).decode().removeprefix("offset:"))
        except (binascii.Error, ValueError):
            raise Refused("invalid_cursor") from None


def cursor(offset: int) -> str:
    """Where a page begins, in a form that nobody is tempted to calculate with."""
    return base64.b64encode(f"offset:{offset}".encode()).decode()
