"""Channels, who is in them, and what was said there."""

from __future__ import annotations

from bot.rehearsal.workspace.api.arguments import Args
from bot.rehearsal.workspace.api.office import Method, Office
from bot.rehearsal.workspace.wire import Json, Refused
from bot.rehearsal.workspace.world import Channel

TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
SCOPES = {"channel": "channels:read", "group": "groups:read", "im": "im:read", "mpim": "mpim:read"}


def listed(office: Office, args: Args) -> Json:
    world = office.world
    kinds = {TYPES.get(word.strip(), "") for word in args.words("types") or ["public_channel"]}
    if "" in kinds:
        raise Refused("invalid_types")
    for kind in sorted(kinds):
        _need_scope(office, SCOPES[kind])
    seen = [
        channel
        for channel in world.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or world.app.user_id in channel.members)
    ]
    page, following = args.page(seen)
    channels = [about(office, channel) for channel in page]
    return {"channels": channels, "response_metadata": {"next_cursor": following}}


def one_channel(office: Office, args: Args) -> Json:
    channel = office.world.channel_by_id(args.need("channel"))
    told = about(office, channel)
    if args.flag("include_num_members"):
        told["num_members"] = len(channel.members)
    return {"channel": told}


def join(office: Office, args: Args) -> Json:
    channel = office.world.channel_by_id(args.need("channel"))
    if channel.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    channel.members.add(office.world.app.user_id)
    return {"channel": about(office, channel)}


def opened(office: Office, args: Args) -> Json:
    world = office.world
    if channel := args.text("channel"):
        return {"channel": {"id": world.channel_by_id(channel).id}}
    users = args.words("users")
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise Refused("missing_scope", needed="mpim:write", provided=",".join(world.app.scopes))
    if users[0] not in world.people:
        raise Refused("user_not_found")
    if users[0] in world.departed:
        raise Refused("user_disabled")
    return {"channel": {"id": f"D{users[0][1:]}"}, "no_op": True, "already_open": True}


def members(office: Office, args: Args) -> Json:
    channel = office.world.channel_by_id(args.need("channel"))
    page, following = args.page(sorted(channel.members - office.world.departed))
    return {"members": page, "response_metadata": {"next_cursor": following}}


def history(office: Office, args: Args) -> Json:
    channel = office.inside(args.need("channel"))
    found = _between(office.world.top_level(channel), args)
    return _told(list(reversed(found)), args)


def replies(office: Office, args: Args) -> Json:
    channel, ts = office.inside(args.need("channel")), args.need("ts")
    one = office.world.messages[channel].get(ts)
    if one is None:
        raise Refused("thread_not_found")
    following = [m for m in office.world.thread(channel, ts) if m is not one]
    return _told([one, *_between(following, args)], args)


def about(office: Office, channel: Channel) -> Json:
    """A conversation as `conversations.info` tells it."""
    if channel.with_person:
        told: Json = {"id": channel.id, "is_im": True, "user": channel.with_person}
        return {**told, "is_archived": False, "is_open": True}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.private,
        "is_archived": False,
        "is_member": office.world.app.user_id in channel.members,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.topic, "creator": "", "last_set": 0},
        "context_team_id": office.world.cast.team_id,
        "num_members": len(channel.members),
    }


def _need_scope(office: Office, scope: str) -> None:
    granted = office.world.app.scopes
    if scope not in granted:
        raise Refused("missing_scope", needed=scope, provided=",".join(sorted(granted)))


def _between(found: list[Json], args: Args) -> list[Json]:
    oldest, latest = args.text("oldest") or "0", args.text("latest") or "9999999999.999999"
    inclusive = args.flag("inclusive")
    return [
        message
        for message in found
        if oldest < message["ts"] < latest or (inclusive and message["ts"] in {oldest, latest})
    ]


def _told(found: list[Json], args: Args) -> Json:
    page, following = args.page(found)
    if not args.flag("include_all_metadata"):
        page = [{k: v for k, v in message.items() if k != "metadata"} for message in page]
    answer: Json = {"messages": page, "has_more": bool(following)}
    return {**answer, "response_metadata": {"next_cursor": following}} if following else answer


METHODS = {
    "conversations.list": Method(listed),
    "conversations.info": Method(one_channel, "{kind}:read"),
    "conversations.join": Method(join, "channels:join"),
    "conversations.open": Method(opened, "im:write"),
    "conversations.members": Method(members, "{kind}:read"),
    "conversations.history": Method(history, "{kind}:history"),
    "conversations.replies": Method(replies, "{kind}:history"),
}
