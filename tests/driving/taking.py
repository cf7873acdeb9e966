"""A server that takes guests' records, as simple as can be, and fails in whatever way a test says."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

_RECORD = re.compile(r"/api/v1/runs/([^/]+)/records/(\d+)-(\d+)$")


class Taking(ThreadingHTTPServer):
    """`status` other than 200 is what everything is answered with; `body` replaces each answer's."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self._recovers = False
        self.body = b""
        self.refused: set[int] = set()
        self.records: dict[tuple[int, int], bytes] = {}
        self.runs: set[str] = set()
        self.requests = 0
        self.guard = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def last(self) -> tuple[int, int]:
        return max(self.records, default=(0, 0))

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def recover(self) -> None:
        """Take everything from the next record on; what stands in for a refused one is still refused."""
        self._recovers, self.body = True, b""

    def answer(self, method: str, path: str, data: bytes) -> tuple[int, object]:
        """Status and body of the answer."""
        self.requests += 1
        if self._recovers and b"was refused" not in data:
            self._recovers, self.status = False, 200
        if self.status != 200:
            return self.status, {"detail": "No.", "errors": []}
        if match := _RECORD.search(path):
            return self._take((int(match[2]), int(match[3])), data)
        if method == "GET" and "/commands" in path:
            return 200, {"commands": [], "state": "running"}
        if method != "POST":
            return 200, self._position()
        known, run = len(self.runs), json.loads(data)["id"]
        self.runs.add(run)
        return (201 if len(self.runs) > known else 200), {}

    def _take(self, at: tuple[int, int], data: bytes) -> tuple[int, object]:
        follows = (self.last[0], self.last[1] + 1) if at[0] == self.last[0] else (at[0], 1)
        if at > self.last:
            if at != follows:
                return 409, {"detail": f"A gap before {at}.", "errors": []}
            if at[1] in self.refused and not data.startswith(b'{"run"'):
                return 422, {"detail": "Too new.", "errors": []}
            self.records[at] = data
        return 200, self._position()

    def _position(self) -> dict[str, int]:
        return {"attempt": self.last[0], "sequence": self.last[1]}


class _Handler(BaseHTTPRequestHandler):
    server: Taking

    def _answer(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.guard:
            status, answer = self.server.answer(self.command, self.path, data)
        body = self.server.body or json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _answer

    def log_message(self, *_: object) -> None:
        """Silent."""
