"""Copies of a database that a test may commit to."""

import os
from contextlib import contextmanager
from itertools import count

_numbers = count()


@contextmanager
def copied(template):
    """The name of a copy of ``template``, dropped at the end."""
    import databases

    name = f"kpi_test_{os.getpid()}_engine_{next(_numbers)}"
    databases.copy(template, name)
    try:
        yield name
    finally:
        databases.drop(name, force=True)
