"""Sends one outbox row, once; and finds out whether an earlier try arrived after all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from pydantic import JsonValue
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.core.exhibit import Exhibit
from bot.slack import failures, letters, marking
from bot.slack.dressing import Dress
from bot.slack.letters import Kind, Post, Upload
from bot.slack.marking import Mark
from bot.slack.needs import Row

PAGE, PAGES = 200, 5
"""Messages of a channel or thread that are read at once, and how often: there a lost post is."""


Evidence = Callable[[str], Awaitable[Sequence[Exhibit]]]
"""ports.Exhibits.evidence."""


class Method(StrEnum):
    """The ways to send a row, by the method of the Web API whose pace counts."""

    POST = "chat.postMessage"
    EDIT = "chat.update"
    UPLOAD = "files.completeUploadExternal"


class Sent(NamedTuple):
    """Where a row stands now, and which version of it."""

    channel: str
    ts: str
    version: int


class Sender:
    """`client` must not try again by itself; `me` is the bot's user id; `evidence` is to show."""

    def __init__(
        self,
        client: AsyncWebClient,
        me: str,
        evidence: Evidence | None = None,
        dress: Dress | None = None,
    ) -> None:
        self._client = client
        self._me = me
        self._evidence = evidence
        self._dress = dress or Dress()
        self._rooms: dict[str, str] = {}
        self._read: dict[tuple[str, str], tuple[float, list[dict[str, JsonValue]]]] = {}

    async def send(self, row: Row, how: Method) -> Sent:
        """Raises one of failures.ERRORS."""
        if how is Method.UPLOAD:
            return await self._upload(row)
        say, post = (self._post if how is Method.POST else self._edit), _said(row)
        try:
            return await say(row, self._dress.post(post))
        except SlackApiError as error:  # a no: nothing was posted
            if not self._dress.simpler(post, failures.read(error).says):
                raise
        return await say(row, self._dress.post(post))

    async def find(self, row: Row, *, since: float, now: float) -> Sent | None:
        """
        Find what an earlier try left in the channel or thread; None when it never arrived.

        What was read of that place `since` that try will do, so that many rows are one reading.
        """
        place = (await self._room(row.sent_channel or row.channel), _thread(row))
        if place not in self._read or self._read[place][0] < since:
            self._read[place] = (now, await self._messages(*place))
        for message in self._read[place][1]:
            found = self._version(message, row)
            if found is not None:
                return Sent(place[0], str(message["ts"]), found)
        return None

    def _version(self, message: dict[str, JsonValue], row: Row) -> int | None:
        """Which version of a row this message is; None when it is another."""
        if row.kind == Kind.FILE:
            return _is_upload(message, row) if message.get("user") == self._me else None
        mark = marking.read(message, self._me)
        return mark.version if mark is not None and mark.slot == row.slot else None

    def forget(self) -> None:
        """What was read is old now."""
        self._read.clear()

    async def _post(self, row: Row, post: Post) -> Sent:
        async def send(thread: str | None) -> AsyncSlackResponse:
            return await self._client.chat_postMessage(
                channel=row.channel,
                text=post.text,
                blocks=list(post.blocks) or None,
                thread_ts=thread,
                metadata=marking.metadata(Mark(row.slot, row.version)),
                unfurl_links=False,
                unfurl_media=False,
            )

        answer = await _placed(send, post, row)
        return Sent(str(answer["channel"]), str(answer["ts"]), row.version)

    async def _edit(self, row: Row, post: Post) -> Sent:
        channel, ts = row.sent_channel or row.channel, row.ts or ""
        await self._client.chat_update(
            channel=channel,
            ts=ts,
            text=post.text,
            blocks=list(post.blocks),
            metadata=marking.metadata(Mark(row.slot, row.version)),
        )
        return Sent(channel, ts, row.version)

    async def _upload(self, row: Row) -> Sent:
        """Upload it once: what stands there is never replaced, whatever it says."""
        if row.ts:
            return Sent(row.sent_channel or row.channel, row.ts, row.version)
        upload = Upload.model_validate_json(row.payload)
        octets = await self._contents(upload, letters.incident_of(row.slot))

        async def send(thread: str | None) -> AsyncSlackResponse:
            return await self._client.files_upload_v2(
                filename=upload.filename,
                title=upload.title,
                content=octets,
                alt_txt=upload.alt or None,
                channel=await self._room(row.sent_channel or row.channel),
                thread_ts=thread,
            )

        answer = await _placed(send, upload, row)
        return Sent(row.channel, str(answer["files"][0]["id"]), row.version)

    async def _contents(self, upload: Upload, incident: str) -> str | bytes:
        """What an incident keeps under this name; when it is not there, the file says so."""
        if upload.exhibit and self._evidence is not None:
            for one in await self._evidence(incident):
                if one.said.name == upload.exhibit:
                    return one.octets
        return upload.content

    async def _room(self, channel: str) -> str:
        """Where to read what was written to it: a person's id is not the id of a channel."""
        if not channel.startswith(("U", "W")):
            return channel
        if channel not in self._rooms:
            answer = await self._client.conversations_open(users=channel)
            self._rooms[channel] = str(answer["channel"]["id"])
        return self._rooms[channel]

    async def _messages(self, channel: str, thread: str) -> list[dict[str, JsonValue]]:
        """The newest of a channel, or a thread from its beginning, for others talk meanwhile."""
        found, following = list[dict[str, JsonValue]](), ""
        for _ in range(PAGES):
            if thread:
                answer = await self._client.conversations_replies(
                    channel=channel, ts=thread, limit=PAGE, cursor=following or None,
                    include_all_metadata=True,
                )  # fmt: skip
            else:
                answer = await self._client.conversations_history(
                    channel=channel, limit=PAGE, cursor=following or None,
                    include_all_metadata=True,
                )  # fmt: skip
            found += answer.get("messages") or ()
            following = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not following:
                break
        return found


async def _placed(
    send: Callable[[str | None], Awaitable[AsyncSlackResponse]], said: Post | Upload, row: Row
) -> AsyncSlackResponse:
    """When somebody deletes the message that we answer, the channel hears it, and not nobody."""
    try:
        return await send(said.thread_ts or row.thread_ts)
    except SlackApiError as error:
        if not said.thread_ts or failures.read(error).kind is not failures.Kind.GONE:
            raise
        return await send(None)


def _said(row: Row) -> Post:
    return Post.model_validate_json(row.payload)


def _thread(row: Row) -> str:
    kind = Upload if row.kind == Kind.FILE else Post
    return kind.model_validate_json(row.payload).thread_ts or row.thread_ts or ""


def _is_upload(message: dict[str, JsonValue], row: Row) -> int | None:
    name = Upload.model_validate_json(row.payload).filename
    files = message.get("files")
    listed = files if isinstance(files, list) else []
    held = {one.get("name") for one in listed if isinstance(one, dict)}
    return row.version if name in held else None
