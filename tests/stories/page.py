"""docs/stories.md: four stories as people read them, and the pictures of their threads."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bot.rehearsal.workspace import Workspace
from tests.rehearsal import browsers
from tests.rules import house
from tests.slack.cards import pictures
from tests.stories import capacity, database, flapping, memory
from tests.stories.stage import MARK, RUNNING, Told

PAGE = house.ROOT / "docs" / "stories.md"
FOLDER = house.ROOT / "docs" / "stories"
COLOURS = 48
LARGEST = 250 * 1024
"""Octets of a picture at most: people read this page on a phone, too."""
HEAD = """# Four stories

What people read when something breaks, from the alert to the proof. Tests play each of them with
the bot as it is; Slack, ticket system, pager, Prometheus and cluster are doubles on loopback. They
compare every word below with what was read; `python -m tests.stories` writes the page and draws its
pictures anew. Names, times and counts that differ between runs are placeholders.
"""


class Story(NamedTuple):
    """One of the page: what it is called, what happens, and how it is played."""

    title: str
    says: str
    play: Any


STORIES = {
    "flapping": Story(
        "A service flaps, and is restarted once an hour without asking",
        "Errors come and go for the third time in half an hour. Policy lets this runbook restart "
        "one instance of this service once an hour, so nobody is woken. What counts afterwards are "
        "the error rate and the burn of the error budget, not that the process runs. ServiceNow's "
        "incident is resolved with that proof, and not before.",
        flapping.play,
    ),
    "capacity": Story(
        "A checkout needs twice the pods, which people agree to",
        "The CPU is used up and customers wait. Twice the pods are far above what may be added "
        "unattended: it is asked for, with what it touches and what it costs an hour. Three come "
        "first, and have to help before the other three do.",
        capacity.play,
    ),
    "memory": Story(
        "An API uses up its memory, and policy lets it be restarted",
        "The event comes from PagerDuty. The runbook is pre-approved for this service, so its pods "
        "are exchanged at once; PagerDuty's incident is resolved when the memory has fallen.",
        memory.play,
    ),
    "database": Story(
        "A database is down, and a person decides",
        "The catalogue says that anything about this database is critical, whatever its sender "
        "calls it. So it is asked for. André looks at the details and agrees, and it comes up.",
        database.play,
    ),
}


def page(told: Sequence[Told]) -> str:
    """The whole page."""
    return HEAD + "".join(map(story, told))


def story(told: Told) -> str:
    """The part of it that tells this one."""
    return "".join(f"\n{part}\n" for part in _story(told))


def _story(told: Told) -> Iterator[str]:
    its = STORIES[told.name]
    yield f"## {its.title}"
    yield its.says
    for name in shots(told):
        yield f"![{its.title}](stories/{name}.png)"
    if told.asked:
        yield "The card, when people are asked:"
        yield _quoted(told.read(told.asked))
    yield "While it runs:"
    yield _quoted(re.sub(f"({RUNNING}: .*?) – .*", r"\1", told.read(told.during)))
    yield "The card at the end, and what stands below it:"
    yield _quoted("\n\n".join(told.read(one) for one in told.thread))
    yield "Ticket and pager, in this order:"
    yield _quoted("\n".join(titles(told.ticket)))


def titles(notes: Sequence[str]) -> list[str]:
    """The first line of each note."""
    return [re.sub(r"^Heal: ", "", note.partition("\n")[0]) for note in notes]


def marks(notes: Sequence[str]) -> list[str]:
    """What each note is known by: its mark, which stands at its end."""
    return [MARK.findall(note)[-1] for note in notes]


def _quoted(text: str) -> str:
    return f"```text\n{text}\n```"


def shots(told: Told) -> dict[str, list[dict[str, Any]]]:
    """What is drawn of a story: the question with its details, and the thread at the end."""
    asked = [dict(one) for one in (told.asked, told.details) if one]
    thread = [dict(one) for one in told.thread]
    named = {f"{told.name}-asked": asked, told.name: thread} if asked else {told.name: thread}
    return {
        name: [{**one, "ts": f"1773457200.{at:06}"} for at, one in enumerate(some)]
        for name, some in named.items()
    }


def write() -> None:
    """Play all, write the page, and draw its pictures."""
    with tempfile.TemporaryDirectory(prefix="heal-stories-") as home:
        told = [asyncio.run(one.play(Path(home) / name)) for name, one in STORIES.items()]
        PAGE.write_text(page(told), encoding="utf-8")
        asyncio.run(_draw(told, Path(home)))


async def _draw(told: Sequence[Told], home: Path) -> None:
    FOLDER.mkdir(exist_ok=True)
    async with (
        Workspace.open() as workspace,
        browsers.opened(home / "profile", f"{pictures.WIDTH + 40},900") as browser,
    ):
        await browser.ask("url", url=f"{workspace.url}/#/alerts")
        await browser.until(pictures.READY)
        for one in told:
            workspace.world.files.update(one.files)
            for name, shown in shots(one).items():
                shot = await pictures.seen(browser, shown)
                drawn = pictures.small(shot, "", COLOURS)
                (FOLDER / f"{name}.png").write_bytes(drawn)
                print(f"{name}.png: {len(drawn) // 1024} KB")
