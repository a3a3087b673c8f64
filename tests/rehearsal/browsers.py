"""A real Chromium, driven over the plain WebDriver protocol."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ABSENT = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = (
    "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking "
    "disable-component-update disable-sync hide-scrollbars"
)
TEXT_OF = "return document.querySelector(arguments[0])?.innerText"
SHOWS = f"{TEXT_OF}?.includes(arguments[1])"


@dataclass(frozen=True)
class Browser:
    """One window; selectors are CSS."""

    driver: httpx.AsyncClient

    async def ask(self, path: str, **body: Any) -> Any:
        answer = await self.driver.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()["value"]

    async def run(self, script: str, *arguments: Any) -> Any:
        return await self.ask("execute/sync", script=script, args=arguments)

    async def until(self, script: str, *arguments: Any) -> Any:
        """The first truthy value of a script, within half a minute."""
        async with asyncio.timeout(180):
            while not (seen := await self.run(script, *arguments)):
                await asyncio.sleep(0.02)
        return seen

    async def shows(self, selector: str, words: str) -> None:
        await self.until(SHOWS, selector, words)

    async def click(self, selector: str) -> None:
        await self.ask(f"element/{await self._find(selector)}/click")

    async def type(self, selector: str, words: str) -> None:
        await self.ask(f"element/{await self._find(selector)}/value", text=words)

    async def _find(self, selector: str) -> str:
        await self.until("return document.querySelector(arguments[0])", selector)
        found = await self.ask("element", using="css selector", value=selector)
        return str(found[ELEMENT])

    async def picture(self, file: Path) -> None:
        """Write what the window shows, as PNG."""
        answer = await self.driver.get("screenshot")
        file.write_bytes(base64.b64decode(answer.json()["value"]))


@asynccontextmanager
async def opened(home: Path, size: str = "1280,800") -> AsyncIterator[Browser]:
    """Open a window with a profile of its own in `home`, and close it."""
    program, port = await _driver()
    try:
        async with httpx.AsyncClient(timeout=20, trust_env=False) as driver:
            asked = _capabilities(home, size)
            answer = await driver.post(f"http://127.0.0.1:{port}/session", json=asked)
            session = f"http://127.0.0.1:{port}/session/{answer.json()['value']['sessionId']}/"
            driver.base_url = httpx.URL(session)
            try:
                yield Browser(driver)
            finally:
                await driver.delete(session.rstrip("/"))
    finally:
        program.terminate()
        await program.communicate()


async def _driver() -> tuple[asyncio.subprocess.Process, int]:
    """It picks a port on IPv4 and ends when another program has that one on IPv6: start again."""
    for _ in range(5):
        program = await asyncio.create_subprocess_exec(
            "chromedriver", "--port=0", stdout=asyncio.subprocess.PIPE
        )
        assert program.stdout is not None
        async with asyncio.timeout(180):
            while line := await program.stdout.readline():
                if found := re.search(rb"successfully on port (\d+)", line):
                    return program, int(found[1])
        await program.wait()
    raise AssertionError("chromedriver ended five times before it listened")


def _capabilities(home: Path, size: str) -> dict[str, Any]:
    flags = [f"--{flag}" for flag in (*FLAGS.split(), f"window-size={size}")]
    flags += [f"--user-data-dir={home}"]
    options = {"binary": shutil.which("chromium"), "args": flags}
    wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
    return {"capabilities": {"alwaysMatch": {"unhandledPromptBehavior": "ignore", **wanted}}}
