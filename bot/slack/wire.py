"""The shapes of Slack's payloads, strict in what we use and blind to the rest; pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class _Wire(BaseModel):
    """A part of a payload: no value is turned into another kind of value."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Named(_Wire):
    """A person or a channel in an interactive payload."""

    id: str = Field(min_length=1, max_length=40)


class SlashCommand(_Wire):
    user_id: str = Field(min_length=1)
    channel_id: str = Field(min_length=1)
    text: str = ""
    response_url: str = ""
    trigger_id: str = ""


class MessageEvent(_Wire):
    """A message or a mention; bots and system messages have no `user`, or a `subtype`."""

    channel: str = Field(min_length=1)
    ts: str = Field(min_length=1)
    user: str = ""
    text: str = ""
    thread_ts: str = ""
    subtype: str = ""
    bot_id: str = ""
    channel_type: str = ""


class Item(_Wire):
    """What was reacted to; only messages concern us."""

    type: str
    channel: str = ""
    ts: str = ""


class ReactionEvent(_Wire):
    user: str = Field(min_length=1)
    reaction: str
    item: Item
    event_ts: str = Field(pattern=r"^[0-9]{1,12}\.[0-9]{1,6}$")


class Link(_Wire):
    domain: str = ""
    url: str


class LinkEvent(_Wire):
    """Links to the app's own hosts; `message_ts` is no message's name while one is written."""

    channel: str = Field(min_length=1)
    user: str = Field(min_length=1)
    message_ts: str = Field(min_length=1)
    is_bot_user_member: bool = False
    links: tuple[Link, ...] = Field(default=(), strict=False)


class HomeEvent(_Wire):
    user: str = Field(min_length=1)
    tab: str = ""


class Message(_Wire):
    """The message that something was done to."""

    ts: str = Field(min_length=1)
    thread_ts: str = ""

    @property
    def thread(self) -> str:
        """The root's ts, when this is a reply."""
        return "" if self.thread_ts == self.ts else self.thread_ts


class Option(_Wire):
    value: str = ""


class Action(_Wire):
    """What was pressed or chosen."""

    action_id: str
    action_ts: str = ""
    value: str | None = None
    selected_option: Option | None = None

    @property
    def chosen(self) -> str:
        return self.selected_option.value if self.selected_option else self.value or ""


class Typed(_Wire):
    """What stands in one field of a form: typed, or chosen."""

    value: str | None = None
    selected_option: Option | None = None

    @property
    def text(self) -> str:
        return self.selected_option.value if self.selected_option else self.value or ""


class State(_Wire):
    values: dict[str, dict[str, Typed]] = {}


class Shown(_Wire):
    """A block of a view."""

    type: str = ""
    block_id: str = ""


class View(_Wire):
    """A form or a Home tab, with what stands in its fields."""

    id: str = Field(default="", max_length=100)
    hash: str = Field(default="", max_length=100)
    type: str = ""
    callback_id: str = ""
    private_metadata: str = ""
    state: State = State()
    blocks: tuple[Shown, ...] = Field(default=(), max_length=200, strict=False)

    @property
    def fields(self) -> dict[str, str]:
        """What was typed or chosen, by block id."""
        return {
            block: next((typed.text for typed in inputs.values()), "")
            for block, inputs in self.state.values.items()
        }

    @property
    def asked(self) -> tuple[str, ...]:
        """The block ids of its fields."""
        return tuple(block.block_id for block in self.blocks if block.type == "input")


class BlockActions(_Wire):
    """Without a channel and a message it was done in a modal or on the Home tab."""

    user: Named
    trigger_id: str
    actions: tuple[Action, ...] = Field(min_length=1, strict=False)
    channel: Named | None = None
    message: Message | None = None
    view: View | None = None
    response_url: str = ""


class BlockSuggestion(_Wire):
    """What stands in a list that is searched, while somebody types there."""

    user: Named
    block_id: str = ""
    value: str = ""
    view: View = View()


class ViewSubmission(_Wire):
    user: Named
    view: View


class Shortcut(_Wire):
    """Of the message menu, or of the whole workspace."""

    user: Named
    callback_id: str
    trigger_id: str
    channel: Named | None = None
    message: Message | None = None
    response_url: str = ""


def text_at(body: JsonValue | Mapping[str, JsonValue], *path: str) -> str:
    """
    The text at a path of a payload, empty when there is none.

    >>> text_at({"team": {"id": "T1"}}, "team", "id"), text_at({"team": None}, "team", "id")
    ('T1', '')
    """
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body if isinstance(body, str) else ""
