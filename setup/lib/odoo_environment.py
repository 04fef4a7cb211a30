"""Odoo inside this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import close_db
from odoo.tools import config


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
