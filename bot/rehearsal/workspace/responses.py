"""What the bot says with an acknowledgement or through a response URL, and where it appears."""

from __future__ import annotations

from aiohttp import web

from bot.rehearsal.workspace import content
from bot.rehearsal.workspace.grants import Origin, ResponseUrls
from bot.rehearsal.workspace.messages import Messages
from bot.rehearsal.workspace.wire import Json, Refused, loads
from bot.rehearsal.workspace.world import World


class Responses:
    """Applies `response_type`, `replace_original`, `delete_original` and `thread_ts`.

    As at Slack, nothing stays in the thread of the click by itself, and an answer for the whole
    channel overwrites what was clicked unless `replace_original` is false.
    """

    def __init__(self, world: World, messages: Messages, urls: ResponseUrls) -> None:
        self._world, self._messages, self._urls = world, messages, urls

    async def receive(self, request: web.Request) -> web.Response:
        """The endpoint of every response URL."""
        body = loads(await request.text())
        try:
            self.apply(self._urls.take(request.match_info["name"]), _said(body))
        except Refused as refusal:
            gone = refusal.error in {"expired_url", "used_url"}
            told = {"ok": False, "error": refusal.error, **refusal.extra}
            return web.json_response(told, status=404 if gone else 400)
        return web.Response(text="ok")

    def apply(self, origin: Origin, said: Json) -> None:
        """Shows what the bot said to the person of this origin, or to the whole channel."""
        for_all = said.get("response_type") == "in_channel"
        if said.get("delete_original"):
            self._delete(origin)
        elif origin.ts and said.get("replace_original", for_all):
            self._replace(origin, origin.ts, content.of(said))
        else:
            fields = content.of(said).told() | {"thread_ts": said.get("thread_ts")}
            if for_all:
                self._messages.by_bot(origin.channel, **fields)
            else:
                self._messages.whisper(origin.channel, origin.user, **fields)

    def _replace(self, origin: Origin, ts: str, said: content.Content) -> None:
        fields = {"text": "", "blocks": None, "attachments": None, **said.told()}
        if not origin.ephemeral:
            bot = self._world.app.user_id
            self._messages.edit(origin.channel, ts, bot, fields, mark=not said.blocks)
            return
        for note in self._world.ephemerals:
            if (note.channel, note.to, note.ts) == (origin.channel, origin.user, ts):
                note.message.update(fields)
                note.message = {k: v for k, v in note.message.items() if v is not None}
        self._world.pulse.changed()

    def _delete(self, origin: Origin) -> None:
        if origin.ts and not origin.ephemeral:
            self._messages.delete(origin.channel, origin.ts)
            return
        kept = [
            note
            for note in self._world.ephemerals
            if (note.channel, note.to, note.ts) != (origin.channel, origin.user, origin.ts)
        ]
        self._world.ephemerals[:] = kept
        self._world.pulse.changed()


def _said(body: object) -> Json:
    if not isinstance(body, dict):
        raise Refused("invalid_payload")
    return body
