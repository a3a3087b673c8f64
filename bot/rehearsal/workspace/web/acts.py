"""What the page can ask for: the acts of people, given as JSON and answered in sentences."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.rehearsal.workspace import spelling
from bot.rehearsal.workspace.acts.people import Offered, People
from bot.rehearsal.workspace.wire import Json, NotAnswered, NotPossible, Refused

IN_THREAD = "Slash commands do not work in threads: mention @{name} instead."
AWAY_SECONDS = 30
BAD_FORM = "Please correct what is marked."


async def act(people: Offered, asked: Json) -> Json:
    """Does one act; `{"ok": true}` and what it found, or the reason why not."""
    doer = ACTS.get(str(asked.get("act")))
    if doer is None:
        return {"ok": False, "error": f"There is no act {asked.get('act')!r}."}
    try:
        told = await doer(people, asked)
    except (NotPossible, NotAnswered) as problem:
        return {"ok": False, "error": str(problem)}
    except Refused as refusal:
        return {"ok": False, "error": f"Slack refused: {refusal.error}."}
    except KeyError as missing:
        return {"ok": False, "error": f"The act {asked['act']!r} needs {missing}."}
    return told or {"ok": True}


async def _post(people: People, asked: Json) -> None:
    text, thread = str(asked["text"]).strip(), asked.get("thread_ts")
    if not text:
        raise NotPossible("There is nothing to send.")
    if text.startswith("/"):
        if thread:
            raise NotPossible(IN_THREAD.format(name=people.world.app.name))
        command, _, rest = text.partition(" ")
        await people.command(asked["user"], asked["channel"], command, rest)
        return
    words = spelling.kept(people.world, text)
    await people.post(asked["user"], asked["channel"], words, thread)


async def _click(people: People, asked: Json) -> None:
    where: Json = {"block_id": asked.get("block_id"), "choice": _choice(asked)}
    if asked.get("view_id"):
        where["typed"] = asked.get("values") or {}
        await people.click_in_view(asked["user"], asked["view_id"], asked["action_id"], **where)
    else:
        user, channel, ts = asked["user"], asked["channel"], asked["ts"]
        await people.click(user, channel, ts, asked["action_id"], **where)


def _choice(asked: Json) -> Any:
    for key in ("selected_options", "selected_option"):
        if key in asked:
            return asked[key]
    return asked.get("value")


async def _submit(people: People, asked: Json) -> Json:
    values = asked.get("values") or {}
    errors = (await people.submit(asked["user"], asked["view_id"], values)).errors
    return {"ok": False, "error": BAD_FORM, "errors": errors} if errors else {}


async def _suggest(people: People, asked: Json) -> Json:
    where = asked["user"], asked["view_id"], asked["action_id"]
    return {"ok": True, "options": await people.suggest(*where, str(asked.get("typed") or ""))}


async def _close(people: People, asked: Json) -> None:
    await people.close(asked["user"], asked["view_id"])


async def _react(people: People, asked: Json) -> None:
    """A second click on one's own reaction takes it back."""
    where = asked["user"], asked["channel"], asked["ts"], asked["name"]
    try:
        await people.react(*where)
    except NotPossible as problem:
        if "already_reacted" not in str(problem):
            raise
        await people.unreact(*where)


async def _home(people: People, asked: Json) -> None:
    await people.open_home(asked["user"])


async def _shortcut(people: People, asked: Json) -> None:
    await people.shortcut(asked["user"], asked["channel"], asked["ts"], asked["callback_id"])


async def _fate(people: Offered, asked: Json) -> None:
    """What a reader may break: the line to the bot, or all of Slack for half a minute."""
    if asked["what"] == "drop":
        people.drop_sockets()
    elif people.faults.absence is None:
        people.at(0, people.be_away, AWAY_SECONDS)


ACTS: dict[str, Callable[[Offered, Json], Awaitable[Json | None]]] = {
    "post": _post,
    "click": _click,
    "submit": _submit,
    "suggest": _suggest,
    "close": _close,
    "react": _react,
    "home": _home,
    "shortcut": _shortcut,
    "fate": _fate,
}
