"""Messages that grow while they are read: `chat.startStream` and what follows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.rehearsal.workspace.kit.surfaces import Surface, accepted
from bot.rehearsal.workspace.messages import Messages
from bot.rehearsal.workspace.wire import Json, Refused, without_nothing
from bot.rehearsal.workspace.world import World

LONGEST_APPEND = 12_000
STATUSES = frozenset({"pending", "in_progress", "complete", "error"})


@dataclass
class Stream:
    """What was streamed into one message so far."""

    plan: bool
    until: float
    title: str = "Plan"
    tasks: dict[str, Json] = field(default_factory=dict)
    blocks: list[Json] = field(default_factory=list)

    def shown(self) -> list[Json]:
        """The tasks, as one plan or as loose cards, and the blocks after them."""
        cards = list(self.tasks.values())
        if self.plan and cards:
            cards = [{"type": "plan", "title": self.title, "tasks": cards}]
        return [*cards, *self.blocks]


class Streams:
    """Every message that is still being streamed into; the rest are messages like any other."""

    def __init__(self, world: World, messages: Messages) -> None:
        self._world, self._messages = world, messages
        self._running: dict[tuple[str, str], Stream] = {}

    def running(self, channel: str, ts: str) -> bool:
        """Whether Slack still waits for more; it stops waiting when appends stop coming."""
        stream = self._running.get((channel, ts))
        return stream is not None and self._world.clock.monotonic() < stream.until

    def start(self, channel: str, thread_ts: str | None, *, plan: bool) -> str:
        """Posts the empty message; its `ts`."""
        message = self._messages.by_bot(channel, thread_ts=thread_ts, text="")
        self._running[channel, message["ts"]] = Stream(plan, self._deadline())
        return str(message["ts"])

    def append(self, channel: str, ts: str, chunks: Any, markdown: str | None) -> None:
        """Adds text, tasks or blocks; Refused when the message does not stream (any more)."""
        message = self._world.message(channel, ts)
        if not self.running(channel, ts):
            raise Refused("message_not_in_streaming_state")
        if markdown is not None and len(markdown) > LONGEST_APPEND:
            raise Refused("msg_too_long")
        stream = self._running[channel, ts]
        added = [{"type": "markdown_text", "text": markdown}] if markdown else []
        for chunk in [*added, *(chunks or [])]:
            message["text"] += self._take(stream, chunk)
        stream.until = self._deadline()
        if stream.shown():
            message["blocks"] = accepted(stream.shown(), Surface.MESSAGE)
        self._world.pulse.changed()

    def stop(self, channel: str, ts: str, blocks: Any) -> Json:
        """Ends the stream, with blocks below it; the message as it stays."""
        stream = self._running[channel, ts]
        stream.blocks += blocks or []
        kept = accepted(stream.shown(), Surface.MESSAGE)
        del self._running[channel, ts]
        changes = {"blocks": kept or None}
        return self._messages.edit(channel, ts, self._world.app.user_id, changes, mark=False)

    def _deadline(self) -> float:
        return self._world.clock.monotonic() + self._world.timing.stream_idle

    def _take(self, stream: Stream, chunk: Json) -> str:
        match chunk:
            case {"type": "markdown_text", "text": str(text)}:
                return text
            case {"type": "plan_update", "title": str(title)}:
                stream.title = title
            case {"type": "task_update", "id": str(name), "title": str(), "status": status} if (
                status in STATUSES
            ):
                stream.tasks[name] = stream.tasks.get(name, {}) | _card(chunk)
            case {"type": "blocks", "blocks": list(blocks)}:
                stream.blocks += blocks
            case _:
                raise Refused("invalid_chunks")
        return ""


def _card(chunk: Json) -> Json:
    """A task update as the card that the message ends up with: words become rich text."""
    return without_nothing(
        type="task_card",
        task_id=chunk["id"],
        title=chunk["title"],
        status=chunk["status"],
        details=_rich(chunk.get("details")),
        output=_rich(chunk.get("output")),
        sources=chunk.get("sources"),
    )


def _rich(words: str | None) -> Json | None:
    if not words:
        return None
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": words}]}
    return {"type": "rich_text", "elements": [section]}
