"""The open port: it can be closed and opened again, as a Slack that cannot be reached."""

from __future__ import annotations

from aiohttp import web


class Listener:
    """Serves an app on 127.0.0.1, always on the same port once it has one."""

    def __init__(self, app: web.Application, port: int) -> None:
        self._runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
        self._site: web.TCPSite | None = None
        self.port = port

    async def start(self) -> None:
        """Begin; a port of 0 becomes a free one."""
        await self._runner.setup()
        await self.open()
        self.port = int(self._runner.addresses[0][1])

    async def open(self) -> None:
        """Listen."""
        self._site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await self._site.start()

    async def close(self) -> None:
        """Listen no more, and cut every connection there is."""
        if self._site is not None:
            await self._site.stop()
        for connection in self._runner.server.connections if self._runner.server else ():
            if connection.transport is not None:
                connection.transport.abort()

    async def end(self) -> None:
        """Let go of everything."""
        await self._runner.cleanup()
