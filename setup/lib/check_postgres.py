"""``check_postgres.py N``: a sentence when the server is away or older than N."""

import sys
from contextlib import closing

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


if __name__ == "__main__":
    try:
        check_version(int(sys.argv[1]))
    except databases.DatabaseError as error:
        sys.exit(str(error))
