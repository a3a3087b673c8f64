"""`heal capture`: a scrubbed sample of a message, for a format that is to be written or mended."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from bot import settings as settings_
from bot.cli import secrecy
from bot.core.errors import ConfigurationError
from bot.slack import capturing
from bot.slack.alerts import formats
from bot.slack.alerts.scrubbing import Scrub
from bot.slack.alerts.told import Told
from bot.telemetry import logs
from bot.telemetry.logs import Form

ORIGIN = "captured with heal capture"
LARGEST = 1 << 20


def add(verbs: Any) -> None:
    verb = verbs.add_parser(
        "capture", help="save a scrubbed sample of a message", description=__doc__
    )
    verb.add_argument(
        "what",
        help="a message's link in Slack, a file with its JSON, or - for what is piped in",
    )
    verb.add_argument("--to", type=Path, help="the new file that is written; printed unless given")
    verb.add_argument(
        "--hide", action="append", default=[], metavar="WORD", help="a word that is taken out, too"
    )
    verb.add_argument("--name", default="captured", help="the sample's name, such as firing")
    verb.set_defaults(act=act)


def act(given: argparse.Namespace) -> int:
    """Return 0 when a format reads the sample, 1 when none does; it is saved in both cases."""
    settings, _ = settings_.leniently()
    logs.begin("ERROR", secrecy.secrets(), Form.TEXT)
    if given.what.startswith(("http://", "https://")):
        message = asyncio.run(capturing.fetch(settings, capturing.place(given.what)))
    else:
        message = _of_file(given.what)
    clean = Scrub(given.hide).message(message)
    sample = {"origin": ORIGIN, "kind": "captured", "messages": {given.name: clean}}
    _save(json.dumps(sample, ensure_ascii=False, indent=1) + "\n", given.to)
    name, told = formats.which(clean)
    _report(name, told, formats.which(message)[0])
    return 0 if told else 1


def _of_file(name: str) -> dict[str, JsonValue]:
    try:
        text = sys.stdin.read(LARGEST) if name == "-" else Path(name).read_text(encoding="utf-8")
        found = json.loads(text)
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{name} is no JSON: save a message as Slack sends it") from None
    return _message(found)


def _message(found: JsonValue) -> dict[str, JsonValue]:
    """The message in an event, an edit, a shortcut or an answer of Slack's; or it itself."""
    while isinstance(found, dict):
        inner = next((found[key] for key in ("event", "message") if key in found), None)
        listed = found.get("messages")
        if inner is None and isinstance(listed, list) and listed:
            inner = listed[0]
        if inner is None:
            return found
        found = inner
    raise ConfigurationError("that holds no message: save a message as Slack sends it")


def _save(text: str, to: Path | None) -> None:
    if to is None:
        print(text, end="")
        return
    try:
        with to.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigurationError(f"{to} is there already: name a new file") from None
    except OSError as error:
        raise ConfigurationError(f"{to} cannot be written: {error.strerror}") from None


def _report(name: str, told: Told | None, before: str) -> None:
    """Say on the error stream what is read, so that the sample can be piped on."""
    lines = [f"read by the format {name}:" if told else "no format reads it"]
    for one in told.alerts if told else ():
        where = ", ".join(f"{key} {one.labels.get(key, 'not said')}"
                          for key in ("service", "environment"))  # fmt: skip
        lines.append(f"  {one.status} {one.name!r} ({where}), known as {one.fingerprint}")
    if before != name:
        as_it_was = before or "none"
        lines.append(f"before it was scrubbed: {as_it_was}; a word that was taken out is needed")
    lines.append("Read it before you share it: names in running text are not known to be names.")
    print("\n".join(lines), file=sys.stderr)
