"""Dresses what goes out: in the words that a workspace wants and the blocks that it knows."""

from __future__ import annotations

import logging

from pydantic import JsonValue

from bot.slack import letters
from bot.slack.cards import spoken, style
from bot.slack.cards.message import Block, Message
from bot.slack.cards.style import CardsSettings, Progress
from bot.slack.letters import Post

UNKNOWN = ("invalid_blocks", "unsupported_block", "block_mismatch")
"""Slack's words for blocks that it does not know."""
log = logging.getLogger(__name__)


class Dress:
    """Once Slack refused a block of a new kind, all of this life is said in older ones."""

    def __init__(self, wanted: CardsSettings | None = None) -> None:
        self._style = wanted or CardsSettings()
        self._plainly = False

    def post(self, post: Post) -> Post:
        said = self.message(Message(text=post.text, blocks=list(post.blocks)))
        return post.model_copy(update={"text": said.text, "blocks": tuple(said.blocks)})

    def message(self, message: Message) -> Message:
        """As it goes out; its text says all of it, for who cannot see blocks."""
        blocks = self.blocks(message.blocks)
        text = style.words(message.text, self._style)
        return Message(text=spoken.text(text, blocks, letters.LONGEST_TEXT), blocks=blocks)

    def blocks(self, blocks: list[Block]) -> list[Block]:
        return style.dressed(blocks, self._style, plainly=self._plainly)

    def view(self, view: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """A dialog or a Home tab."""
        blocks = view.get("blocks")
        if not isinstance(blocks, list):
            return view
        inner: list[Block] = [one for one in blocks if isinstance(one, dict)]
        return {**view, "blocks": [*self.blocks(inner)]}

    def simpler(self, post: Post, why: str) -> bool:
        """Whether older blocks are worth another try, after Slack refused it for these."""
        if self._plainly or self._style.progress is Progress.PLAN:
            return False
        if not why.startswith(UNKNOWN) or not style.has_new(list(post.blocks)):
            return False
        self._plainly = True
        log.warning("Slack knows no plan or table here, so steps are plain lines from now on: set "
                    "HEAL_CARDS_PROGRESS=sections to say so at once")  # fmt: skip
        return True
