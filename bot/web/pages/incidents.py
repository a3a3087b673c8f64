"""The page of one incident: what came of it, all of its evidence, its place in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from bot.core.exhibit import Exhibit
from bot.core.inclusion import Proof
from bot.core.telling import page
from bot.core.telling.page import Story
from bot.web.pages.markup import Html, joined, tag, told, with_ways


def shown(
    incident: str, story: Story, proof: Proof | None, unproven: str, exhibits: Sequence[Exhibit]
) -> Html:
    """All of it; pictures stand behind what is told, and every file can be had."""
    parts = [told(page.story(incident, story))]
    if exhibits:
        parts += [tag("h2", "To look at"), *(_figure(incident, one) for one in exhibits)]
    parts.append(told(page.standing(incident, story, proof, unproven)))
    if proof is not None:
        where = f"/incidents/{incident}/proof.json"
        parts.append(tag("p", tag("a", "The proof, for heal audit check", href=where)))
    return with_ways(joined(parts, lines=True))


def _figure(incident: str, one: Exhibit) -> Html:
    where = f"/incidents/{incident}/files/{quote(one.said.name, safe='')}"
    seen = tag("img", src=where, alt=one.said.says or one.said.title) if one.pictured else ""
    link = tag("a", f"{one.said.title} ({one.said.name}, {one.said.size} octets)", href=where)
    digest = tag("code", one.said.sha256)
    return tag("figure", seen, tag("figcaption", link, f" {one.said.says} SHA-256 ", digest))
