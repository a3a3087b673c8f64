"""What docs/alerts.md owes to the sources: their addresses and their settings."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from bot import plugins
from bot.clients.senders import Sender, WebhookSettings
from tests.rules import house
from tests.rules.tables import default, table


def all_of_them() -> str:
    """Every source: its addresses, and what its module says of it."""
    return table(("source", "posts to", "what it sends"), _source_rows())


def _source_rows() -> Iterator[tuple[str, str, str]]:
    for name, made in _shipped():
        places = ", ".join(f"`{place}`" for place in (f"/alerts/{name}", *made.paths))
        file = f"bot/sources/{name.replace('.', '/')}.py"
        yield f"[{name}](../{file})", places, house.module(f"bot.sources.{name}").headline


def settings() -> str:
    """What every source can be told, then what one of them can be told besides."""
    common = WebhookSettings.model_fields
    rows = [
        (f"`HEAL_<SOURCE>_WEBHOOK_{name.upper()}`", default(field), field.description or "")
        for name, field in common.items()
    ]
    for source, made in _shipped():
        rows += [
            (f"`HEAL_{source}_WEBHOOK_{name}`".upper(), default(field), field.description or "")
            for name, field in made.config.model_fields.items()
            if name not in common
        ]
    return table(("variable", "default", "meaning"), rows)


def _shipped() -> Iterator[tuple[str, type[Sender]]]:
    """Every shipped source by its name."""
    for name in plugins.shipped("sources"):
        yield name, importlib.import_module(f"bot.sources.{name}").PLUGIN


def variables() -> set[str]:
    """The name of every setting of every source."""
    return {
        f"HEAL_{name}_WEBHOOK_{field}".upper()
        for name, made in _shipped()
        for field in made.config.model_fields
    }
