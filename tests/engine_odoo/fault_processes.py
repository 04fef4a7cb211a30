"""Processes of ``fault_worker.py``, and what their databases hold meanwhile."""

import signal
import time
from contextlib import closing, contextmanager

import fault_worker

from forked import SECONDS, Forked


def start(database, command, *arguments):
    """A fork, as Odoo's workers are: with the registry that this process has loaded."""
    _load(database)
    return Forked(fault_worker.main, database, command, *arguments)


def _load(database):
    """Have the registry of a database here, which takes longer than most commands."""
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db

    from odoo_environment import load_odoo

    if database not in Registry.registries:
        load_odoo(database)
        Registry(database)
        close_db(database)


@contextmanager
def copied(original):
    """A copy of a database for one test, with the registry of that."""
    from odoo.modules.registry import Registry

    import databases

    _load(original)
    with databases.temporary_copy(original) as name:
        Registry.registries[name] = Registry.registries[original]
        try:
            yield name
        finally:
            Registry.delete(name)


def run(database, command, *arguments):
    """A whole run of the worker; what it said."""
    return finish(start(database, command, *arguments))


def finish(process):
    """Let the process go on to its end; what it said."""
    output = process.communicate()
    assert process.poll() == 0, output
    assert output.endswith("end\n"), output
    return output


def wait_for(process, word):
    """Read on until the process says ``word``."""
    for line in process.stdout:
        if line.startswith(word):
            return line
    raise AssertionError(f"ended before “{word}”, with {process.wait()}")


def kill(process):
    """End the process, and wait until PostgreSQL has ended its sessions.

    It notices a moment later: until then they hold what they had claimed.
    """
    process.kill()
    assert process.wait() == -signal.SIGKILL
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        f" WHERE application_name = 'odoo-{process.pid}'"
    )
    deadline = time.monotonic() + SECONDS
    while rows("postgres", query)[0][0]:
        assert time.monotonic() < deadline, "a session outlives its process"
        time.sleep(0.02)


@contextmanager
def killed_at_last(process):
    """No process outlives its test."""
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def rows(database, query):
    import databases

    with closing(databases.connect(database)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()


def execute(database, statement):
    import databases

    with closing(databases.connect(database)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(statement)


def advisory_locks(database):
    query = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return rows(database, query)[0][0]
