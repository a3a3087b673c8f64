"""Messages of the bot: post, edit, delete, and those that one person sees."""

from __future__ import annotations

from bot.rehearsal.workspace import content
from bot.rehearsal.workspace.api.arguments import Args
from bot.rehearsal.workspace.api.office import Method, Office
from bot.rehearsal.workspace.messages import LONGEST_TEXT
from bot.rehearsal.workspace.wire import Json, NotPossible, Refused, loads

LONGEST_EDIT = 4_000


def post_message(office: Office, args: Args) -> Json:
    channel = target(office, args.text("channel") or "")
    office.pacing.post(channel)
    said = content.of(args.given)
    thread, broadcast = args.text("thread_ts"), args.flag("reply_broadcast")
    message = office.messages.by_bot(
        channel,
        thread_ts=thread,
        subtype="thread_broadcast" if thread and broadcast else None,
        **said.told(),
    )
    return {"channel": channel, "ts": message["ts"], "message": message, **_warning(args)}


def update(office: Office, args: Args) -> Json:
    channel, ts = office.inside(args.need("channel")), args.need("ts")
    if office.world.channels[channel].archived:
        raise Refused("is_inactive")
    if office.world.message(channel, ts).get("user") != office.world.app.user_id:
        raise Refused("cant_update_message")
    if office.streams.running(channel, ts):
        raise Refused("streaming_state_conflict")
    if len(args.text("text") or "") > LONGEST_EDIT:
        raise Refused("msg_too_long")
    said = content.of(args.given)
    changes = said.told()
    if said.blocks == [] or (said.blocks is None and said.text is not None):
        changes["blocks"] = None  # a text alone takes the old blocks away
    if said.attachments == []:
        changes["attachments"] = None
    edited = office.messages.edit(
        channel, ts, office.world.app.user_id, changes, mark=not said.blocks
    )
    return {"channel": channel, "ts": ts, "text": edited["text"], "message": edited}


def delete(office: Office, args: Args) -> Json:
    channel, ts = office.inside(args.need("channel")), args.need("ts")
    if office.world.message(channel, ts).get("user") != office.world.app.user_id:
        raise Refused("cant_delete_message")
    office.messages.delete(channel, ts)
    return {"channel": channel, "ts": ts}


def post_ephemeral(office: Office, args: Args) -> Json:
    channel, user = target(office, args.text("channel") or ""), args.need("user")
    world = office.world
    if user not in world.people:
        raise Refused("user_not_found")
    if user not in world.channels[channel].members or user in world.departed:
        raise Refused("user_not_in_channel")
    fields = content.of(args.given).told() | {"thread_ts": args.text("thread_ts")}
    return {"message_ts": office.messages.whisper(channel, user, **fields).ts}


def unfurl(office: Office, args: Args) -> Json:
    """Shows something below links that a message of anybody holds, by their exact addresses."""
    channel, ts = office.inside(args.need("channel")), args.need("ts")
    message = office.world.message(channel, ts)
    given = args.given.get("unfurls")
    given = loads(given) if isinstance(given, str) else given
    if not isinstance(given, dict) or not given:
        raise Refused("missing_unfurls")
    if any(url not in str(message.get("text")).replace("&amp;", "&") for url in given):
        raise Refused("cannot_unfurl_url")
    shown = [{**told, "from_url": url, "is_app_unfurl": True} for url, told in given.items()]
    said = content.of({"text": "-", "attachments": shown})
    user = str(message.get("user"))
    changes = {"attachments": said.attachments}
    office.messages.edit(channel, ts, user, changes, mark=False)
    return {}


def permalink(office: Office, args: Args) -> Json:
    world = office.world
    channel, ts = world.channel_by_id(args.need("channel")).id, args.need("message_ts")
    thread = world.message(channel, ts).get("thread_ts")
    link = f"{world.url}/archives/{channel}/p{ts.replace('.', '')}"
    if thread and thread != ts:
        link += f"?thread_ts={thread}&cid={channel}"
    return {"channel": channel, "permalink": link}


def target(office: Office, name: str) -> str:
    """Where to post: an id, a `#name`, or a person's id for the direct messages."""
    world = office.world
    if name in world.people:
        return f"D{name[1:]}"
    try:
        channel = office.inside(world.channel(name).id)
    except NotPossible:
        raise Refused("channel_not_found") from None
    if world.channels[channel].archived:
        raise Refused("is_archived")
    return channel


def _warning(args: Args) -> Json:
    if len(args.text("text") or "") <= LONGEST_TEXT:
        return {}
    note = "[WARN] Your message was truncated but still posted."
    return {
        "warning": "message_truncated",
        "response_metadata": {"warnings": ["message_truncated"], "messages": [note]},
    }


METHODS = {
    "chat.postMessage": Method(post_message, "chat:write"),
    "chat.update": Method(update, "chat:write"),
    "chat.delete": Method(delete, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write"),
    "chat.unfurl": Method(unfurl, "links:write"),
    "chat.getPermalink": Method(permalink),
}
