"""A stretch of network that can be slow or cut: a TCP proxy in front of one server."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Wire:
    """Carries bytes to `target`, each piece `delay_s` late; while `is_cut`, nothing gets through."""

    target: int
    port: int = 0
    delay_s: float = 0.0
    is_cut: bool = False
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port, backlog=256)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Break every connection, and let none come about until it is mended."""
        self.is_cut = True
        for writer in [*self._open]:
            writer.transport.abort()

    def mend(self) -> None:
        self.is_cut, self.delay_s = False, 0.0

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.is_cut:
                raise ConnectionError
            there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, there[1]}
        await asyncio.gather(self._copy(reader, there[1]), self._copy(there[0], writer))
        self._open -= {writer, there[1]}

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                writer.write(data)
                await writer.drain()
        with suppress(OSError):
            writer.close()
