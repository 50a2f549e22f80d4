"""A wire between browser and site that counts what comes down it: every byte, headers included."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 65536


class Wire:
    """`base` is the address to open instead of the site's own."""

    def __init__(self, site: str) -> None:
        self.to = urlsplit(site)
        self.base, self.down = "", 0
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()

    def kilobytes(self) -> float:
        """Since this was last asked."""
        counted, self.down = self.down, 0
        return counted / 1024

    async def serve(self) -> None:
        server = await asyncio.start_server(self.carry, "127.0.0.1", 0)
        self.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self.ready.set()

    async def hang_up(self) -> None:
        """Nobody speaks any more: what is still open is let go of, and the loop ends."""
        here = asyncio.current_task()
        speaking = [task for task in asyncio.all_tasks() if task is not here]
        for task in speaking:
            task.cancel()
        await asyncio.gather(*speaking, return_exceptions=True)
        self.loop.call_soon(self.loop.stop)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.to.hostname, self.to.port)
        await asyncio.gather(self.pass_on(reader, back, False), self.pass_on(there, writer, True))

    async def pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counted: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                self.down += len(data) if counted else 0
                writer.write(data)
                await writer.drain()
        writer.close()


@contextmanager
def wire_to(site: str) -> Iterator[Wire]:
    wire = Wire(site)
    wire.loop.create_task(wire.serve())
    thread = threading.Thread(target=wire.loop.run_forever)
    thread.start()
    wire.ready.wait()
    yield wire
    asyncio.run_coroutine_threadsafe(wire.hang_up(), wire.loop)
    thread.join()
