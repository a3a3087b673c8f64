"""How messages come to be, change and go, and the event that Slack sends about each of these."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from bot.rehearsal.workspace.wire import Json, Refused, without_nothing
from bot.rehearsal.workspace.world import Ephemeral, World

LONGEST_TEXT = 40_000


class Messages:
    """The only writer of the world's messages; `announce` is told every event that follows."""

    def __init__(self, world: World, announce: Callable[[Json], None]) -> None:
        self._world = world
        self._announce = announce

    def add(self, channel: str, **fields: Any) -> Json:
        """Posts a message made of these fields; those that are None are left out."""
        world = self._world
        message = {"type": "message", **without_nothing(**fields), "ts": world.new_ts()}
        message["text"] = (message.get("text") or "")[:LONGEST_TEXT]
        message["team"] = world.cast.team_id
        root = self._root(channel, message.get("thread_ts"))
        if root is not None:
            message["parent_user_id"] = root.get("user") or root.get("bot_id")
            self._count_reply(root, message)
        world.messages[channel][message["ts"]] = message
        world.pulse.changed()
        self.announce(channel, {**message, "event_ts": message["ts"]})
        return message

    def by_bot(self, channel: str, **fields: Any) -> Json:
        """Posts as the bot, with the marks of an app that uses a bot token: no subtype.

        A status that the bot shows in this thread ends with it, as at Slack.
        """
        app = self._world.app
        self._world.statuses.pop((channel, fields.get("thread_ts") or ""), None)
        return self.add(
            channel,
            user=app.user_id,
            bot_id=app.bot_id,
            app_id=app.id,
            bot_profile={
                "id": app.bot_id,
                "app_id": app.id,
                "name": app.name,
                "user_id": app.user_id,
                "team_id": self._world.cast.team_id,
                "deleted": False,
            },
            **fields,
        )

    def whisper(self, channel: str, to: str, **fields: Any) -> Ephemeral:
        """Shows a message of the bot to one person; no event, no history."""
        app = self._world.app
        message = {
            "type": "message",
            "user": app.user_id,
            "bot_id": app.bot_id,
            "is_ephemeral": True,
            "text": "",
            **without_nothing(**fields),
            "ts": self._world.new_ts(),
        }
        note = Ephemeral(channel, to, message)
        self._world.ephemerals.append(note)
        self._world.pulse.changed()
        return note

    def edit(self, channel: str, ts: str, by: str, changes: Json, *, mark: bool = True) -> Json:
        """Changes fields of a message; a change to None takes the field away."""
        message = self._world.message(channel, ts)
        before = copy.deepcopy(message)
        for name, value in changes.items():
            if value is None:
                message.pop(name, None)
            else:
                message[name] = value
        now = self._world.new_ts()
        if mark:
            message["edited"] = {"user": by, "ts": now}
        self._happened(channel, "message_changed", now, message=message, previous_message=before)
        return message

    def delete(self, channel: str, ts: str) -> None:
        """Takes a message away; its replies stay, as they do at Slack."""
        gone = self._world.message(channel, ts)
        del self._world.messages[channel][ts]
        root = self._world.messages[channel].get(gone.get("thread_ts", ""))
        if root is not None:
            root["reply_count"] = max(0, root.get("reply_count", 0) - 1)
        now = self._world.new_ts()
        self._happened(channel, "message_deleted", now, previous_message=gone, deleted_ts=ts)

    def react(self, channel: str, ts: str, user: str, name: str) -> None:
        """Adds one person's reaction; `already_reacted` when it is there."""
        message = self._world.message(channel, ts)
        reactions = message.setdefault("reactions", [])
        mine = next((r for r in reactions if r["name"] == name), None)
        if mine is None:
            mine = {"name": name, "users": [], "count": 0}
            reactions.append(mine)
        if user in mine["users"]:
            raise Refused("already_reacted")
        mine["users"].append(user)
        mine["count"] = len(mine["users"])
        self._reaction("reaction_added", channel, message, user, name)

    def unreact(self, channel: str, ts: str, user: str, name: str) -> None:
        """Takes one person's reaction back; `no_reaction` when it was not there."""
        message = self._world.message(channel, ts)
        mine = next((r for r in message.get("reactions", []) if r["name"] == name), None)
        if mine is None or user not in mine["users"]:
            raise Refused("no_reaction")
        mine["users"].remove(user)
        mine["count"] = len(mine["users"])
        if not mine["users"]:
            message["reactions"].remove(mine)
        self._reaction("reaction_removed", channel, message, user, name)

    def announce(self, channel: str, event: Json) -> None:
        """Sends an event about a channel, if the bot is in it, as it is at this moment."""
        place = self._world.channels[channel]
        if self._world.app.user_id in place.members:
            told = {**event, "channel": channel, "channel_type": place.kind}
            self._announce(copy.deepcopy(told))

    def _root(self, channel: str, thread: str | None) -> Json | None:
        if thread is None:
            return None
        root = self._world.messages[channel].get(thread)
        if root is None or root.get("thread_ts", thread) != thread:
            raise Refused("thread_not_found")
        return root

    def _count_reply(self, root: Json, reply: Json) -> None:
        author = reply.get("user") or reply.get("bot_id")
        users = root.setdefault("reply_users", [])
        if author not in users:
            users.append(author)
        root["thread_ts"] = root["ts"]
        root["reply_count"] = root.get("reply_count", 0) + 1
        root["reply_users_count"] = len(users)
        root["latest_reply"] = reply["ts"]

    def _happened(self, channel: str, subtype: str, now: str, **fields: Any) -> None:
        self._world.pulse.changed()
        stamp = {"type": "message", "subtype": subtype, "hidden": True, "ts": now, "event_ts": now}
        self.announce(channel, {**stamp, **fields})

    def _reaction(self, kind: str, channel: str, message: Json, user: str, name: str) -> None:
        self._world.pulse.changed()
        item = {"type": "message", "channel": channel, "ts": message["ts"]}
        if self._world.app.user_id in self._world.channels[channel].members:
            self._announce(
                {
                    "type": kind,
                    "user": user,
                    "reaction": name,
                    "item": item,
                    "item_user": message.get("user") or message.get("bot_id"),
                    "event_ts": self._world.new_ts(),
                }
            )
