"""Markup: HTML whose every text is escaped, for only what was made here passes as it is."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable
from typing import NamedTuple

from bot.core import visible
from bot.core.telling import hypertext
from bot.core.telling.blocks import Block

VOID = frozenset({"input", "img", "meta", "br"})
_PARTS = '<nav aria-label="Parts of this page" class="parts">{}</nav>'
ADDRESSES = frozenset({"href", "src", "action"})
STYLE = (
    hypertext.STYLE
    + """
html, body { background: Canvas; color: CanvasText; }
a { color: #0b57d0; }
.wide { overflow: visible; }
h1 { margin-top: 1rem; }
nav, .search { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; }
nav { padding-bottom: .5rem; border-bottom: 1px solid var(--line); }
nav form { margin-left: auto; }
h2 { scroll-margin-top: .5rem; }
.search { margin: 1rem 0; }
.search label { display: grid; min-width: 0; gap: .15rem; font-size: .9rem; flex: 1 1 8rem; }
.search label.words { flex: 3 1 16rem; }
input, select, button { font: inherit; padding: .5rem; width: 100%; border-radius: .25rem;
  border: 1px solid #767676; background: Canvas; color: CanvasText; min-height: 2.75rem; }
button { cursor: pointer; width: auto; }
nav a, .more a, .list a { display: inline-block; padding: .5rem 0; }
.list { list-style: none; padding: 0; overflow-wrap: anywhere; }
.list a { max-width: 100%; }
.list li { border-top: 1px solid var(--line); padding: .25rem 0 .5rem; }
.list p { margin: 0; }
.state { font-weight: 600; }
figure { margin: 1rem 0; }
figure img { max-width: 100%; height: auto; background: #fff; }
.note { border-left: 4px solid #767676; padding: .25rem .75rem; }
@media (prefers-color-scheme: dark) { a { color: #a8c7fa; } }
@media print { nav, .search, .more, .screen { display: none; } a { color: inherit; } }
"""
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


class Html(NamedTuple):
    """What stands in a page as it is; nothing outside of this module makes one."""

    text: str


Child = str | Html


def tag(element: str, /, *children: Child, **attributes: str | bool) -> Html:
    """
    Make an element; a child that is a plain text is escaped, and so is every attribute.

    `class_` is `class`; an attribute that is False is left out. ValueError for an address that
    leads neither to a page of ours nor to one that begins with https:// or, here, http://.

    >>> tag("a", "<b>", href="/runs?x=1&y=2").text
    '<a href="/runs?x=1&amp;y=2">&lt;b&gt;</a>'
    """
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if element in VOID:
        return Html(f"<{element}{given}>")
    return Html(f"<{element}{given}>{joined(children).text}</{element}>")


def joined(children: Iterable[Child], *, lines: bool = False) -> Html:
    """Put these behind each other, each on a line of its own if that is wanted."""
    return Html(
        ("\n" if lines else "").join(
            one.text if isinstance(one, Html) else text(one) for one in children
        )
    )


def text(given: str) -> str:
    """Write a text so that it is a text, on one line, and nothing in it is invisible."""
    before, after = " " * given[:1].isspace(), " " * given[-1:].isspace()
    return f"{before}{html.escape(visible.line(given))}{after}"


def told(blocks: Iterable[Block]) -> Html:
    """What is told in blocks, in which every name of an incident leads to its page."""
    return Html("\n".join(hypertext.body(blocks, linked=True)))


def with_ways(shown: Html) -> Html:
    """The same, with a way to each of its parts behind its title: it may be long."""
    lines, ways = shown.text.split("\n"), list[str]()
    for at, line in enumerate(lines):
        if line.startswith("<h2>"):
            ways.append(f'<a href="#part-{at}">{line[4:-5]}</a>')
            lines[at] = f'<h2 id="part-{at}">{line[4:]}'
    return Html("\n".join((lines[0], _PARTS.format(" ".join(ways)), *lines[1:])))


def page(title: str, *parts: Child) -> Html:
    """Write a whole page, which takes nothing from elsewhere."""
    head = joined(
        (
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", f"{title} · Heal"),
            Html(f"<style>{STYLE}</style>"),
        )
    )
    whole = tag("html", tag("head", head), tag("body", *parts), lang="en")
    return Html(f"<!doctype html>\n{whole.text}\n")


def _attribute(name: str, value: str | bool) -> str:  # noqa: FBT001 - as HTML has them
    key = name.rstrip("_").replace("_", "-")
    if value is False:
        return ""
    if value is True:
        return f" {key}"
    if key in ADDRESSES and not _leads_well(value):
        raise ValueError(f"{value[:100]!r} is no address of a page")
    return f' {key}="{html.escape(value)}"'


def _leads_well(address: str) -> bool:
    ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return ours or address.startswith(("https://", "http://127.0.0.1:", "#"))
