"""`python -m backend [--host HOST] [--port PORT]`."""

import argparse
import gc
import logging
import socket
import sys

import uvicorn
from fastapi import FastAPI

from backend.app import create_app
from backend.application import Application
from rhoscope.environment import Environment
from rhoscope.errors import Conflict, InvalidInput, RhoscopeError
from rhoscope.local import connections
from rhoscope.local.process import keep_private, watch_parent
from rhoscope.web.hosts import unguarded

GRACE_S = 5
KEPT_S = 75
"""So long an unused connection stays open. A client must give it up first: if the API closed it in the very
moment in which it is used again, the request would be lost."""
YOUNG = 50_000
"""New objects after which Python looks for circles among them: the entries of one transaction are fewer, and
go without that."""
log = logging.getLogger("rhoscope.api")


def main() -> int:
    """Serve until SIGINT or SIGTERM; exit code 2 for a user's mistake, 1 for a part that does not answer."""
    parser = argparse.ArgumentParser(prog="rhoscope backend", description="The rhoscope API.")
    parser.add_argument("--host", help="address to listen on (default: RHOSCOPE_HOST, else 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
    parser.add_argument("--base-path", help="path under which a proxy shows it (default: RHOSCOPE_BASE_PATH)")
    options = parser.parse_args()
    watch_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        environment = Environment.load(base_path=options.base_path)
        host = options.host or environment.host
        environment = environment.model_copy(update={"host": host})
        keep_private()
        app = create_app(environment)
        check_exposure(app.state.application)
        listener = listen(host, options.port)
        app.state.application.store.open()
    except RhoscopeError as error:
        sys.stderr.write(f"{error.detail}\n")
        return error.exit_code
    gc.collect()
    gc.freeze()  # what is loaded stays, and need not be looked through with each transaction
    gc.set_threshold(YOUNG)
    log.info("The API listens on http://%s:%s", host, options.port)
    server = uvicorn.Server(configured(app))
    server.run(sockets=[listener])
    return 0 if server.started else 1


def check_exposure(application: Application) -> None:
    """Raises: InvalidInput, when strangers could reach the API and nothing would keep them out."""
    if not application.environment.exposed or application.identities.shared:
        return
    application.store.open()
    if not application.identities.required():
        raise unguarded(application.environment.host)


def configured(app: FastAPI) -> uvicorn.Config:
    """How the API is served."""
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        http=connections.Requests,
        ws=connections.Sockets,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=KEPT_S,
        **connections.OPTIONS,
    )


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises: Conflict when the port is taken, InvalidInput when it can't be had at all.

    It says that it is TCP: only then does asyncio turn Nagle's algorithm off, which holds back the second
    part of an answer until the client acknowledges the first, 40 ms later.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        if isinstance(error, OSError) and error.errno == 98:
            reason = f"Port {port} is taken. Stop the program that uses it, or choose another with --port."
            raise Conflict(reason) from error
        raise InvalidInput(f"The API can't listen on {host}, port {port} ({error}).") from error
    return listener


if __name__ == "__main__":
    sys.exit(main())
