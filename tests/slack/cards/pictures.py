"""
Draws docs/cards/*.png from the golden files: `python -m tests.slack.cards.pictures [name …]`.

It needs Chromium, and Pillow, which the graphs need as well. Each picture is of the local
workspace's own page, and names in itself the golden files that it was made from, by their hash:
only what changed is drawn anew. A card of an incident stands above its thread.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import struct
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.rehearsal.workspace import Workspace
from tests.rehearsal import browsers
from tests.rehearsal.browsers import Browser
from tests.rules import house
from tests.slack.cards import goldens

FOLDER = house.ROOT / "docs" / "cards"
MADE_FROM = "golden"
"""The name of the text in a picture that holds the hash."""
WIDTH = 680
COLOURS = 24
READY = "return document.querySelector('#sidebar')?.innerText.length > 5"
SHOW = """
const [messages, done] = [arguments[0], arguments[arguments.length - 1]];
(async () => {
  const { messageNode } = await import('/page/messages.js');
  const { store } = await import('/page/store.js');
  const shot = document.createElement('div');
  shot.id = 'shot';
  shot.style.cssText = `width:${arguments[1]}px;padding:12px;background:var(--surface,#fff)`;
  messages.forEach((message, at) => {
    const told = { user: store.state.bot_user, channel_id: 'C0ALERTS', ...message };
    const node = messageNode(told, { inThread: true, open: () => {}, key: `m${at}` });
    node.querySelectorAll('.byline time').forEach((one) => one.remove());
    node.querySelectorAll('.tools').forEach((one) => one.remove());
    node.querySelectorAll('details').forEach((one) => { one.open = true; });
    shot.append(node);
  });
  document.body.replaceChildren(shot);
  await Promise.all([...shot.querySelectorAll('img')].map((one) => {
    one.loading = 'eager';
    return one.decode().catch(() => {});
  }));
  document.body.style.overflow = 'visible';
  done(shot.getBoundingClientRect().height);
})();
"""


def sources() -> dict[str, tuple[Path, ...]]:
    """What each picture is made from, by its name: a card and its thread are one picture."""
    found: dict[str, list[Path]] = {}
    for file in sorted(goldens.HERE.rglob("*.json")):
        where = file.relative_to(goldens.HERE)
        story = where.parts[0] in {"root", "thread"}
        name = where.stem if story else "-".join(where.with_suffix("").parts)
        found.setdefault(f"{name}.png", []).append(file)
    return {name: tuple(files) for name, files in found.items()}


def hash_of(files: Sequence[Path]) -> str:
    """One hash over the content of these files."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def made_from(picture: bytes) -> str:
    """The hash that a PNG names; empty when it names none."""
    at = 8
    while at + 8 <= len(picture):
        (size,), kind = struct.unpack(">I", picture[at : at + 4]), picture[at + 4 : at + 8]
        if kind == b"tEXt":
            name, _, said = picture[at + 8 : at + 8 + size].partition(b"\0")
            if name.decode() == MADE_FROM:
                return said.decode()
        at += 12 + size
    return ""


def stale() -> Iterator[str]:
    """The names of the pictures that are not there, or were made from something else."""
    for name, files in sources().items():
        picture = FOLDER / name
        if not picture.exists() or made_from(picture.read_bytes()) != hash_of(files):
            yield name


def page() -> str:
    """docs/cards/README.md: every picture with its name."""
    drawn = "`python -m tests.slack.cards.pictures`"
    said = f"Drawn from the golden files of the tests by {drawn}: a card, and its thread below it."
    lines = ["# Every card", "", said]
    for name in sources():
        title = name.removesuffix(".png").replace("_", " ").replace("-", ": ")
        lines += ["", f"## {title.capitalize()}", "", f"![The card of {title}]({name})"]
    return "\n".join(lines) + "\n"


def messages(files: Sequence[Path]) -> list[dict[str, Any]]:
    """What is shown in a picture, in its order; a form or a Home tab is shown like a message."""
    shown = []
    for file in files:
        within = goldens.within(file.stem, json.loads(file.read_text(encoding="utf-8")))
        shown += [{"text": one.get("text", ""), "blocks": one["blocks"]} for _, one in within]
    return [{**one, "ts": f"1773457200.{at:06}"} for at, one in enumerate(shown)]


async def draw(names: Sequence[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="heal-pictures-") as home:
        async with (
            Workspace.open() as workspace,
            browsers.opened(Path(home) / "profile", f"{WIDTH + 40},900") as browser,
        ):
            await browser.ask("url", url=f"{workspace.url}/#/alerts")
            await browser.until(READY)
            for name in names:
                files = sources()[name]
                shot = await seen(browser, messages(files))
                (FOLDER / name).write_bytes(small(shot, hash_of(files)))
                print(f"{name}: {(FOLDER / name).stat().st_size // 1024} KB")


async def seen(browser: Browser, shown: list[dict[str, Any]]) -> bytes:
    height = await browser.ask("execute/async", script=SHOW, args=[shown, WIDTH])
    size = {"width": WIDTH + 40, "height": int(height) + 200}
    await browser.ask("window/rect", **size)
    element = await browser.ask("element", using="css selector", value="#shot")
    answer = await browser.driver.get(f"element/{element[browsers.ELEMENT]}/screenshot")
    return base64.b64decode(answer.json()["value"])


def small(picture: bytes, made: str, colours: int = COLOURS) -> bytes:
    """With few colours, and the hash of what it was made from."""
    from PIL import Image, PngImagePlugin

    told = PngImagePlugin.PngInfo()
    told.add_text(MADE_FROM, made)
    plain = Image.open(io.BytesIO(picture)).convert("RGB")
    image = plain.quantize(colours, dither=Image.Dither.NONE)
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True, pnginfo=told)
    return written.getvalue()


if __name__ == "__main__":
    (FOLDER / "README.md").write_text(page(), encoding="utf-8")
    asyncio.run(draw(sys.argv[1:] or list(stale())))
