"""Databases with their filestores: exist, copy, rename, drop.

The server is that of PGHOST, PGPORT, PGUSER; filestores lie below KPI_STATE, a folder
of that server alone: a database of the same name elsewhere has its own.
"""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from subprocess import DEVNULL, Popen

import psycopg2
from psycopg2 import sql

_numbers = count()
MOST_DEAD_ROWS = 1000
# names a file in which each temporary copy leaves its active seconds
SECONDS_FILE = "KPI_DATABASE_SECONDS"
# What a test writes nobody else sees: counted meanwhile, a full table counts as empty,
# and what is joined with it is read once for each of its rows.
STOP_AUTOVACUUM = """
    DO $$
    DECLARE
        name regclass;
    BEGIN
        FOR name IN SELECT oid FROM pg_class
                     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        LOOP
            EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', name);
        END LOOP;
    END $$
"""


class DatabaseError(Exception):
    """A sentence for the person at the terminal."""


def exists(name: str) -> bool:
    """Whether the server has a database of this name."""
    return name in names()


def names() -> list[str]:
    """All databases of the server but its own."""
    query = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"
    with closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def copy(source: str, target: str) -> None:
    """``target`` becomes a copy of ``source``; nobody may be connected to that."""
    drop(target)
    _execute("CREATE DATABASE {} TEMPLATE {}", target, source)
    if filestore(source).is_dir():
        # files of a filestore are never changed in place, so links are copies
        shutil.copytree(filestore(source), filestore(target), copy_function=os.link)


@contextmanager
def temporary_copy(source: str) -> Iterator[str]:
    """The name of a copy for a test of this process.

    Another one drops it: PostgreSQL writes all that has changed to the disk before.
    """
    name = f"kpi_test_{os.getpid()}_{next(_numbers)}"
    copy(source, name)
    with closing(connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute(STOP_AUTOVACUUM)
    try:
        yield name
    finally:
        if file := os.environ.get(SECONDS_FILE):
            with suppress(DatabaseError), open(file, "a") as notes:
                notes.write(f"{active_seconds(name)}\n")
        command = [sys.executable, __file__, name]
        Popen(command, start_new_session=True, stdout=DEVNULL, stderr=DEVNULL)


def active_seconds(name: str) -> float:
    """How long the server has executed statements in the database since it was made."""
    query = "SELECT active_time / 1000 FROM pg_stat_database WHERE datname = %s"
    with closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute(query, [name])
        row = cursor.fetchone()
        return row[0] if row else 0.0


@contextmanager
def building(name: str) -> Iterator[str]:
    """The name under which ``name`` is made; at the end it takes its name and place.

    What a killed process left under that name is dropped, even if an orphan of it is
    still connected: the caller holds the ``lock``.
    """
    temporary = f"{name}-building"
    drop(temporary, force=True)
    try:
        yield temporary
    except BaseException:
        drop(temporary, force=True)
        raise
    rename(temporary, name)


@contextmanager
def lock(name: str) -> Iterator[None]:
    """Only one process makes or changes the database; others wait."""
    file = Path(os.environ["KPI_STATE"], "tmp", f"database-{name}.lock")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def rename(old: str, new: str) -> None:
    """``old`` takes the place of ``new``."""
    drop(new)
    if filestore(old).is_dir():
        filestore(old).rename(filestore(new))
    _execute("ALTER DATABASE {} RENAME TO {}", old, new)


def drop(name: str, *, force: bool = False) -> None:
    """Removes the database and its filestore; no matter whether they exist.

    :param force: end the connections to it, rather than refuse
    """
    if force:
        _end_connections(name)
    _execute("DROP DATABASE IF EXISTS {}", name)
    shutil.rmtree(filestore(name), ignore_errors=True)


def filestore(name: str) -> Path:
    """The folder where Odoo keeps the attachments of a database."""
    return Path(os.environ["KPI_STATE"], "data", "filestore", name)


def connect(name: str = "postgres") -> "psycopg2.extensions.connection":
    """A connection to one database; the caller closes it."""
    try:
        connection = psycopg2.connect(dbname=name)
    except psycopg2.OperationalError as error:
        reason = str(error).splitlines()[0]
        raise DatabaseError(
            f"PostgreSQL does not answer ({reason}): check PGHOST or DATABASE_URL, or "
            "unset them to use a private server."
        ) from error
    connection.autocommit = True
    return connection


def _end_connections(name: str) -> None:
    """``DROP … WITH (FORCE)`` would refuse where autovacuum is at work, which a plain
    DROP ends by itself. The server goes on making a database whose client was killed.
    """
    making = sql.SQL("CREATE DATABASE {} ").format(sql.Identifier(name))
    with closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend'"
            " AND (datname = %s OR state = 'active' AND starts_with(query, %s))",
            [name, making.as_string(cursor)],
        )


def _execute(statement: str, *identifiers: str) -> None:
    quoted = map(sql.Identifier, identifiers)
    with closing(connect()) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(sql.SQL(statement).format(*quoted))
        except psycopg2.errors.ObjectInUse as error:
            raise DatabaseError(
                f"the database {identifiers[-1]} is in use: stop the Odoo or psql "
                "that is connected to it, then run this again."
            ) from error
        except psycopg2.Error as error:
            raise DatabaseError(f"PostgreSQL refuses: {error}") from error


def clear_dead_rows(name: str) -> None:
    """Give back the room of what tests have rolled back; see ``STOP_AUTOVACUUM``."""
    query = "SELECT relid::regclass FROM pg_stat_user_tables WHERE n_dead_tup > %s"
    with closing(connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute(query, [MOST_DEAD_ROWS])
        for (table,) in cursor.fetchall():
            cursor.execute(f"VACUUM {table}")


if __name__ == "__main__":
    drop(sys.argv[1], force=True)
