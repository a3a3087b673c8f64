"""
What the pages owe to the code: rooms, lifecycle, settings, commands, the role in a cluster.

`python -m tests.rules.papers`, at the root of a clone, writes these parts anew; test_papers.py
compares them.
"""

from __future__ import annotations

import argparse
import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_origin

from pydantic import BaseModel

from bot import cli, plugins
from bot.app import correspondents
from bot.app.sections import SECTIONS
from bot.clients.gateways import RecoverySettings
from bot.clients.hosts import Remote
from bot.clients.kubernetes import granting
from bot.clients.kubernetes.granting import Need
from bot.clients.paging import PagerdutySettings
from bot.clients.signing import CheckpointSettings
from bot.core import execution, lifecycle
from bot.core.lifecycle import State
from bot.settings import Settings
from bot.telemetry.metrics import FIGURES
from tests import matrix
from tests.rules import house, loglines, manual, sources
from tests.rules.tables import default, of_section, table

README = house.ROOT / "README.md"
SETTINGS = house.ROOT / "docs" / "settings.md"
HOSTS = house.ROOT / "docs" / "hosts.md"
ALERTS = house.ROOT / "docs" / "alerts.md"
COMMANDS = house.ROOT / "docs" / "cli.md"
METRICS = house.ROOT / "docs" / "metrics.md"
LIFECYCLE = house.ROOT / "docs" / "lifecycle.md"
FAULTS = house.ROOT / "docs" / "faults.md"
ATTACKS = house.ROOT / "docs" / "attacks.md"
ROLE = house.ROOT / "deploy" / "kubernetes" / "role.yaml"
NODES = house.ROOT / "deploy" / "kubernetes" / "nodes.yaml"
ROOMS: tuple[plugins.Room, ...] = ("actions", "probes")
ELSEWHERE = frozenset({State.ESCALATED, State.WITHDRAWN, State.CANCELLED, State.EXPIRED,
                       State.REJECTED, State.DRY_RUN, State.ALREADY_HEALTHY})  # fmt: skip
