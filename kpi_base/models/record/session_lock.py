"""Locks of a database session: they outlive a commit, and end with the session."""

from contextlib import contextmanager

from odoo.tools import SQL


@contextmanager
def session_lock(cr, space, number):
    """Hold a lock of the session in the block; False where another session has it."""
    is_held = try_session_lock(cr, space, number)
    try:
        yield is_held
    except Exception:
        # A failed transaction could not give the lock back.
        cr.rollback()
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
