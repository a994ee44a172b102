"""moto's server on 127.0.0.1, which ends with the process that started it: when its standard input does.

Usage: python moto_server.py PORT
"""

import logging
import os
import sys
import threading


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
logging.getLogger("werkzeug").setLevel(logging.ERROR)

from moto.server import main  # noqa: E402  (slow to load: after the watch on the parent has begun)

main(["--host", "127.0.0.1", "--port", sys.argv[1]])
