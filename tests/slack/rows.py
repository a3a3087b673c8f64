"""Rows of the outbox as a test wants them, and what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.rehearsal.workspace import Workspace
from bot.slack.letters import Kind, Post, Priority, Upload
from bot.slack.posting import Poster
from bot.store.outbox import Outbox

Start = Callable[..., Awaitable[Poster]]


async def want(
    outbox: Outbox,
    slot: str,
    text: str,
    *,
    thread: str | None = None,
    priority: Priority = Priority.NEWS,
    channel: str = "C0ALERTS",
    below: str = "",
) -> None:
    """`below` is the ts of a message of somebody else, whose thread it stands in."""
    payload = Post(text=text, thread_ts=below).model_dump_json()
    now = Clock().now()
    await outbox.want(slot, channel, thread, Kind.MESSAGE, priority, payload, now)


async def want_file(outbox: Outbox, slot: str, content: str, below: str = "") -> None:
    upload = Upload(filename="inc-1.md", title="Transcript", content=content, thread_ts=below)
    now, thread = Clock().now(), None if below else "inc-1/card"
    kind, priority = Kind.FILE, Priority.TRANSCRIPT
    await outbox.want(slot, "C0ALERTS", thread, kind, priority, upload.model_dump_json(), now)


async def want_exhibit(outbox: Outbox, incident: str, name: str) -> None:
    upload = Upload(
        filename=f"{incident}-{name}", title=name, content="it is not here", exhibit=name,
        alt="errors fall",
    )  # fmt: skip
    slot, kind, priority = f"{incident}/exhibit/{name}", Kind.FILE, Priority.TRANSCRIPT
    told, now = upload.model_dump_json(), Clock().now()
    await outbox.want(slot, "C0ALERTS", f"{incident}/card", kind, priority, told, now)


async def idle(outbox: Outbox) -> None:
    """Wait until nothing is due any more."""
    async with asyncio.timeout(180):
        while await outbox.due():
            await asyncio.sleep(0.005)


def texts(workspace: Workspace) -> list[str]:
    """The top level of #alerts."""
    return [message["text"] for message in workspace.messages("alerts")]
