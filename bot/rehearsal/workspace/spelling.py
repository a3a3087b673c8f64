"""How typed words become what Slack keeps: escapes, mentions, channels, groups, links."""

from __future__ import annotations

import re

from bot.rehearsal.workspace.world import World

MARK = re.compile(r"<(?:@[UW]|#C|!subteam\^|!here|!channel)[^<>]*>")
NAMED = re.compile(r"(?<![\w&<|])([@#])([\w.\-]*\w)")
LINK = re.compile(r"https?://[^\s<>|]*[^\s<>|.,;:!?)\]'\"]")


def kept(world: World, typed: str) -> str:
    """The text of a message; marks that are already in Slack's form stay as they are."""
    parts, end = [], 0
    for mark in MARK.finditer(typed):
        parts += [_words(world, typed[end : mark.start()]), mark[0]]
        end = mark.end()
    return "".join([*parts, _words(world, typed[end:])])


def command(world: World, typed: str) -> str:
    """The text of a command with `should_escape: true`: marks carry the name after the id."""
    marks = {f"@{person.name}": f"<@{person.id}|{person.name}>" for person in world.people.values()}
    marks[f"@{world.app.name}"] = f"<@{world.app.user_id}|{world.app.name}>"
    marks |= _channels(world)
    named = NAMED.sub(lambda found: marks.get(found[0].lower(), found[0]), typed)
    return LINK.sub(r"<\g<0>>", named)


def _words(world: World, typed: str) -> str:
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    marks = _marks(world)
    named = NAMED.sub(lambda found: marks.get(found[0].lower(), found[0]), escaped)
    return LINK.sub(r"<\g<0>>", named)


def _marks(world: World) -> dict[str, str]:
    people = {f"@{person.name}": f"<@{person.id}>" for person in world.people.values()}
    groups = {f"@{g.handle}": f"<!subteam^{g.id}|@{g.handle}>" for g in world.cast.groups}
    bot = {f"@{world.app.name}": f"<@{world.app.user_id}>"}
    return {**people, **groups, **_channels(world), **bot}


def _channels(world: World) -> dict[str, str]:
    return {
        f"#{channel.name}": f"<#{channel.id}|{channel.name}>"
        for channel in world.channels.values()
        if not channel.with_person
    }
