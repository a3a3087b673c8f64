"""Blocks as one page for a browser: no script, nothing from the network, every text inert."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from bot.core import visible
from bot.core.telling.blocks import Block, Bullet, Heading, Picture, Prose, Table, Verbatim

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: break-word; }
h1, h2, h3 { line-height: 1.2; overflow-wrap: anywhere; }
h1 { margin-top: 3rem; border-bottom: 2px solid var(--line); }
h1:first-child { margin-top: 0; }
h2 { margin-top: 2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; overflow-wrap: anywhere;
  border: 1px solid var(--line); min-width: 6rem; }
td:first-child { min-width: 7.5rem; }
.timed td:first-child { min-width: 16rem; font-variant-numeric: tabular-nums; }
th { background: var(--soft); }
pre { background: var(--soft); padding: .5rem; white-space: pre-wrap; overflow-wrap: anywhere;
  font: .85rem/1.4 ui-monospace, monospace; }
img { max-width: 100%; height: auto; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
@media screen and (max-width: 40rem) {
  body { padding: .5rem; }
  .many, .many tbody, .many tr, .many td { display: block; }
  .many tr:first-child { display: none; }
  .many tr { border: 1px solid var(--line); margin-bottom: .5rem; }
  .many td { border: 0; padding: .15rem .5rem; }
  .many td::before { content: attr(data-name) ": "; font-weight: 600; }
}
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 9pt; }
  .wide { overflow: visible; }
  th, td, td:first-child { min-width: 3.5rem; }
  h1 { break-before: page; }
  h1:first-child { break-before: auto; }
  h1, h2, h3 { break-after: avoid; }
  tr, li { break-inside: avoid; }
}
"""
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_CODE = re.compile(r"`([^`]*)`")
_INCIDENT = re.compile(r"\b(inc-[0-9a-z]{3,32})\b")


def rendered(title: str, blocks: Iterable[Block]) -> str:
    """Write a whole page that is read and printed without anything else."""
    return "\n".join((
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_text(title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        *body(blocks),
        "</body>",
        "</html>",
        "",
    ))  # fmt: skip


def body(blocks: Iterable[Block], *, linked: bool = False) -> Iterator[str]:
    """
    Write what stands in a page; `linked` where names of incidents lead to their own pages.

    In a heading they do not: that is where a page says what it is itself.
    """
    for line in _parts(blocks):
        leads = linked and not line.startswith("<h")
        yield _INCIDENT.sub(r'<a href="/incidents/\1">\1</a>', line) if leads else line


def _parts(blocks: Iterable[Block]) -> Iterator[str]:
    for listed, those in groupby(blocks, lambda block: isinstance(block, Bullet)):
        if listed:
            yield "<ul>"
        for block in those:
            yield from _lines(block)
        if listed:
            yield "</ul>"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"<h{level}>{_text(text)}</h{level}>"
        case Table(names, rows):
            kind = ("many" if len(names) > 2 else "") + (" timed" if names[0] == "UTC" else "")
            yield f'<div class="wide"><table class="{kind}">'
            yield f"<tr>{''.join(f'<th>{_text(name)}</th>' for name in names)}</tr>"
            yield from (_row(names, row) for row in rows)
            yield "</table></div>"
        case Prose(text):
            said = _CODE.sub(r"<code>\1</code>", _text(text))
            yield f"<p>{said}</p>"
        case Bullet(text):
            yield f"<li>{_text(text)}</li>"
        case Picture(says, media, octets):
            source = f"data:{media};base64,{base64.b64encode(octets).decode()}"
            yield f'<p><img src="{source}" alt="{_text(says)}"></p>'
        case Verbatim(lines, "", _):
            yield from ("<pre>", *map(_text, lines), "</pre>")
        case Verbatim(lines, language, _):
            inert = (html.escape(line, quote=False) for line in lines)
            yield from (f'<pre class="{language}">', *inert, "</pre>")


def _row(names: Iterable[str], row: Iterable[str]) -> str:
    cells = (
        f'<td data-name="{_text(name)}">{_text(cell)}</td>'
        for name, cell in zip(names, row, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _text(text: str) -> str:
    return html.escape(visible.line(text))
