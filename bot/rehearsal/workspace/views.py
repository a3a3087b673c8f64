"""Modals and Home tabs: the stack of views that each person has open, and the tab of each."""

from __future__ import annotations

import secrets

from bot.rehearsal.workspace import fields
from bot.rehearsal.workspace.kit.surfaces import Surface, accepted
from bot.rehearsal.workspace.kit.texts import PLAIN, text_problems
from bot.rehearsal.workspace.wire import Json, Refused
from bot.rehearsal.workspace.world import World

DEEPEST = 3
LENGTHS = {"private_metadata": 3000, "callback_id": 255, "external_id": 255}
OWN_FIELDS = frozenset(
    [
        "type",
        "title",
        "submit",
        "close",
        "blocks",
        "private_metadata",
        "callback_id",
        "external_id",
        "clear_on_close",
        "notify_on_close",
        "submit_disabled",
    ]
)


class Views:
    """Every view that is shown at this moment."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stacks: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}

    def top(self, user: str) -> Json | None:
        """The modal that this person looks at."""
        stack = self._stacks.get(user)
        return stack[-1] if stack else None

    def owner(self, view_id: str) -> str:
        """Who has this modal open; `not_found` when nobody has."""
        for user, stack in self._stacks.items():
            if any(view["id"] == view_id for view in stack):
                return user
        raise Refused("not_found")

    def find(self, *, view_id: str | None = None, external_id: str | None = None) -> Json:
        """An open modal or a Home tab by one of its ids."""
        for view in [*(v for stack in self._stacks.values() for v in stack), *self.homes.values()]:
            if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                return view
        raise Refused("not_found")

    def open(self, user: str, view: Json) -> Json:
        """Shows a first modal; whatever this person had open is gone."""
        shown = self._new(view, Surface.MODAL)
        self._stacks[user] = [shown]
        self._world.pulse.changed()
        return shown

    def push(self, user: str, view: Json) -> Json:
        """Shows a modal over the one that is open: three deep at most."""
        stack = self._stacks.get(user) or []
        if not stack:
            raise Refused("not_found")
        if len(stack) >= DEEPEST:
            raise Refused("push_limit_reached")
        shown = self._new(view, Surface.MODAL)
        shown |= {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
        stack.append(shown)
        self._world.pulse.changed()
        return shown

    def update(self, shown: Json, view: Json, known_hash: str | None = None) -> Json:
        """Replaces what a view shows; what people typed stays where ids stay the same."""
        if known_hash and known_hash != shown["hash"]:
            raise Refused("hash_conflict")
        surface = Surface(shown["type"])
        kept = {key: shown[key] for key in ("id", "root_view_id", "previous_view_id")}
        typed = shown["state"]["values"]
        fresh = self._new(view, surface, replacing=shown) | kept
        fresh["state"] = {"values": fields.state(fresh["blocks"], typed)}
        shown.clear()
        shown.update(fresh)
        self._world.pulse.changed()
        return shown

    def publish(self, user: str, view: Json, known_hash: str | None = None) -> Json:
        """Shows this as the person's Home tab."""
        if user in self.homes:
            return self.update(self.homes[user], view, known_hash)
        self.homes[user] = self._new(view, Surface.HOME)
        self._world.pulse.changed()
        return self.homes[user]

    def close(self, user: str, *, everything: bool = False) -> None:
        """Takes the topmost modal away, or all of them."""
        stack = self._stacks.get(user) or []
        del stack[0 if everything else -1 :]
        self._world.pulse.changed()

    def _new(self, view: Json, surface: Surface, replacing: Json | None = None) -> Json:
        _check(view, surface)
        external = view.get("external_id", "")
        if external and any(
            other is not replacing and other["external_id"] == external
            for stack in self._stacks.values()
            for other in stack
        ):
            raise Refused("duplicate_external_id")
        blocks = accepted(view.get("blocks"), surface, error="invalid_arguments", at="/view/blocks")
        name = self._world.new_id("V")
        unsaid: Json = {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "submit": None,
        }
        unsaid |= {"close": None, "clear_on_close": False, "notify_on_close": False}
        return {
            **unsaid,
            **view,
            "blocks": blocks,
            "state": {"values": fields.state(blocks, {})},
            "id": name,
            "root_view_id": name,
            "previous_view_id": None,
            "team_id": self._world.cast.team_id,
            "app_id": self._world.app.id,
            "bot_id": self._world.app.bot_id,
            "hash": f"{self._world.seconds()}.{secrets.token_hex(4)}",
        }


def _check(view: Json, surface: Surface) -> None:
    if not isinstance(view, dict) or view.get("type") != surface:
        raise Refused.arguments(f"must be a view of type {surface} [json-pointer:/view/type]")
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not blocks:
        raise Refused.arguments("must provide at least one block [json-pointer:/view/blocks]")
    wrong = [
        f"invalid additional property: {name} [json-pointer:/view]"
        for name in sorted(view.keys() - OWN_FIELDS)
    ]
    for key in ("title", "submit", "close"):
        if surface is Surface.HOME and view.get(key) is not None:
            wrong.append(f"a home view has no {key} [json-pointer:/view/{key}]")
        elif view.get(key) is not None or (key == "title" and surface is Surface.MODAL):
            wrong += text_problems(view.get(key), PLAIN, f"/view/{key}", limit=24)
    for key, longest in LENGTHS.items():
        if len(view.get(key) or "") > longest:
            wrong.append(f"must be less than {longest + 1} characters [json-pointer:/view/{key}]")
    asks = any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)
    if surface is Surface.MODAL and asks and view.get("submit") is None:
        wrong.append("must provide submit, for there is an input block [json-pointer:/view/submit]")
    if wrong:
        raise Refused.arguments(*wrong)
