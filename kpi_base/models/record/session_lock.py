"""Locks of a database session: they outlive a commit, and end with the session."""


def try_session_lock(cr, space, number):
    """Take an advisory lock of the database session; False where it is taken."""
    cr.execute("SELECT pg_try_advisory_lock(%s, %s)", (space, number))
    return cr.fetchone()[0]


def session_unlock(cr, space, number):
    cr.execute("SELECT pg_advisory_unlock(%s, %s)", (space, number))
