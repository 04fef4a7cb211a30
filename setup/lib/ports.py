"""Ports of this machine: ``ports.py N`` ends with 1 when N is in use, else prints
a free port for Odoo's second one (websockets): N + 3, as 8072 beside 8069, if it is."""

import socket
import sys


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the local interface."""
    with socket.socket() as probe:
        # as Odoo does it: connections that are just closing do not count
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    if not is_free(int(sys.argv[1])):
        sys.exit(1)
    second = int(sys.argv[1]) + 3
    print(second if is_free(second) else free_port())
