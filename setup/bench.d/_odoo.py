"""Odoo inside the benchmark's process.

``python _odoo.py GROUP:FUNCTION DATABASE``: memory of a function, as JSON: the resident
MiB before it and the peak during it. A new process, because the peak of a process
includes all it did before.
"""

import importlib
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tools import config

STATUS = Path("/proc/self/status")
KIB_PER_MIB = 1024


def load_odoo(database: str = "") -> None:
    """Makes ``odoo.addons`` importable; later for a database."""
    options = ["--no-http", "--log-level=error", "--max-cron-threads=0"]
    if database:
        options += ["-d", database]
    config.parse_config(options, setup_logging=not database)


@contextmanager
def environment(database: str) -> Iterator[Any]:
    """An environment as superuser in a database; nothing is committed at its end."""
    load_odoo(database)
    try:
        with Registry(database).cursor() as cursor:
            try:
                yield api.Environment(cursor, SUPERUSER_ID, {})
            finally:
                cursor.rollback()
    finally:
        # Also after an error: an open connection would hide it by another.
        Registry.delete(database)
        close_db(database)


def _resident_mib(name: str) -> float:
    match = re.search(rf"^{name}:\s*(\d+) kB", STATUS.read_text(), re.MULTILINE)
    return int(match[1]) / KIB_PER_MIB


def main(name: str, database: str) -> None:
    group, _separator, function = name.partition(":")
    load_odoo()
    function = getattr(importlib.import_module(group), function)
    with environment(database) as env:
        before = _resident_mib("VmRSS")
        # 5 sets the peak to what is resident now
        Path("/proc/self/clear_refs").write_text("5")
        function(env)
        print(json.dumps([before, _resident_mib("VmHWM")]))


if __name__ == "__main__":
    main(*sys.argv[1:])
