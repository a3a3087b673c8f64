"""People who fill in forms: submit a modal, close it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.rehearsal.workspace import fields
from bot.rehearsal.workspace.acts.stage import Stage
from bot.rehearsal.workspace.kit import shapes
from bot.rehearsal.workspace.lines import Kind
from bot.rehearsal.workspace.wire import Json, NotAnswered, NotPossible, Refused


@dataclass(frozen=True)
class Submission:
    """What became of a submitted form: the `response_action` of the bot, and its complaints.

    `errors` without an action are the client's own: a required field was empty, nothing was sent.
    """

    action: str | None = None
    errors: dict[str, str] = field(default_factory=dict)


class Filling(Stage):
    """Values are given by block id and action id, as plain values or lists of them."""

    async def submit(
        self, user: str, view_id: str, values: fields.Typed | None = None
    ) -> Submission:
        """Sends the form that this person has before them."""
        person = self.world.person(user)
        view = self._topmost(person, view_id)
        typed = fields.filled(view["blocks"], view["state"]["values"], values or {})
        view["state"] = {"values": typed}
        complaints = fields.missing(view["blocks"], typed)
        if complaints:
            return Submission(errors=complaints)
        payload = self._interaction(
            "view_submission",
            person,
            view=view,
            trigger_id=self.triggers.give(person, view_id),
            response_urls=[],
        )
        reply = await self._ask(Kind.INTERACTION, payload, "The form")
        said = reply.body if isinstance(reply.body, dict) else {}
        try:
            return self._answered(person, view, said)
        except Refused as refusal:
            reason = "; ".join(refusal.extra.get("errors", [])) or refusal.error
            raise NotAnswered(f"The answer to the form cannot be shown: {reason}.") from refusal

    async def suggest(self, user: str, view_id: str, action_id: str, typed: str = "") -> list[Json]:
        """Types into a list that is searched; what the bot offers, as Slack would take it."""
        person = self.world.person(user)
        view = self._topmost(person, view_id)
        block, element = fields.find(view["blocks"], action_id, None)
        if not element["type"].endswith("external_select"):
            raise NotPossible(f"{action_id!r} is not searched.")
        payload = self._interaction(
            "block_suggestion",
            person,
            container={"type": "view", "view_id": view_id},
            view=view,
            block_id=block["block_id"],
            action_id=action_id,
            value=typed,
        )
        reply = await self._ask(Kind.INTERACTION, payload, "The search")
        said = reply.body if isinstance(reply.body, dict) else {}
        options: list[Json] = said.get("options") or []
        offered = {"type": "static_select", "action_id": action_id, "options": options}
        shown = {"type": "actions", "elements": [offered]}
        if options and (wrong := list(shapes.problems(shown, "/options"))):
            raise NotAnswered(f"What was found cannot be shown: {'; '.join(wrong)}.")
        return options

    async def close(self, user: str, view_id: str) -> None:
        """Closes the topmost modal; the bot hears of it if the view asked for that."""
        person = self.world.person(user)
        view = self._topmost(person, view_id)
        self.views.close(person)
        if view["notify_on_close"]:
            payload = self._interaction("view_closed", person, view=view, is_cleared=False)
            await self._ask(Kind.INTERACTION, payload, "The closing of the form")

    def _topmost(self, person: str, view_id: str) -> Json:
        view = self.views.top(person)
        if view is None or view["id"] != view_id:
            raise NotPossible(f"{person} does not have the form {view_id} before them.")
        return view

    def _answered(self, person: str, view: Json, said: Json) -> Submission:
        action = said.get("response_action")
        match action:
            case None:
                self.views.close(person)
            case "clear":
                self.views.close(person, everything=True)
            case "update":
                self.views.update(view, said.get("view") or {})
            case "push":
                self.views.push(person, said.get("view") or {})
            case "errors":
                return Submission("errors", _complaints(view, said.get("errors") or {}))
            case _:
                raise Refused(f"unknown response_action {action!r}")
        return Submission(action)


def _complaints(view: Json, errors: Json) -> dict[str, str]:
    """The bot's complaints; Slack shows none that belong to no input block of the form."""
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    strangers = sorted(errors.keys() - inputs)
    if strangers or not errors:
        raise Refused(f"errors for {', '.join(strangers) or 'nothing'}, which is no input block")
    return {block_id: str(words) for block_id, words in errors.items()}
