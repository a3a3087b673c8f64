"""
Commands on another machine over SSH, by the same port as on this one; the one door to asyncssh.

A machine is believed by the key in known_hosts and by nothing else, and Heal comes in by its key
file and by nothing else: no agent, no password, no configuration of whoever started it. SSH passes
one text to the login shell, so every word is quoted. What was begun and whose end was not seen is
an UncertainError; over there it is ended when the connection is gone or its time is up.
"""

from __future__ import annotations

import asyncio
import shlex
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncssh

from bot.clients import commands
from bot.clients.commands import Finished, Output, Run
from bot.clients.hosts import Remote
from bot.core.errors import PermanentError, TemporaryError, UncertainError

CONNECTING = 5.0
GRACE = 5.0
"""Seconds between asking a command to go and making it, and again as long until we do not wait."""
ALIVE_EVERY = 5.0
LINGER = 0.5
NOT_STARTED = {126: "cannot be started", 127: "is not there: install it, or set its path"}
"""What `env` and `timeout` exit with; a command that exits so itself is told by what it said."""
ENDED = {124, 137}
"""What `timeout` exits with when the time was up: asked to go, made to go."""
LEASH = (
    'exec 3<&0; "$@" 3<&- </dev/null & c=$!; '
    '{ read -r _ <&3; kill -s TERM "$c" "-$c"; } >/dev/null 2>&1 & w=$!; '
    'exec 3<&-; wait "$c"; r=$?; kill "$w"; exit "$r"'
)
"""
Runs its arguments until they end, or its input does, as it does with the connection: then the whole
group is asked to go, for `timeout` itself may be too young to pass that on.
"""
IDENTITY = ("cat", "/proc/sys/kernel/random/boot_id", "/etc/machine-id")
READING = 10.0


