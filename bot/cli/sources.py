"""`heal sources`: where alerts may be posted, and what becomes of a message before it is one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot import ports
from bot import settings as settings_
from bot.app import doors
from bot.catalog import shelving, written
from bot.clients import commands, http
from bot.clients.rig import Rig
from bot.clock import Clock
from bot.core import visible
from bot.core.errors import ConfigurationError
from bot.core.posted import Posted
from bot.plugins import Toolbox
from bot.rehearsal import trying

LARGEST = 1 << 20
"""Octets of a message, as at the door."""
_HEADERS = TypeAdapter(dict[str, str])


def add(verbs: Any) -> None:
    verb = verbs.add_parser("sources", help="list or try sources of alerts", description=__doc__)
    known = verb.add_subparsers(dest="what", required=True, metavar="WHAT")
    listing = known.add_parser(
        "list",
        help="each source, its address, and what opens it",
        description="`heal sources list`: each source with its addresses, which proofs it asks "
        "for, or what to set; exits with 1 when a setting is wrong.",
    )
    listing.set_defaults(act=lambda _: _list())
    one = known.add_parser(
        "try",
        help="what becomes of a message",
        description="`heal sources try`: what becomes of a message, touching nothing; exits with 1 "
        "when it is refused.",
    )
    one.add_argument("file", metavar="FILE", help="the body as it is posted; - is stdin")
    one.add_argument("--source", default="", help="only this one; each in turn unless given")
    one.add_argument("--headers", type=Path, metavar="FILE", help="JSON object of its headers")
    one.add_argument("--mapping", type=Path, metavar="FILE", help="of generic, or a folder of them")
    one.add_argument("--runbooks", type=Path, default=Path("runbooks"), help="default: runbooks")
    one.add_argument("--json", action="store_true", help="one JSON object an alert")
    one.set_defaults(act=_try)


def _list() -> int:
    toolbox = _toolbox()
    wrong = 0
    for name in toolbox.names("sources"):
        try:
            source = doors.door(toolbox, name)
        except ConfigurationError as error:
            wrong += 1
            state = f"WRONG: {error}"
        else:
            state = _asks(source) if source else f"shut: set {doors.opened_by(toolbox, name)}"
        made: Any = toolbox.blueprint("sources", name)
        print(f"{name:<14} {', '.join((f'/alerts/{name}', *getattr(made, 'paths', ())))}")
        print(f"{'':<14} {state}")
    return 1 if wrong else 0


def _asks(source: Any) -> str:
    listed = ("listed addresses",) if source.settings.addresses else ()
    return f"open: asks for {' and '.join((*source.locks, *listed))}"


def _try(given: argparse.Namespace) -> int:
    toolbox = _toolbox(given.mapping)
    sources = dict(_asked(toolbox, "generic" if given.mapping else given.source))
    posted = Posted(_headers(given.headers), _body(given.file), Clock().now())
    library = shelving.load(given.runbooks, toolbox)
    tried = trying.read(posted, sources)
    if not tried.source:
        for name, why in tried.refused.items():
            print(f"{name}: {visible.line(why)}", file=sys.stderr)
        return 1
    if not given.json:
        count = len(tried.alerts)
        print(f"{tried.source} reads it: {count} alert{'' if count == 1 else 's'}")
    for alert in tried.alerts:
        found = trying.considered(alert, library)
        if given.json:
            print(json.dumps(trying.as_json(tried.source, alert, found), ensure_ascii=False))
        else:
            print(*trying.lines(alert, found), sep="\n")
    return 0


def _asked(toolbox: Toolbox, only: str) -> Iterator[tuple[str, ports.Source]]:
    for name in [only] if only else trying.ordered(toolbox.names("sources")):
        yield name, toolbox.source(name)


def _toolbox(mapping: Path | None = None) -> Toolbox:
    """Every source as it is set here; nothing is connected."""

    def sections(system: str) -> Mapping[str, str]:
        told = settings_.section(system)
        own = {"webhook_mappings": str(mapping)} if mapping and system == "generic" else {}
        return {**told, **own}

    rig = Rig(http.open_client(), Clock(), commands.Commands({}), written.read)
    return Toolbox(rig, sections, settings_.leniently()[0].allowed)


def _headers(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        found = _HEADERS.validate_json(file.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"--headers {file}: no JSON object of texts: {error}") from None
    return {name.lower(): text for name, text in found.items()}


def _body(file: str) -> bytes:
    try:
        if file == "-":
            body = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as stream:
                body = stream.read(LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f"{file}: it cannot be read: {error.strerror}") from None
    if len(body) > LARGEST:
        raise ConfigurationError(f"{file}: it is larger than {LARGEST} bytes, as no door takes it")
    return body
