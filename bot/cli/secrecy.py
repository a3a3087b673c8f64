"""Secrecy: every secret that this installation was told, so that none of them is ever logged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot import settings as settings_
from bot.core import redaction
from bot.telemetry.secrecy import forms

_OURS = re.compile("^(?:HEAL|SLACK|PAGERDUTY)_")
_MORE = re.compile(r"_(?:BASIC|TOKENS|SECRETS)$|_SECRET_")
"""Names that hold secrets beside those that say so themselves."""
_IN_URL = re.compile(r"://[^/\s:@]*:([^@\s/]+)@")
LARGEST = 64 << 10
"""Bytes of a mounted secret; what is larger is none."""


def secrets() -> list[str]:
    """Return every secret, each of a list, and the password of an address that has one."""
    return sorted(set(told(settings_.environment())))


def kept() -> list[str]:
    """Return them, and let none of them be kept or shown from now on, however it is spelled."""
    found = secrets()
    redaction.know(form for one in found for form in forms(one))
    return found


def told(environment: Mapping[str, str]) -> Iterator[str]:
    """Give the secrets in these variables, and in the files that they name."""
    for name, value in environment.items():
        if not _OURS.match(name):
            continue
        yield from _IN_URL.findall(value)
        if _holds(name):
            yield from (value, *value.split(","), *value.split(":", 1)[1:])
        elif name.endswith("_FILE"):
            held = _content(value)
            yield from _IN_URL.findall(held)
            if _holds(name.removesuffix("_FILE")):
                yield from (held, *held.split(","), *held.split(":", 1)[1:])


def _holds(name: str) -> bool:
    return redaction.names_a_secret(name) or _MORE.search(name) is not None


def _content(path: str) -> str:
    """A file that cannot be read is said where it is wanted."""
    try:
        with Path(path).open("rb") as file:
            return file.read(LARGEST).decode("utf-8", "replace").strip()
    except OSError:
        return ""