class Line:
    """Runs commands on one machine; each has a connection of its own."""

    def __init__(self, name: str, remote: Remote, known_hosts: str, here: Run) -> None:
        self._name = name
        self._remote = remote
        self._known_hosts = known_hosts
        self._here = here

    async def __call__(self, *argv: str, within: float) -> Finished:
        """
        Run `argv` there and return how it ended, whatever its exit code.

        Raises TemporaryError when the machine cannot be reached, PermanentError when it is not
        believed, does not let us in, is this very machine or cannot start the command, and
        UncertainError when the command was begun but did not end within `within` seconds or the
        connection broke.
        """
        loop = asyncio.get_running_loop()
        async with self._connected() as connection:
            await self._must_be_another(connection)
            began = loop.time()
            ended = await self._carried_out(connection, argv, within)
        seconds = loop.time() - began
        if why := NOT_STARTED.get(ended.code):
            said = " ".join(ended.err.split())[:200]
            raise PermanentError(f"the command {argv[0]!r} on {self._name} {why} ({said})")
        if ended.code in ENDED and seconds >= within:
            raise UncertainError(
                f"{argv[0]} on {self._name} did not end within {within:g} s and was ended; what "
                "it had done by then nobody can tell"
            )
        return Finished(ended.code, ended.out, ended.err, seconds)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncssh.SSHClientConnection]:
        key, known = self._key(), self._known()
        place = f"{self._name} ({self._remote.address}:{self._remote.port})"
        try:
            async with asyncio.timeout(CONNECTING):
                connection = await asyncssh.connect(
                    self._remote.address,
                    self._remote.port,
                    username=self._remote.user,
                    client_keys=[key],
                    known_hosts=known,
                    config=None,
                    agent_path=None,
                    agent_forwarding=False,
                    preferred_auth="publickey",
                    password_auth=False,
                    kbdint_auth=False,
                    gss_auth=False,
                    gss_kex=False,
                    host_based_auth=False,
                    keepalive_interval=ALIVE_EVERY,
                )
        except asyncssh.HostKeyNotVerifiable as error:
            raise PermanentError(f"{place} {self._stranger(known)}") from error
        except asyncssh.PermissionDenied as error:
            raise PermanentError(
                f"{place} does not let {self._remote.user} in with the key {self._remote.key}: "
                "put its public part into that user's authorized_keys"
            ) from error
        except TimeoutError as error:
            raise TemporaryError(f"{place} gave no answer in {CONNECTING:g} s") from error
        except (OSError, asyncssh.Error) as error:
            raise TemporaryError(f"{place} cannot be reached: {_why(error)}") from error
        try:
            yield connection
        finally:
            connection.abort()
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    await connection.wait_closed()

    async def _must_be_another(self, connection: asyncssh.SSHClientConnection) -> None:
        """Heal never acts on itself, under no other name either: one kernel, one machine id."""
        try:
            there = await self._carried_out(connection, IDENTITY, READING)
        except UncertainError as error:
            raise TemporaryError(str(error)) from error
        ours = {*(await self._here(*IDENTITY, within=READING)).out.split()}
        theirs = {*there.out.split()}
        if not (ours and theirs):
            mute = self._name if ours else "the machine that Heal runs on"
            raise PermanentError(f"{mute} does not tell which machine it is: {there.err[:200]}")
        if ours & theirs:
            raise PermanentError(
                f"{self._name} is the machine that Heal runs on, or a clone of it: take it out of "
                "HEAL_HOST_REMOTE_FILE, or give the clone a machine id of its own"
            )

    async def _carried_out(
        self, connection: asyncssh.SSHClientConnection, argv: tuple[str, ...], within: float
    ) -> Finished:
        session = _Session()
        lost = f"the connection to {self._name} broke while {argv[0]} ran there"
        try:
            channel, _ = await connection.create_session(
                lambda: session, _quoted(argv, within), encoding=None
            )
        except asyncssh.ChannelOpenError as error:
            raise PermanentError(f"{self._name} starts no command: {_why(error)}") from error
        except (OSError, asyncssh.Error) as error:
            raise UncertainError(f"{lost}: {_why(error)}") from error
        try:
            async with asyncio.timeout(within + 2 * GRACE):
                await session.exited.wait()
        except TimeoutError:
            raise UncertainError(
                f"{argv[0]} on {self._name} did not end within {within:g} s and may still run"
            ) from None
        with suppress(TimeoutError):  # a child left behind may hold its outputs open
            async with asyncio.timeout(LINGER):
                await channel.wait_closed()
        code = channel.get_returncode()
        if code is None:
            raise UncertainError(f"{lost}; it may have been done")
        return Finished(code, session.out.text, session.err.text, 0.0)

    def _key(self) -> asyncssh.SSHKey:
        path = Path(self._remote.key)
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise PermanentError(f"the key {path} can be read by others: chmod 600 {path}")
            return asyncssh.read_private_key(path)
        except (OSError, asyncssh.KeyImportError) as error:
            raise PermanentError(f"the key {path} cannot be read: {_why(error)}") from error

    def _known(self) -> asyncssh.SSHKnownHosts:
        try:
            return asyncssh.read_known_hosts(self._known_hosts)
        except (OSError, ValueError) as error:
            raise PermanentError(
                f"HEAL_HOST_KNOWN_HOSTS: {self._known_hosts} cannot be read: {_why(error)}"
            ) from error

    def _stranger(self, known: asyncssh.SSHKnownHosts) -> str:
        """A machine nobody vouched for is another trouble than one that is not what it was."""
        if any(known.match(self._remote.address, "", self._remote.port)):
            return (
                "shows another key than HEAL_HOST_KNOWN_HOSTS knows: it is another machine, or "
                "somebody stands between; ask who changed it before you change the file"
            )
        return (
            f"is not known: no line of {self._known_hosts} names it; compare its key with the "
            "machine's own (ssh-keygen -l) before you add it"
        )


class _Session(asyncssh.SSHClientSession[bytes]):
    """Keeps the beginning of both outputs; `exited` is set by the end of it, good or bad."""

    def __init__(self) -> None:
        self.out, self.err = Output(), Output()
        self.exited = asyncio.Event()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        output = self.err if datatype == asyncssh.EXTENDED_DATA_STDERR else self.out
        output.data_received(data)

    def exit_status_received(self, status: int) -> None:
        self.exited.set()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:  # noqa: FBT001 - asyncssh's own signature
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.exited.set()


def _quoted(argv: tuple[str, ...], within: float) -> str:
    """
    One text that a login shell takes apart into exactly these words.

    >>> _quoted(("printf", "$(id)", "a b"), 5).partition(" timeout ")[2]
    "-k 5 5 printf '$(id)' 'a b'"
    """
    if any("\0" in word for word in argv):
        raise PermanentError("an argument holds a zero byte, which no command can be given")
    before = ("env", f"PATH={commands.PATH}", "LC_ALL=C.UTF-8", "sh", "-c", LEASH, "sh")
    return shlex.join((*before, "timeout", "-k", f"{GRACE:g}", f"{within:g}", *argv))


def _why(error: Exception) -> str:
    return commands.printable(str(error))[:200] or type(error).__name__
