"""JSON as Slack speaks it, and the two ways in which Slack says no."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


class Refused(Exception):  # noqa: N818 - an answer of the Web API, not a fault of this code
    """The Web API's `{"ok": false, "error": …}`; `extra` is what else the answer carries."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra: Json = extra

    @classmethod
    def arguments(cls, *messages: str, error: str = "invalid_arguments") -> Refused:
        """With the list of what is wrong, each naming its json-pointer, as Slack does."""
        return cls(
            error,
            errors=list(messages),
            response_metadata={"messages": [f"[ERROR] {message}" for message in messages]},
        )


class NotPossible(Exception):  # noqa: N818 - what a person's client does not offer
    """A person tried what Slack's own client would not let them do; the text says what instead."""


class NotAnswered(Exception):  # noqa: N818 - what a person sees when the bot is silent
    """The bot did not acknowledge a person's command, click or form in time, or answered badly."""


def loads(text: str) -> Any:
    """The value of a JSON text, or None when it is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def without_nothing(**fields: Any) -> Json:
    """The fields that are not None: Slack leaves out what is not there."""
    return {name: value for name, value in fields.items() if value is not None}
