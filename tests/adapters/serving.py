"""Start a server for tests, wait until it answers, and stop it with all its children."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

PATIENCE = 900


@contextmanager
def server(command, alive, log):
    """Run ``command(port)`` until ``alive`` answers, yield the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Servers call other programs of their environment by name.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with Path(log).open("w") as written:
        process = subprocess.Popen(
            command(port), stdout=written, stderr=written, start_new_session=True, env=os.environ | {"PATH": path}
        )
    try:
        _wait(f"http://127.0.0.1:{port}{alive}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


def _wait(url, process, log):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            assert process.poll() is None, Path(log).read_text()
            time.sleep(0.2)
    raise AssertionError(Path(log).read_text())
