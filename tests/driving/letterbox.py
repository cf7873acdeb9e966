"""A service that takes messages, as a webhook, or refuses them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Letterbox:
    """Messages as they came; `well`: whether they are taken."""

    def __init__(self, port: int) -> None:
        self.address = f"json://127.0.0.1:{port}/hook"
        self.messages: list[dict[str, str]] = []
        self.refused = 0
        self.well = True


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    """A letterbox that is open for as long as the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if box.well:
                box.messages.append(message)
            else:
                box.refused += 1
            self.send_response(200 if box.well else 500)
            self.end_headers()

        def log_message(self, *_parts: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box = Letterbox(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield box
    server.shutdown()
    server.server_close()
