"""Batches of which one part may fail without taking the others along."""

from collections.abc import Callable
from typing import Any

from .repeat import LATE


def run_apart(
    env: Any,
    parts: Any,
    step: Callable[[Any], Any],
    note: Callable[[Any, Exception], Any],
) -> None:
    """Do ``step`` of all ``parts`` at once; where that fails, of each by itself.

    Each is a savepoint. What another transaction was first with is never taken for a
    failure: it is raised, so that the whole is run again::

        run_apart(self.env, due, lambda some: some._remind(), self._note_failure)

    :param parts: a recordset
    :param step: takes some of ``parts``
    :param note: takes one of ``parts`` and why it failed
    """
    if not parts:
        return
    if len(parts) > 1 and _try(env, parts, step) is None:
        return
    for part in parts:
        error = _try(env, part, step)
        if error:
            note(part, error)


def _try(env: Any, parts: Any, step: Callable[[Any], Any]) -> Exception | None:
    try:
        with env.cr.savepoint():
            step(parts)
    except LATE:
        raise
    except Exception as error:  # whatever it is, the others are not held up
        return error
    return None
