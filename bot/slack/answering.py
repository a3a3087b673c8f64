"""Answers that one person sees, and dialogs that one person opened."""

from __future__ import annotations

import logging

from pydantic import JsonValue
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack import failures
from bot.slack.asked import Asked, Chosen, Click, Command, HomeOpened, LinkShared, ShortcutUsed
from bot.slack.cards import private, spoken
from bot.slack.cards.message import Message
from bot.slack.dressing import Dress

log = logging.getLogger(__name__)


class Answers:
    """Says something to the person who asked, where they asked it, and to nobody else."""

    def __init__(self, client: AsyncWebClient, dress: Dress | None = None) -> None:
        self._client = client
        self._dress = dress or Dress()

    async def say(self, asked: Asked, text: str) -> None:
        """Tell them a sentence or two."""
        await self.tell(asked, private.answer(text))

    async def tell(self, asked: Asked, message: Message) -> None:
        """
        Tell them in the channel or thread, else by the response URL, else in direct messages.

        The second is for channels that the bot is not in. A person who cannot be told is logged:
        what they asked for was done all the same.
        """
        whole, message = message.whole, self._dress.message(message)
        for way in (self._in_place, self._by_url, self._directly):
            try:
                if await way(asked, message):
                    await self._in_full(asked, message, whole)
                    return
            except failures.ERRORS as error:
                log.info("a private answer failed: %s", failures.read(error).says)
        log.warning("%s could not be told: %s", asked.user, message.text)

    async def _in_full(self, asked: Asked, message: Message, whole: str) -> None:
        """What a message has no room for, as a file for this person."""
        if not whole:
            return
        title = message.text.partition("\n")[0][:100]
        try:
            room = await self._client.conversations_open(users=asked.user)
            await self._client.files_upload_v2(
                filename="heal.txt", title=title, content=spoken.plainly(whole),
                channel=str(room["channel"]["id"]),
            )  # fmt: skip
        except failures.ERRORS as error:
            log.warning("%s got no file of %s: %s", asked.user, title, failures.read(error).says)

    async def open(self, trigger: str, view: dict[str, JsonValue]) -> bool:
        """Open a dialog; False when the trigger is too old or was used."""
        try:
            await self._client.views_open(trigger_id=trigger, view=self._dress.view(view))
        except failures.ERRORS as error:
            log.info("a dialog did not open: %s", failures.read(error).says)
            return False
        return True

    async def redraw(self, view: str, state: str, fresh: dict[str, JsonValue]) -> str | None:
        """Draw a form anew that is in this state; the state after it, None when it is in none."""
        try:
            said = await self._client.views_update(
                view_id=view, hash=state or None, view=self._dress.view(fresh)
            )
        except failures.ERRORS as error:
            log.info("a dialog was not drawn anew: %s", failures.read(error).says)
            return None
        return str(said["view"]["hash"])

    async def publish(self, user: str, view: dict[str, JsonValue]) -> bool:
        """Show somebody their Home tab; False when Slack did not take it."""
        try:
            await self._client.views_publish(user_id=user, view=self._dress.view(view))
        except failures.ERRORS as error:
            log.warning("a Home tab was not shown: %s", failures.read(error).says)
            return False
        return True

    async def _in_place(self, asked: Asked, message: Message) -> bool:
        if isinstance(asked, Chosen | HomeOpened | LinkShared) or not asked.channel:
            return False
        thread = "" if isinstance(asked, Command) else asked.thread
        await self._client.chat_postEphemeral(
            channel=asked.channel,
            user=asked.user,
            thread_ts=thread or None,
            text=message.text,
            blocks=message.blocks,
        )
        return True

    async def _by_url(self, asked: Asked, message: Message) -> bool:
        if not isinstance(asked, Command | Click | ShortcutUsed):
            return False
        if not asked.response_url:
            return False
        webhook = AsyncWebhookClient(asked.response_url, session=self._client.session)
        said = await webhook.send(
            text=message.text,
            blocks=message.blocks,
            response_type="ephemeral",
            replace_original=False,
        )
        return said.status_code == 200

    async def _directly(self, asked: Asked, message: Message) -> bool:
        await self._client.chat_postMessage(
            channel=asked.user, text=message.text, blocks=message.blocks
        )
        return True
