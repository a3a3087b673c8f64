"""What the page shows: the whole workspace as one person sees it."""

from __future__ import annotations

from bot.rehearsal.workspace.api.people import active_members
from bot.rehearsal.workspace.views import Views
from bot.rehearsal.workspace.wire import Json
from bot.rehearsal.workspace.world import World


def seen_by(user: str, world: World, views: Views, connections: int) -> Json:
    """The JSON of `/page/state`."""
    channels = [
        channel
        for channel in world.channels.values()
        if user in channel.members and channel.with_person in {None, user}
    ]
    return {
        "revision": world.pulse.revision,
        "me": _person(world, user),
        "bot_user": world.app.user_id,
        "users": [_person(world, one) for one in world.people] + [_bot(world)],
        "groups": [
            {"id": group.id, "handle": group.handle, "members": active_members(world, group.id)}
            for group in world.cast.groups
        ],
        "channels": [
            {
                "id": channel.id,
                "name": world.app.name if channel.with_person else channel.name,
                "topic": channel.topic,
                **({"is_im": True} if channel.with_person else {}),
            }
            for channel in channels
        ],
        "messages": {channel.id: _messages(world, channel.id, user) for channel in channels},
        "modal": views.top(user),
        "home": views.homes.get(user),
        "statuses": [
            {"channel_id": channel, "thread_ts": thread, "status": status}
            for (channel, thread), status in world.statuses.items()
        ],
        "connections": connections,
        "commands": [{"command": c.name, "hint": c.hint} for c in world.app.commands],
    }


def _messages(world: World, channel: str, user: str) -> list[Json]:
    """In order of time; of a person's own words the text is enough."""
    told = [
        {key: value for key, value in message.items() if key != "blocks"}
        if "client_msg_id" in message
        else message
        for message in world.messages[channel].values()
    ]
    told += [
        note.message for note in world.ephemerals if (note.channel, note.to) == (channel, user)
    ]
    return sorted(told, key=lambda message: message["ts"])


def _person(world: World, user: str) -> Json:
    person = world.people[user]
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "role": person.role,
        "is_bot": False,
        "colour": f"#{person.colour}",
        "deleted": person.id in world.departed,
    }


def _bot(world: World) -> Json:
    name = world.app.name
    told = {"id": world.app.user_id, "name": name, "real_name": name.capitalize()}
    return {**told, "role": "app", "is_bot": True, "colour": "#176b4d", "deleted": False}
