"""What people ask for in Slack, as values: each payload that concerns us becomes one of these."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, JsonValue

from bot.core.values import Frozen


class Command(Frozen):
    """A slash command; Slack has none in threads."""

    user: str
    channel: str
    text: str
    response_url: str = ""
    trigger_id: str = Field(default="", exclude=True)


class Mention(Frozen):
    """Somebody wrote to the bot, by name or directly; `thread` is the root's ts, or empty."""

    user: str
    channel: str
    ts: str
    thread: str = ""
    text: str


class Click(Frozen):
    """A button; `thread` is set when its message stands in a thread."""

    user: str
    channel: str
    message_ts: str
    thread: str = ""
    action: str
    value: str
    trigger_id: str
    response_url: str = ""


class Submission(Frozen):
    """A form that was sent: `about` is what the form was opened with, `fields` by block id."""

    user: str
    form: str
    about: str
    fields: dict[str, str] = Field(default={})
    view: str = Field(default="", exclude=True)
    shown: tuple[str, ...] = Field(default=(), exclude=True)
    """The block ids of its fields, also of those that are empty."""
    channel: str = Field(default="", exclude=True)
    """Where the person is told what came of it; empty = directly."""
    thread: str = Field(default="", exclude=True)


class Chosen(Frozen):
    """
    Something was pressed or chosen in a form that is still open, or on the Home tab.

    `hash` names the state that the view was in; `at` is when, by Slack's own clock.
    """

    user: str
    view: str
    hash: str = ""
    home: bool = False
    form: str = ""
    about: str = ""
    action: str
    value: str = ""
    at: str = ""
    trigger_id: str = ""
    fields: dict[str, str] = Field(default={})


class Suggestion(Frozen):
    """Somebody types into a list that is searched; it has to be answered at once."""

    user: str
    form: str
    field: str
    typed: str
    fields: dict[str, str] = Field(default={})


class Sign(StrEnum):
    """The reactions that mean something."""

    APPROVE = "✅"
    PAUSE = "⏸️"
    SKIP = "❌"


SIGNS = {
    "white_check_mark": Sign.APPROVE,
    "double_vertical_bar": Sign.PAUSE,
    "pause_button": Sign.PAUSE,
    "x": Sign.SKIP,
}
"""By the names that Slack gives them."""


class Reacted(Frozen):
    """One of our signs on a message; `at` is when, by Slack's own clock."""

    user: str
    channel: str
    message_ts: str
    sign: Sign
    at: str
    thread: str = ""


class HomeOpened(Frozen):
    """Somebody looks at the Home tab."""

    user: str


class LinkShared(Frozen):
    """Somebody wrote links to hosts of ours; `outside` when another company reads that channel."""

    user: str
    channel: str
    message_ts: str
    urls: tuple[str, ...]
    member: bool = False
    """Whether the bot was asked into that channel."""
    outside: bool = False


class ShortcutUsed(Frozen):
    """A shortcut of the app; the message is empty when it was not one about a message."""

    user: str
    name: str
    trigger_id: str
    channel: str = ""
    message_ts: str = ""
    thread: str = ""
    message: dict[str, JsonValue] = {}
    response_url: str = ""


Asked = (
    Command | Mention | Click | Chosen | Reacted | Submission | HomeOpened | LinkShared
    | ShortcutUsed
)  # fmt: skip
