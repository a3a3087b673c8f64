"""The page of one incident: what came of it, all of its evidence, its place in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from bot.core.exhibit import Exhibit
from bot.core.inclusion import Proof
from bot.core.telling import page
from bot.core.telling.page import Story
from bot.web.pages.markup import Html, joined, tag, told


def shown(
    incident: str, story: Story, proof: Proof | None, unproven: str, exhibits: Sequence[Exhibit]
) -> Html:
    """All of it; pictures stand behind what is told, and every file can be had."""
    parts = [told(page.story(incident, story))]
    if exhibits:
        parts.append(tag("h2", "To look at"))
        parts += [_figure(incident, one) for one in exhibits]
    parts.append(told(page.standing(incident, story, proof, unproven)))
    if proof is not None:
        where = f"/incidents/{incident}/proof.json"
        says = "The proof, for `heal audit check`"
        parts.append(tag("p", tag("a", says.replace("`", ""), href=where), class_="screen"))
    return joined(parts)


def _figure(incident: str, one: Exhibit) -> Html:
    where = f"/incidents/{incident}/files/{quote(one.said.name, safe='')}"
    seen = tag("img", src=where, alt=one.said.says or one.said.title) if one.pictured else ""
    link = tag("a", f"{one.said.title} ({one.said.name}, {one.said.size} octets)", href=where)
    digest = tag("code", one.said.sha256)
    return tag("figure", seen, tag("figcaption", link, f" {one.said.says} SHA-256 ", digest))
