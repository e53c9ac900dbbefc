"""moto's server for as long as its standard input stays open: however its parent ends, it ends with it."""

import os
import sys
import threading


def watch() -> None:
    """Ends the process when whoever started it is gone."""
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=watch, daemon=True).start()

from moto.server import main  # noqa: E402  the watch must run before the slow import

main(sys.argv[1:])
