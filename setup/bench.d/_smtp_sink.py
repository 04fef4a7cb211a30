"""A mail server that takes everything; it first says its port.

For each line it reads, it says the Message-Ids taken since the last, as JSON.
"""

import asyncio
import json
import re
import sys
from contextlib import suppress

GREETING, GO_ON, TAKEN, BYE, FINE = (
    *(b"220 ready\r\n", b"354 go on\r\n", b"250 taken\r\n", b"221 bye\r\n"),
    b"250 fine\r\n",
)


async def serve(taken, reader, writer):
    writer.write(GREETING)
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            writer.write(GO_ON)
            content = await reader.readuntil(b"\r\n.\r\n")
            taken.append(_message_id(content))
            writer.write(TAKEN)
        elif verb == b"QUIT":
            writer.write(BYE)
            break
        else:
            writer.write(FINE)
        await writer.drain()
    with suppress(ConnectionError):
        writer.close()
        await writer.wait_closed()


def _message_id(content):
    """The Message-Id; the header may be folded."""
    found = re.search(
        rb"^Message-Id:\s*(<[^>]+>)", content, re.IGNORECASE | re.MULTILINE
    )
    return found[1].decode() if found else ""


async def main():
    taken = []
    server = await asyncio.start_server(
        lambda reader, writer: serve(taken, reader, writer),
        "127.0.0.1",
        0,
        limit=2**24,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(taken), flush=True)
        taken.clear()


if __name__ == "__main__":
    asyncio.run(main())
