"""The bodies that Slack sends to an app, apart from what happened."""

from __future__ import annotations

import secrets
from typing import Any

from bot.rehearsal.workspace.wire import Json
from bot.rehearsal.workspace.world import World

VERIFICATION_TOKEN = "local-verification-token"  # noqa: S105 - Slack's obsolete field, still sent


def event_callback(world: World, event: Json) -> Json:
    """An event in its envelope; a redelivery carries the same `event_id`."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": world.cast.team_id,
        "api_app_id": world.app.id,
        "type": "event_callback",
        "event": event,
        "event_id": world.new_id("Ev"),
        "event_time": world.seconds(),
        "event_context": f"4-{secrets.token_hex(8)}",
        "is_ext_shared_channel": False,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": world.cast.team_id,
                "user_id": world.app.user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
    }


def slash_command(world: World, user: str, channel: str, command: str, text: str) -> Json:
    """A slash command's form, without the trigger id and the response URL."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": world.cast.team_id,
        "team_domain": "local",
        "channel_id": channel,
        "channel_name": channel_name(world, channel),
        "user_id": user,
        "user_name": world.people[user].name,
        "command": command,
        "text": text,
        "api_app_id": world.app.id,
        "is_enterprise_install": "false",
    }


def interaction(world: World, kind: str, user: str, **fields: Any) -> Json:
    """An interactive payload: what every kind of it has in common, and `fields`."""
    person = world.people[user]
    return {
        "type": kind,
        "token": VERIFICATION_TOKEN,
        "api_app_id": world.app.id,
        "team": {"id": world.cast.team_id, "domain": "local"},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {
            "id": user,
            "username": person.name,
            "name": person.name,
            "team_id": world.cast.team_id,
        },
        **fields,
    }


def channel_name(world: World, channel: str) -> str:
    """The name as payloads tell it: direct messages are called so."""
    place = world.channels[channel]
    return "directmessage" if place.with_person else place.name


def channel_named(world: World, channel: str) -> Json:
    """The short form of a channel in interactive payloads."""
    return {"id": channel, "name": channel_name(world, channel)}
