"""``check_postgres.py N``: the identity of the server, or what is wrong with it.

Prints a word that tells the server from others, whichever address it was reached by;
else a sentence on stderr, where it is away, older than N or not to be used.
"""

import hashlib
import sys
from contextlib import closing
from typing import Any

import psycopg2

import databases


def check_version(least: int) -> None:
    """:raises DatabaseError: no server answers, or one older than ``least``"""
    with closing(databases.connect("postgres")) as connection:
        major = connection.server_version // 10000
    if major < least:
        raise databases.DatabaseError(
            f"PostgreSQL {least} or newer is needed, the server that PGHOST or "
            f"DATABASE_URL names has {major}: name a newer one, or unset them to use "
            "a private server."
        )


def check_role() -> None:
    """:raises DatabaseError: the role may not create databases"""
    query = """
        SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles
         WHERE rolname = current_user
    """
    with closing(databases.connect("postgres")) as connection:
        role, may_create = _row(connection, query)
    if not may_create:
        raise databases.DatabaseError(
            f"the PostgreSQL role {role} may not create databases: as a superuser run "
            f'ALTER ROLE "{role}" CREATEDB, or unset PGHOST and DATABASE_URL to use a '
            "private server."
        )


def identity() -> str:
    """What tells the server from others.

    Its own number; where a host lets nobody read that, its address.
    """
    with closing(databases.connect("postgres")) as connection:
        try:
            query = "SELECT system_identifier FROM pg_control_system()"
            (number,) = _row(connection, query)
        except psycopg2.errors.InsufficientPrivilege:
            parameters = connection.get_dsn_parameters()
            address = f"{parameters.get('host')}:{parameters.get('port')}"
            return hashlib.sha256(address.encode()).hexdigest()[:16]
    return str(number)


def _row(connection: Any, query: str) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


if __name__ == "__main__":
    try:
        check_version(int(sys.argv[1]))
        check_role()
        sys.stdout.write(identity())
    except databases.DatabaseError as error:
        sys.exit(str(error))
