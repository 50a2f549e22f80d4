"""The socket that `tracker serve` and `tracker web` listen on."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from tests.faults.service import free_port
from tracker.operating.serve import _listen


async def without_delay(listening: socket.socket) -> bool:
    """Whether a connection that asyncio accepts there sends each packet at once."""
    told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sending = writer.get_extra_info("socket")
        told.set_result(bool(sending.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        writer.close()

    async with await asyncio.start_server(accepted, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            return await told
        finally:
            writer.close()


def test_no_answer_waits_for_the_clients_acknowledgement_of_its_first_packet() -> None:
    # In a thread of its own: the browser's tests leave a loop running in this one.
    with _listen(free_port()) as listening, ThreadPoolExecutor(1) as beside:
        assert beside.submit(asyncio.run, without_delay(listening)).result()
