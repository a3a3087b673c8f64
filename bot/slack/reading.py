"""Turns what Slack sends into values, and says which deliveries are the same; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import JsonValue, ValidationError

from bot.core import values
from bot.slack import wire
from bot.slack.alerts import posted
from bot.slack.alerts.posted import Posted
from bot.slack.asked import (
    SIGNS,
    Asked,
    Chosen,
    Click,
    Command,
    HomeOpened,
    LinkShared,
    Mention,
    Reacted,
    ShortcutUsed,
    Submission,
    Suggestion,
)
from bot.slack.wire import text_at

Body = Mapping[str, JsonValue]


class Unreadable(ValueError):  # noqa: N818 - what it is, not a slip of ours
    """It says that it is something we know, and is not."""


def read(body: Body) -> Asked | Posted | None:
    """What was asked, None when it concerns nobody here; raises Unreadable."""
    kind = text_at(body, "type") or ("command" if "command" in body else "")
    if kind == "event_callback":
        kind = f"event {text_at(body, 'event', 'type')}"
    reader = _READERS.get(kind)
    try:
        return reader(body) if reader else None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Unreadable(f"{kind}: {field}: {first['msg']}") from error


def keys(body: Body) -> tuple[str, ...]:
    """Every name that a second delivery of the same thing would share; never empty."""
    event = body.get("event")
    if isinstance(event, dict):
        found = [text_at(body, "event_id")]
        kind, subtype = text_at(event, "type"), event.get("subtype")
        if kind in {"message", "app_mention"} and subtype in {None, "", "bot_message"}:
            found.append(f"{text_at(event, 'channel')}:{text_at(event, 'ts')}")
    elif body.get("type") == "block_actions":
        pressed = body.get("actions")
        first = pressed[0] if isinstance(pressed, list) and pressed else None
        found = [f"{text_at(body, 'trigger_id')}:{text_at(first, 'action_ts')}"]
    else:
        found = [text_at(body, "trigger_id")]
    named = tuple(f"slack:{name}" for name in found if name.strip(":"))
    return named or (f"slack:{values.digest(dict(body))}",)


def once(asked: Asked) -> str:
    """One name for one asking: what is brought again after a crash has the same."""
    return values.digest(asked.model_dump(mode="json"))


def _command(body: Body) -> Command:
    said = wire.SlashCommand.model_validate(body)
    return Command(
        user=said.user_id, channel=said.channel_id, text=said.text,
        response_url=said.response_url, trigger_id=said.trigger_id,
    )  # fmt: skip


def _mention(body: Body) -> Mention | None:
    said = wire.MessageEvent.model_validate(body["event"])
    if said.subtype or said.bot_id or not said.user:
        return None
    return Mention(
        user=said.user, channel=said.channel, ts=said.ts, thread=said.thread_ts, text=said.text
    )


def _message(body: Body) -> Mention | Posted | None:
    """In a channel a person means us by a mention only, and that comes as an event of its own."""
    direct = text_at(body, "event", "channel_type") == "im"
    return _mention(body) if direct else posted.read(body)


def _reacted(body: Body) -> Reacted | None:
    said = wire.ReactionEvent.model_validate(body["event"])
    sign = SIGNS.get(said.reaction)
    if sign is None or said.item.type != "message":
        return None
    return Reacted(
        user=said.user,
        channel=said.item.channel,
        message_ts=said.item.ts,
        sign=sign,
        at=said.event_ts,
    )


def _home(body: Body) -> HomeOpened | None:
    said = wire.HomeEvent.model_validate(body["event"])
    return HomeOpened(user=said.user) if said.tab == "home" else None


def _linked(body: Body) -> LinkShared:
    said = wire.LinkEvent.model_validate(body["event"])
    return LinkShared(
        user=said.user,
        channel=said.channel,
        message_ts=said.message_ts,
        urls=tuple(one.url for one in said.links),
        member=said.is_bot_user_member,
        outside=body.get("is_ext_shared_channel") is True,
    )


def _click(body: Body) -> Click | Chosen | None:
    said = wire.BlockActions.model_validate(body)
    pressed = said.actions[0]
    if said.view is not None:
        return _chosen(said, said.view, pressed)
    if said.channel is None or said.message is None:
        return None
    return Click(
        user=said.user.id,
        channel=said.channel.id,
        message_ts=said.message.ts,
        thread=said.message.thread,
        action=pressed.action_id,
        value=pressed.chosen,
        trigger_id=said.trigger_id,
        response_url=said.response_url,
    )


def _chosen(said: wire.BlockActions, view: wire.View, pressed: wire.Action) -> Chosen:
    return Chosen(
        user=said.user.id,
        view=view.id,
        hash=view.hash,
        home=view.type == "home",
        form=view.callback_id,
        about=view.private_metadata,
        action=pressed.action_id,
        value=pressed.chosen,
        at=pressed.action_ts,
        trigger_id=said.trigger_id,
        fields=view.fields,
    )


def suggestion(body: Body) -> Suggestion | None:
    """What somebody types into a list that is searched, None when it is something else."""
    if text_at(body, "type") != "block_suggestion":
        return None
    try:
        said = wire.BlockSuggestion.model_validate(body)
    except ValidationError:
        return None
    view = said.view
    return Suggestion(
        user=said.user.id, form=view.callback_id, field=said.block_id, typed=said.value,
        fields=view.fields,
    )  # fmt: skip


def _submission(body: Body) -> Submission:
    said = wire.ViewSubmission.model_validate(body)
    return Submission(
        user=said.user.id,
        form=said.view.callback_id,
        about=said.view.private_metadata,
        fields=said.view.fields,
        view=said.view.id,
        shown=said.view.asked,
    )


def _shortcut(body: Body) -> ShortcutUsed:
    said, message = wire.Shortcut.model_validate(body), body.get("message")
    return ShortcutUsed(
        user=said.user.id,
        name=said.callback_id,
        trigger_id=said.trigger_id,
        channel=said.channel.id if said.channel else "",
        message_ts=said.message.ts if said.message else "",
        thread=said.message.thread if said.message else "",
        message=message if isinstance(message, dict) else {},
        response_url=said.response_url,
    )


_READERS: dict[str, Callable[[Body], Asked | Posted | None]] = {
    "event app_mention": _mention,
    "event message": _message,
    "event reaction_added": _reacted,
    "event link_shared": _linked,
    "event app_home_opened": _home,
    "block_actions": _click,
    "view_submission": _submission,
    "message_action": _shortcut,
    "shortcut": _shortcut,
    "command": _command,
}
