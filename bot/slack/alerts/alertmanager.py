"""Alertmanager's messages: its default template, and templates that print labels by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from bot.slack.alerts import told
from bot.slack.alerts.said import Part
from bot.slack.alerts.told import Head, Hearsay, Told

_LINK = re.compile(r"https?://[^\s|>]+/#/alerts\b[^\s|>]*")
_PAIR = re.compile(r"\*([A-Za-z_][A-Za-z0-9_]{0,199}):\*\s*`([^`\n]{0,2000})`")


def read(parts: Sequence[Part]) -> Told | None:
    """
    Read the first part that begins as Alertmanager does; None when none does.

    The default template names no labels. One that writes ``*name:* `value` `` does, an alert
    after the other: a name that comes again begins the next. `fallback` is trusted before the
    title, for it is what a changed template usually leaves as it was.
    """
    for part in parts:
        for line in part.heads:
            head = told.head(line.partition(" | http")[0])
            if head is not None:
                link = _link(part)
                named = tuple(_named(head, part.text))[: told.MOST]
                return Told(
                    link=link, alerts=named or (told.by_words(head.status, head.rest, link),)
                )
    return None


def _link(part: Part) -> str:
    found = (_LINK.search(text) for text in (part.link, part.fallback, part.text))
    return next((one[0] for one in found if one), "")[:2000]


def _named(head: Head, text: str) -> Iterator[Hearsay]:
    """Make one alert of each run of pairs that has an alertname."""
    for pairs in _runs(_PAIR.findall(text)):
        try:
            yield Hearsay(status=head.status, name=pairs.get("alertname", ""), labels=pairs,
                          annotations={"summary": head.rest[:1000]})  # fmt: skip
        except ValidationError:
            continue  # no alertname, or more than labels may hold: not a list of labels


def _runs(pairs: Sequence[tuple[str, str]]) -> Iterator[dict[str, str]]:
    run: dict[str, str] = {}
    for name, value in pairs:
        if name in run:
            yield run
            run = {}
        run[name] = value
    if run:
        yield run
