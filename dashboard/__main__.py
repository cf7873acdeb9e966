"""`python -m dashboard [--host HOST] [--port PORT]`."""

import argparse
import logging
import sys

import uvicorn

from dashboard.app import create_app
from rhoscope.environment import Environment
from rhoscope.errors import RhoscopeError
from rhoscope.local.up import check_port

GRACE_S = 3
log = logging.getLogger("rhoscope.dashboard")


def main() -> int:
    """Serve until SIGINT or SIGTERM; 2 for a mistake of the user's, 1 for a part that is missing."""
    parser = argparse.ArgumentParser(prog="rhoscope dashboard", description="The rhoscope dashboard.")
    parser.add_argument("--host", help="address to listen on (default: RHOSCOPE_HOST, else 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8050, help="port to listen on (default: 8050)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        environment = Environment.load()
        host = options.host or environment.host
        environment = environment.model_copy(update={"host": host})
        check_port(host, options.port, "dashboard")
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
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    log.info("The dashboard listens on http://%s:%s", host, options.port)
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
