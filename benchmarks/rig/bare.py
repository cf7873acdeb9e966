"""A server that does nothing, to compare with: `python -m benchmarks.rig.bare --port PORT [--proto N]`.

The same HTTP server as the API's, on a socket made as the API's is. With `--proto 0` the socket doesn't say
that it is TCP: asyncio then leaves Nagle's algorithm on, and every answer after the first few waits for the
client's delayed acknowledgment.
"""

import argparse
import socket

import uvicorn
from starlette.types import Receive, Scope, Send

BODY = b'{"ok":true}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
    """Say the same to everybody."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})


def main() -> None:
    line = argparse.ArgumentParser(description=__doc__)
    line.add_argument("--port", type=int, required=True)
    line.add_argument("--proto", type=int, default=socket.IPPROTO_TCP, help="the socket's protocol number")
    given = line.parse_args()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, given.proto)
    listener.bind(("127.0.0.1", given.port))
    listener.listen()
    config = uvicorn.Config(answer, log_level="warning", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
