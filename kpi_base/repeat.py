"""Repeats work that Odoo does not: it runs requests again after 40001, nothing else.

And batches of which one part may fail without taking the others along.
"""

from collections.abc import Callable
from typing import Any

from psycopg2 import errors

from odoo.exceptions import ConcurrencyError

ATTEMPTS = 5  # as many as Odoo gives a request
# Another transaction came first; run again, what failed sees what that one wrote.
LATE = (
    errors.SerializationFailure,  # 40001
    errors.DeadlockDetected,  # 40P01
    errors.LockNotAvailable,  # 55P03
    ConcurrencyError,
)


class LockedTooLong(Exception):
    """Others hold what a request needs; Odoo does not run it again, as after 55P03."""


def repeat_late(env: Any, step: Callable[..., Any], *arguments: Any) -> Any:
    """Call ``step``, again where another transaction came first.

    The step is a unit of work: what came before it was committed, and it commits or
    leaves its work to be committed at once::

        for plan in plans:
            repeat_late(self.env, plan._settle_since, first)
            self.env["ir.cron"]._commit_progress(1)

    :return: what ``step`` returns
    :raises LATE: it was late in each of ``ATTEMPTS`` runs
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            result = step(*arguments)
            env.flush_all()
            return result
        except LATE:
            env.cr.rollback()
            env.transaction.reset()
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def run_apart(
    env: Any,
    parts: Any,
    step: Callable[[Any], Any],
    note: Callable[[Any, Exception], Any],
) -> None:
    """Do ``step`` of all ``parts`` at once; where that fails, of their halves.

    Each is a savepoint. What another transaction was first with is never taken for a
    failure: it is raised, so that the whole is run again::

        run_apart(self.env, due, lambda some: some._remind(), self._note_failure)

    :param parts: a recordset
    :param step: takes some of ``parts``
    :param note: takes one of ``parts`` and why it failed
    """
    error = try_apart(env, step, parts) if parts else None
    if error and len(parts) == 1:
        note(parts, error)
    elif error:
        middle = len(parts) // 2
        run_apart(env, parts[:middle], step, note)
        run_apart(env, parts[middle:], step, note)


def try_apart(env: Any, step: Callable[..., Any], *arguments: Any) -> Exception | None:
    """Call ``step`` in a savepoint; why it failed, or None."""
    try:
        with env.cr.savepoint():
            step(*arguments)
    except LATE:
        raise
    except Exception as error:  # whatever it is, the others are not held up
        return error
    return None
