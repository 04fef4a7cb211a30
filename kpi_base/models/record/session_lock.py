"""Locks of a database session: they outlive a commit, and end with the session."""

import random
from contextlib import contextmanager

from odoo.tools import SQL

PROBE_SPACE = 1_262_570_841  # timers have the number before


@contextmanager
def session_lock(cr, space, number):
    """Hold a lock of the session in the block; False where another session has it."""
    is_held = try_session_lock(cr, space, number)
    try:
        yield is_held
    except Exception:
        cr.rollback()  # a failed transaction could not give the lock back
        raise
    finally:
        if is_held:
            session_unlock(cr, space, number)


def try_session_lock(cr, space, number, *, shared=False):
    """Take an advisory lock of the database session; False where it is taken.

    :param shared: beside others that share it; one that is not shared is alone
    """
    lock = SQL("pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock")
    cr.execute(SQL("SELECT %s(%s, %s)", lock, space, number))
    return cr.fetchone()[0]


def session_unlock(cr, space, number, *, shared=False):
    unlock = SQL("pg_advisory_unlock_shared" if shared else "pg_advisory_unlock")
    cr.execute(SQL("SELECT %s(%s, %s)", unlock, space, number))


def held_locks_sql(space):
    """Numbers that some session of this database holds a lock of."""
    return SQL(
        """
        SELECT objid::bigint
          FROM pg_locks
         WHERE locktype = 'advisory'
           AND classid::bigint = %s
           AND objsubid = 2
           AND database = (
                SELECT oid FROM pg_database WHERE datname = current_database())
        """,
        space,
    )


def are_locks_kept(registry):
    """Whether a session has its locks in its next transaction, too.

    Not so where PgBouncer hands out connections by transaction: the second one gets
    that of the first meanwhile.
    """
    number = random.randrange(2**31)
    mine = SQL("objid::bigint = %s AND pid = pg_backend_pid()", number)
    with registry.cursor() as first:
        try_session_lock(first, PROBE_SPACE, number)
        first.commit()
        with registry.cursor() as second:
            second.execute("SELECT 1")
            first.execute(SQL("%s AND %s", held_locks_sql(PROBE_SPACE), mine))
            is_kept = bool(first.rowcount)
            if is_kept:  # else it ends with the connection that has it
                session_unlock(first, PROBE_SPACE, number)
            first.commit()
    return is_kept
