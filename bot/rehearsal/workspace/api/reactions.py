"""Reactions of the bot."""

from __future__ import annotations

import re

from bot.rehearsal.workspace.api.arguments import Args
from bot.rehearsal.workspace.api.office import Method, Office
from bot.rehearsal.workspace.wire import Json, Refused

EMOJI = re.compile(r"[a-z0-9_+'\-]+(::skin-tone-[2-6])?")


def add(office: Office, args: Args) -> Json:
    channel, ts = office.inside(args.need("channel")), args.need("timestamp")
    office.messages.react(channel, ts, office.world.app.user_id, _name(args))
    return {}


def remove(office: Office, args: Args) -> Json:
    channel, ts = office.inside(args.need("channel")), args.need("timestamp")
    office.messages.unreact(channel, ts, office.world.app.user_id, _name(args))
    return {}


def get(office: Office, args: Args) -> Json:
    channel, ts = office.inside(args.need("channel")), args.need("timestamp")
    message = office.world.message(channel, ts)
    return {"type": "message", "channel": channel, "message": message}


def _name(args: Args) -> str:
    name = args.need("name")
    if not EMOJI.fullmatch(name):
        raise Refused("invalid_name")
    return name


METHODS = {
    "reactions.add": Method(add, "reactions:write"),
    "reactions.remove": Method(remove, "reactions:write"),
    "reactions.get": Method(get, "reactions:read"),
}
