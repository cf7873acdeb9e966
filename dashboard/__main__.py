"""`python -m dashboard [--host HOST] [--port PORT]`."""

import argparse
import logging
import sys
import time
from contextlib import suppress

import uvicorn

from dashboard.app import create_app
from rhoscope.client import Client
from rhoscope.environment import Environment
from rhoscope.errors import RhoscopeError, Unavailable
from rhoscope.local import connections
from rhoscope.local.ground import check_port
from rhoscope.local.process import keep_private, watch_parent
from rhoscope.web.hosts import unguarded

GRACE_S = 3
API_START_S = 20.0
"""So long the API may take to start, where the page waits for it."""
log = logging.getLogger("rhoscope.dashboard")


def main() -> int:
    """Serve until SIGINT or SIGTERM; 2 for a mistake of the user's, 1 for a part that is missing."""
    parser = argparse.ArgumentParser(prog="rhoscope dashboard", description="The rhoscope dashboard.")
    parser.add_argument("--host", help="address to listen on (default: RHOSCOPE_HOST, else 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8050, help="port to listen on (default: 8050)")
    parser.add_argument("--base-path", help="path under which a proxy shows it (default: RHOSCOPE_BASE_PATH)")
    options = parser.parse_args()
    watch_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        environment = Environment.load(base_path=options.base_path)
        host = options.host or environment.host
        environment = environment.model_copy(update={"host": host})
        keep_private()
        check_port(host, options.port, "dashboard")
        check_exposure(environment)
        app = create_app(environment)
    except RhoscopeError as error:
        sys.stderr.write(f"{error.detail}\n")
        return error.exit_code
    config = uvicorn.Config(
        app,
        host=host,
        port=options.port,
        log_level="warning",
        access_log=False,
        http=connections.Requests,
        ws=connections.Sockets,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_S,
        **connections.OPTIONS,
    )
    log.info("The dashboard listens on http://%s:%s", host, options.port)
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def check_exposure(environment: Environment, patience_s: float = API_START_S) -> None:
    """Wait for the API to say that strangers have to log in, where they could reach the page.

    Raises:
        InvalidInput: when they do not have to, or the API does not say so in time.
    """
    if not environment.exposed or environment.api_token:
        return
    deadline = time.monotonic() + patience_s
    with Client(environment.api_url, timeout_s=2.0) as api:
        while True:
            with suppress(Unavailable):
                if api.accounts.session().required:
                    return
                break
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)
    raise unguarded(environment.host)


if __name__ == "__main__":
    sys.exit(main())
