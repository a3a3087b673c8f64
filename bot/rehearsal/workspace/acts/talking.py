"""People who talk: post, edit, delete, react, invite; and other apps that post by webhook."""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

from bot.rehearsal.workspace import content
from bot.rehearsal.workspace.acts.stage import Stage
from bot.rehearsal.workspace.wire import Json, NotPossible, Refused

LINK = re.compile(r"<(https?://[^|>]+)")
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


class Talking(Stage):
    """Text is given as Slack keeps it: mentions as `<@U…>`, channels as `<#C…>`."""

    async def post(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Json:
        """Writes a message; the bot hears of it as `message`, and as `app_mention` if named."""
        person, place = self._place(user, channel)
        try:
            message = self.letters.add(
                place.id,
                user=person,
                text=text,
                thread_ts=thread_ts,
                client_msg_id=secrets.token_hex(16),
                blocks=[rich_text(text)],
            )
        except Refused as refusal:
            raise NotPossible(f"There is no thread {thread_ts} in {place.name!r}.") from refusal
        if self.world.app.user_id in MENTION.findall(text):
            mention = {**message, "type": "app_mention", "event_ts": message["ts"]}
            self.letters.announce(place.id, mention)
        if links := self._ours(text):
            self._shared(person, place.id, message["ts"], links)
        return message

    def _ours(self, text: str) -> list[Json]:
        """The links in a text to hosts that the app wants to hear of."""
        found = [(urlsplit(url).netloc, url) for url in LINK.findall(text)]
        hosts = self.world.app.unfurl_domains
        return [{"domain": host, "url": url} for host, url in found if host in hosts]

    def _shared(self, person: str, channel: str, ts: str, links: list[Json]) -> None:
        app = self.world.app
        event = {
            "type": "link_shared",
            "user": person,
            "message_ts": ts,
            "links": links,
            "is_bot_user_member": app.user_id in self.world.channels[channel].members,
            "source": "conversations_history",
            "event_ts": ts,
        }
        self.letters.announce(channel, event)

    async def edit(self, user: str, channel: str, ts: str, text: str) -> Json:
        """Changes a message of one's own; the bot hears of it as `message_changed`."""
        person, place = self._own(user, channel, ts)
        changes = {"text": text, "blocks": [rich_text(text)]}
        return self.letters.edit(place, ts, person, changes)

    async def delete(self, user: str, channel: str, ts: str) -> None:
        """Deletes a message of one's own; the bot hears of it as `message_deleted`."""
        _, place = self._own(user, channel, ts)
        self.letters.delete(place, ts)

    async def react(self, user: str, channel: str, ts: str, name: str) -> None:
        """Adds a reaction, by its name without colons."""
        person, place = self._place(user, channel)
        try:
            self.letters.react(place.id, ts, person, name)
        except Refused as refusal:
            raise NotPossible(f"No reaction {name!r} was added: {refusal.error}.") from refusal

    async def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        """Takes a reaction of one's own back."""
        person, place = self._place(user, channel)
        try:
            self.letters.unreact(place.id, ts, person, name)
        except Refused as refusal:
            raise NotPossible(f"No reaction {name!r} was removed: {refusal.error}.") from refusal

    async def invite(self, user: str, channel: str) -> None:
        """Invites the bot into a channel; from now on it hears what is said there."""
        person, place = self._place(user, channel)
        place.members.add(self.world.app.user_id)
        self.world.pulse.changed()
        joined = {"type": "member_joined_channel", "user": self.world.app.user_id}
        stamp = {"inviter": person, "event_ts": self.world.new_ts()}
        self.letters.announce(place.id, {**joined, **stamp})

    async def webhook(self, channel: str, payload: Json, *, bot_id: str = "B0HOOK") -> Json:
        """Posts as another app does through its incoming webhook; Refused as Slack refuses."""
        place = self.world.channel(hook_channel(channel))
        said = content.of(payload)
        return self.letters.add(
            place.id,
            subtype="bot_message",
            bot_id=bot_id,
            username=payload.get("username"),
            **said.told(),
        )

    def webhook_url(self, channel: str, bot_id: str = "B0HOOK") -> str:
        """The URL that a monitoring system is given to post into this channel."""
        place = self.world.channel(channel)
        return f"{self.world.url}/services/{self.world.cast.team_id}/{bot_id}/{place.id}"

    def _own(self, user: str, channel: str, ts: str) -> tuple[str, str]:
        person, place = self._place(user, channel)
        if self._seen(person, place.id, ts).get("user") != person:
            raise NotPossible("Only the author of a message can change or delete it.")
        return person, place.id


def hook_channel(channel: str) -> str:
    """The channel of a webhook URL, or the channel itself."""
    return channel.rstrip("/").rpartition("/")[2] if "/services/" in channel else channel


def rich_text(text: str) -> Json:
    """The block that Slack's client makes of what a person types, beside the text."""
    parts: list[Json] = []
    end = 0
    for mention in MENTION.finditer(text):
        parts += _plain(text[end : mention.start()])
        parts.append({"type": "user", "user_id": mention[1]})
        end = mention.end()
    parts += _plain(text[end:])
    section = {"type": "rich_text_section", "elements": parts}
    return {"type": "rich_text", "block_id": secrets.token_urlsafe(4), "elements": [section]}


def _plain(text: str) -> list[Json]:
    if not text:
        return []
    words = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return [{"type": "text", "text": words}]
