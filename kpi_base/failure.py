"""Texts for people of failures that are nobody's fault: others came first, no room."""

import errno
from typing import Any

from psycopg2 import errors

from .engine.delivery import smtp_answer
from .repeat import LATE, LockedTooLong, try_apart

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def is_disk_full(error: BaseException | None) -> bool:
    """Check whether the server had no room left, whatever was made of that since."""
    while error is not None:
        if isinstance(error, errors.DiskFull):
            return True
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return True
        error = error.__cause__ or error.__context__
    return False


def try_alone(env: Any, *step: Any) -> Exception | None:
    """Why a step failed for this one alone; a full disk, which meets all, is raised."""
    if is_disk_full(error := try_apart(env, *step)):
        raise error
    return error


def known_reason(env: Any, error: BaseException) -> str:
    """The sentence for a failure of these kinds; empty for all others."""
    if isinstance(error, (*LATE, LockedTooLong)):
        return env._("Someone else changed the same records. Try again in a moment.")
    if is_disk_full(error):
        return env._(
            "The server's disk is full; nothing was saved. Ask your administrator "
            "to free space, then try again."
        )
    return ""


def failure_text(env: Any, error: BaseException) -> str:
    """The text that is stored where work failed, for whoever looks after it."""
    known = known_reason(env, error) or smtp_answer(error)
    return known or str(error) or type(error).__name__
