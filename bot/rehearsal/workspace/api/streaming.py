"""The methods of streamed messages, and the status line of a thread."""

from __future__ import annotations

from bot.rehearsal.workspace.api.arguments import Args
from bot.rehearsal.workspace.api.office import Method, Office
from bot.rehearsal.workspace.wire import Json, Refused

MODES = frozenset({"timeline", "plan"})


def start(office: Office, args: Args) -> Json:
    channel = office.inside(args.need("channel"))
    if office.world.channels[channel].kind != "im":
        for name in ("recipient_team_id", "recipient_user_id"):
            if not args.text(name):
                raise Refused(f"missing_{name}")
    mode = args.text("task_display_mode") or "timeline"
    if mode not in MODES:
        raise Refused.arguments("must be timeline or plan [json-pointer:/task_display_mode]")
    ts = office.streams.start(channel, args.text("thread_ts"), plan=mode == "plan")
    office.streams.append(channel, ts, args.json("chunks"), args.text("markdown_text"))
    return {"channel": channel, "ts": ts}


def append(office: Office, args: Args) -> Json:
    channel, ts = office.inside(args.need("channel")), args.need("ts")
    chunks, markdown = args.json("chunks"), args.text("markdown_text")
    if not chunks and not markdown:
        raise Refused("no_text")
    office.streams.append(channel, ts, chunks, markdown)
    return {"channel": channel, "ts": ts}


def stop(office: Office, args: Args) -> Json:
    channel, ts = office.inside(args.need("channel")), args.need("ts")
    office.streams.append(channel, ts, args.json("chunks"), args.text("markdown_text"))
    message = office.streams.stop(channel, ts, args.json("blocks"))
    return {"channel": channel, "ts": ts, "message": message}


def set_status(office: Office, args: Args) -> Json:
    """Shows a status under a thread until the bot posts there or sets it to nothing."""
    channel, thread = office.inside(args.need("channel_id")), args.need("thread_ts")
    status = args.text("status")
    if status is None:
        raise Refused.arguments("missing required field: status [json-pointer:/status]")
    if status:
        office.world.statuses[channel, thread] = status
    else:
        office.world.statuses.pop((channel, thread), None)
    return {}


METHODS = {
    "chat.startStream": Method(start, "chat:write"),
    "chat.appendStream": Method(append, "chat:write"),
    "chat.stopStream": Method(stop, "chat:write"),
    "assistant.threads.setStatus": Method(set_status, "chat:write|assistant:write"),
}