"""Ends that README tells in a sentence; docs/lifecycle.md draws them."""
_MARKED = re.compile(r"(<!-- (?:table|picture): ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """Return a page with what stands between its markers written anew."""
    return _MARKED.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}", text)


def picture() -> str:
    """The life of an incident that somebody wants healed, as GitHub draws it."""
    return f"```mermaid\n{lifecycle.picture(ELSEWHERE)}```\n"


def whole_picture() -> str:
    """Every state and every move."""
    return f"```mermaid\n{lifecycle.picture()}```\n"


def rooms() -> str:
    """Every room and its first sentence, in the order in which they may import each other."""
    rows = [
        (f"[{name}]({house.module(f'bot.{name}').place.removesuffix('/__init__.py')})",
         house.module(f"bot.{name}").headline)
        for name in floors()
    ]  # fmt: skip
    return table(("room", "what it is for"), rows)


def floors() -> list[str]:
    """The rooms that exist, from the top down, as the contract of the linter lists them."""
    contracts: Any = house.project()["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    return [name for layer in layers for name in re.findall(r"(?<![(\w])\w+(?![)\w])", layer)]


def own_settings() -> str:
    """What the house itself reads."""
    rows = [
        (f"`{field.alias}`", default(field), field.description or "")
        for field in Settings.model_fields.values()
    ]
    rows += [row for name, model in SECTIONS.items() for row in of_section(name, model)]
    return table(("variable", "default", "meaning"), rows)


def plugin_settings() -> str:
    """What the plug-ins read, one model a system."""
    return table(("variable", "default", "meaning"), _plugin_rows())


def _plugin_rows() -> Iterator[tuple[str, str, str]]:
    for system, model in sorted(models().items()):
        for name, field in model.model_fields.items():
            many = get_origin(field.annotation) is dict
            variable = f"{name.removesuffix('s')}_<name>" if many else name
            yield (
                f"`HEAL_{system.upper()}_{variable.upper()}`", default(field),
                field.description or "",
            )  # fmt: skip


def remote() -> str:
    """What can be said of another machine."""
    rows = (
        (f"`{name}`", default(field), field.description or "")
        for name, field in Remote.model_fields.items()
    )
    return table(("key", "default", "meaning"), rows)


def models() -> dict[str, type[BaseModel]]:
    """The settings of each system that an action, a probe, a pager or a signal speaks to."""
    found: dict[str, type[BaseModel]] = {
        "pagerduty": PagerdutySettings,
        "recovery": RecoverySettings,
        "checkpoint": CheckpointSettings,
    }
    for room in (*ROOMS, *correspondents.IN_STEP):
        for name in plugins.shipped(room):
            found[name.partition(".")[0]] = blueprint(room, name).config
    for name in plugins.shipped("sinks"):
        found[f"sink_{name.partition('.')[0]}"] = blueprint("sinks", name).config
    return found


def role() -> str:
    """What every action and probe of a cluster needs in a namespace, as a role to apply."""
    return f"{granting.manifests(needs('shop'), 'heal')}# "


def role_of_nodes() -> str:
    """What they need in the whole cluster."""
    return f"{granting.manifests(needs(''), 'heal-nodes')}# "


def needs(namespace: str) -> list[Need]:
    """All that is declared for one namespace; for the whole cluster when it is empty."""
    wanted = (
        need
        for room in ROOMS
        for name in plugins.shipped(room)
        if name.startswith("kubernetes.")
        for need in granting.needs(blueprint(room, name).needs, "", "shop")
    )
    return [one for one in wanted if one.namespace == namespace]


def blueprint(room: plugins.Room, name: str) -> Any:
    return importlib.import_module(f"bot.{room}.{name}").PLUGIN


def executions() -> str:
    """Every state in the seven words that other programs may know."""
    return table(("state", "as an execution"), execution.table())


def metrics() -> str:
    """Every figure that can be scraped."""
    rows = (
        (f"`{one.name}`", one.kind, ", ".join(f"`{name}`" for name in one.labels), one.says)
        for one in FIGURES
    )
    return table(("figure", "kind", "labels", "meaning"), rows)


def commands() -> str:
    """Every verb with what can be written after it."""
    return "\n".join(_verb(name, parser) for name, parser in verbs().items())


def verbs() -> dict[str, argparse.ArgumentParser]:
    """The verbs of `heal`, as the command line itself is told them."""
    known = argparse.ArgumentParser().add_subparsers()
    for name in cli.VERBS:
        cli.verb(name).add(known)
    return dict(_flat(known.choices))


def _flat(
    known: dict[str, argparse.ArgumentParser],
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """A verb of several parts is told part by part."""
    for name, parser in known.items():
        parts = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
        if not parts:
            yield name, parser
        for part in parts:
            yield from ((f"{name} {word}", one) for word, one in _flat(part.choices))


def _verb(name: str, parser: argparse.ArgumentParser) -> str:
    said = (parser.description or "").strip().partition("\n")[0]
    rows = [
        (f"`{_written(action)}`", action.help or "")
        for action in parser._actions
        if not isinstance(action, argparse._HelpAction)
    ]
    arguments = "\n" + table(("argument", "meaning"), rows) if rows else ""
    return f"## heal {name}\n\n{said}\n{arguments}"


def _written(action: argparse.Action) -> str:
    values = "\\|".join(str(one) for one in action.choices or ())
    if not action.option_strings:
        name = values or action.dest.upper()
        return {"?": f"[{name}]", "+": f"{name}…"}.get(str(action.nargs), name)
    value = "" if action.nargs == 0 else f" {values or action.dest.upper()}"
    return f"{', '.join(action.option_strings)}{value}"


PARTS: dict[str, Callable[[], str]] = {
    "rooms": rooms,
    "lifecycle": picture,
    "whole-lifecycle": whole_picture,
    "settings": own_settings,
    "plugin-settings": plugin_settings,
    "remote": remote,
    "sources": sources.all_of_them,
    "source-settings": sources.settings,
    "commands": commands,
    "metrics": metrics,
    "execution": executions,
    "faults": lambda: matrix.page(matrix.FAULTS),
    "attacks": lambda: matrix.page(matrix.ATTACKS),
    **loglines.PARTS,
    **manual.PARTS,
    "role": role,
    "nodes": role_of_nodes,
}
PAGES: dict[Path, tuple[str, ...]] = {
    README: ("lifecycle", "rooms"),
    SETTINGS: ("settings", "plugin-settings"),
    HOSTS: ("remote",),
    ALERTS: ("sources", "source-settings"),
    COMMANDS: ("commands",),
    METRICS: ("metrics",),
    FAULTS: ("faults",),
    ATTACKS: ("attacks",),
    loglines.PAGE: tuple(loglines.PARTS),
    manual.PAGE: tuple(manual.PARTS),
    LIFECYCLE: ("whole-lifecycle", "execution"),
    ROLE: ("role",),
    NODES: ("nodes",),
}

if __name__ == "__main__":
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
