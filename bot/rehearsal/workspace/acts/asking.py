"""People who ask the bot for something: commands, clicks, shortcuts, the Home tab."""

from __future__ import annotations

from typing import Any

from bot.rehearsal.workspace import fields, payloads, spelling
from bot.rehearsal.workspace.acts.stage import Stage
from bot.rehearsal.workspace.grants import Origin
from bot.rehearsal.workspace.lines import Kind
from bot.rehearsal.workspace.wire import Json, NotAnswered, NotPossible, Refused


class Asking(Stage):
    """Each act returns when the bot acknowledged it, and raises NotAnswered when it did not."""

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Any:
        """Types a slash command at the top level of a channel; what the bot answered with."""
        person, place = self._place(user, channel)
        if command not in {known.name for known in self.world.app.commands}:
            raise NotPossible(f"{command} is not a valid command.")
        if "commands" not in self.world.app.scopes:
            raise NotPossible(f"{command} is not installed: the app lacks the scope `commands`.")
        words = spelling.command(self.world, text.strip())
        form = payloads.slash_command(self.world, person, place.id, command, words)
        form["trigger_id"] = self.triggers.give(person)
        form["response_url"] = self.response_urls.give(place.id, person)
        reply = await self._ask(Kind.COMMAND, form, command)
        said = {"text": reply.body} if isinstance(reply.body, str) else reply.body
        if said:
            self._show(Origin(place.id, person, 0), said, command)
        return said

    async def click(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        *,
        block_id: str | None = None,
        choice: Any = None,
    ) -> None:
        """Clicks a button of a message, or chooses in one of its menus (`choice`: a value)."""
        person, place = self._place(user, channel)
        message = self._seen(person, place.id, ts)
        blocks = _blocks(message)
        block, element = fields.find(blocks, action_id, block_id)
        whispered = bool(message.get("is_ephemeral"))
        container: Json = {"type": "message", "message_ts": ts, "channel_id": place.id}
        container |= {"is_ephemeral": whispered, "is_app_unfurl": False}
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        action, values = self._action(blocks, {}, block, element, choice)
        payload = self._interaction(
            "block_actions",
            person,
            container=container,
            channel=payloads.channel_named(self.world, place.id),
            trigger_id=self.triggers.give(person),
            response_url=self.response_urls.give(
                place.id, person, {"ts": ts, "is_ephemeral": whispered}
            ),
            state={"values": values},
            actions=[action],
            **({} if whispered else {"message": message}),
        )
        await self._ask(Kind.INTERACTION, payload, f"The click on {action_id}")

    async def click_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        block_id: str | None = None,
        choice: Any = None,
        typed: fields.Typed | None = None,
    ) -> None:
        """Clicks or chooses in a modal or on the Home tab; `typed`: what stands in its fields."""
        person = self.world.person(user)
        view = self._own_view(person, view_id)
        blocks = view["blocks"]
        block, element = fields.find(blocks, action_id, block_id)
        before = fields.filled(blocks, view["state"]["values"], typed or {})
        action, values = self._action(blocks, before, block, element, choice)
        view["state"] = {"values": values}
        self.world.pulse.changed()
        if block["type"] == "input" and not block.get("dispatch_action"):
            return  # Slack keeps it until the form is submitted
        payload = self._interaction(
            "block_actions",
            person,
            container={"type": "view", "view_id": view_id},
            trigger_id=self.triggers.give(person, view_id),
            view=view,
            actions=[action],
        )
        await self._ask(Kind.INTERACTION, payload, f"The click on {action_id}")

    async def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> None:
        """Uses a message shortcut of the app."""
        person, place = self._place(user, channel)
        if callback_id not in self.world.app.message_shortcuts:
            raise NotPossible(f"The app has no message shortcut {callback_id!r}.")
        message = self._seen(person, place.id, ts)
        payload = self._interaction(
            "message_action",
            person,
            callback_id=callback_id,
            channel=payloads.channel_named(self.world, place.id),
            message=message,
            message_ts=ts,
            action_ts=self.world.new_ts(),
            trigger_id=self.triggers.give(person),
            response_url=self.response_urls.give(place.id, person),
        )
        await self._ask(Kind.INTERACTION, payload, f"The shortcut {callback_id}")

    async def global_shortcut(self, user: str, callback_id: str) -> None:
        """Uses a shortcut from the search bar: it belongs to no channel."""
        person = self.world.person(user)
        if callback_id not in self.world.app.global_shortcuts:
            raise NotPossible(f"The app has no global shortcut {callback_id!r}.")
        payload = self._interaction(
            "shortcut",
            person,
            callback_id=callback_id,
            action_ts=self.world.new_ts(),
            trigger_id=self.triggers.give(person),
        )
        await self._ask(Kind.INTERACTION, payload, f"The shortcut {callback_id}")

    async def open_home(self, user: str, tab: str = "home") -> None:
        """Looks at the app's Home (or `messages`) tab."""
        person = self.world.person(user)
        event: Json = {"type": "app_home_opened", "user": person, "channel": f"D{person[1:]}"}
        event |= {"tab": tab, "event_ts": self.world.new_ts()}
        if tab == "home" and person in self.views.homes:
            event["view"] = self.views.homes[person]
        self.deliveries.announce(event)

    def _own_view(self, person: str, view_id: str) -> Json:
        for view in (self.views.top(person), self.views.homes.get(person)):
            if view is not None and view["id"] == view_id:
                return view
        raise NotPossible(f"{person} does not have the view {view_id} before them.")

    def _action(
        self, blocks: list[Json], before: Json, block: Json, element: Json, choice: Any
    ) -> tuple[Json, Json]:
        """The `actions` entry, and the values of all elements after it."""
        action = fields.clicked(element, choice)
        values = fields.state(blocks, before)
        if element["action_id"] in values.get(block["block_id"], {}):
            values[block["block_id"]][element["action_id"]] = fields.value_of(element, choice)
        return {**action, "block_id": block["block_id"], "action_ts": self.world.new_ts()}, values

    def _show(self, origin: Origin, said: Json, what: str) -> None:
        try:
            self.responses.apply(origin, said)
        except Refused as refusal:
            reason = "; ".join(refusal.extra.get("errors", [])) or refusal.error
            raise NotAnswered(f"{what} failed: the answer cannot be shown ({reason}).") from refusal


def _blocks(message: Json) -> list[Json]:
    """Everything clickable in a message, attachments included."""
    attached = [b for a in message.get("attachments") or [] for b in a.get("blocks") or []]
    return [*(message.get("blocks") or []), *attached]
