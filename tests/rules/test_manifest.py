"""Slack's manifest asks for what the code uses, no less and no more."""

from __future__ import annotations

import ast
import re
from typing import Any

import yaml

from bot.app.pages import BACK
from bot.rehearsal.workspace import cast
from bot.rehearsal.workspace.api.door import METHODS
from bot.rehearsal.workspace.deliveries import SCOPE_OF_EVENT
from bot.settings import Settings
from bot.slack import reading
from tests.rules import house

MANIFEST: dict[str, Any] = yaml.safe_load((house.ROOT / "deploy/slack/manifest.yaml").read_text())
EVENTS = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
SCOPES = set(MANIFEST["oauth_config"]["scopes"]["bot"])
UPLOAD = ("files.getUploadURLExternal", "files.completeUploadExternal")
"""What slack_sdk's `files_upload_v2` calls."""
CARDS_STAND_IN = ("channels", "groups")
BY_ARGUMENT = {"conversations.list": "{kind}:read"}
"""Scopes that depend on an argument: bot/slack/channels.py asks for public and private ones."""


def test_every_event_that_is_read_is_subscribed_to_and_no_other() -> None:
    read = {name for name in cast.EVENTS for who in ({}, {"bot_id": "B1"})
            if reading.read(event(name, **who))}  # fmt: skip

    assert read == EVENTS


def event(subscription: str, **who: str) -> dict[str, Any]:
    """A delivery of this subscription; `message.im` is the type `message` in a kind of channel."""
    kind, _, where = subscription.partition(".")
    said = {
        "user": "U1",
        "channel": "C1",
        "ts": "1700000000.0001",
        "text": "status",
        "tab": "home",
        "message_ts": "1700000000.0002",
    }
    item = {"type": "message", "channel": "C1", "ts": "1.2"}
    reaction = {"reaction": "white_check_mark", "item": item, "event_ts": "1700000000.0003"}
    place = {"channels": "channel", "groups": "group"}.get(where, where)
    return {
        "type": "event_callback",
        "event": {"type": kind, "channel_type": place, **said, **reaction, **who},
    }


def test_every_scope_is_needed_and_every_needed_scope_is_asked_for() -> None:
    methods = {method for name in called() for method in api_names(name)}
    of_methods = {
        BY_ARGUMENT.get(name, METHODS[name].scope).format(kind=kind)
        for name in methods
        for kind in CARDS_STAND_IN
        if not METHODS[name].app_token
    }
    of_events = {SCOPE_OF_EVENT.get(name, "") for name in EVENTS}

    assert (of_methods | of_events | {"commands"}) - {""} == SCOPES


def test_the_local_workspace_grants_what_the_manifest_asks_for() -> None:
    assert cast.SCOPES >= SCOPES
    assert cast.EVENTS >= EVENTS


def test_what_a_public_address_adds_stands_there_to_be_uncommented() -> None:
    text = (house.ROOT / "deploy/slack/manifest.yaml").read_text()
    told = yaml.safe_load(re.sub(r"# (unfurl_domains|redirect_urls):", r"\1:", text))
    (back,), (host,) = told["oauth_config"]["redirect_urls"], told["features"]["unfurl_domains"]

    assert back == f"https://{host}{BACK}"
    assert "redirect_urls" not in MANIFEST["oauth_config"]


def test_command_and_shortcuts_are_those_of_the_local_workspace() -> None:
    features, app = MANIFEST["features"], cast.App()
    (command,) = features["slash_commands"]
    shortcuts = {one["callback_id"] for one in features["shortcuts"]}

    assert command["command"] == Settings.model_fields["command"].default
    assert command["command"] in {known.name for known in app.commands}
    assert command["should_escape"], "bot/slack/escapes.py reads what Slack escaped"
    assert shortcuts == app.message_shortcuts | app.global_shortcuts


def called() -> set[str]:
    """Every attribute that the Slack room calls: the methods of Slack's client among them."""
    return {
        node.func.attr
        for module in house.modules()
        if module.name.startswith("bot.slack")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def api_names(name: str) -> tuple[str, ...]:
    if name == "files_upload_v2":
        return UPLOAD
    return tuple(method for method in METHODS if method.replace(".", "_") == name)
