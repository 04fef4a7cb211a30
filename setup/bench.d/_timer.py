"""How late the timer does what falls due; it runs in a thread, as in a server."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from _harness import DifferentResults

STEP, MOST_WAIT = 0.002, 60.0


@contextmanager
def running_timer(env: Any) -> Iterator[None]:
    """The timer of the database, until the end."""
    # The addon is only there in a process that has loaded a database.
    from odoo.addons.kpi_base.timer import ensure_timer

    timer = ensure_timer(env.cr.dbname)
    try:
        yield
    finally:
        timer.end()
        env["kpi.timer"]._notify()
        env.cr.commit()
        timer.join(MOST_WAIT)


def measure_lag(env: Any, plan: str, done: str, **values: Any) -> float:
    """99th percentile of the seconds from a moment to the commit of what it brings.

    :param plan: statement that returns (id, moment) of each
    :param done: query for the ids that are done, of those in ``%(ids)s``
    :param values: of the plan
    """
    env.cr.execute(plan, values)
    due = dict(env.cr.fetchall())
    env["kpi.timer"]._notify()
    env.cr.commit()
    seen: dict[int, float] = {}
    last = max(map(_seconds, due.values()))
    while len(seen) < len(due) and time.time() < last + MOST_WAIT:
        env.cr.execute(done, {"ids": [*due.keys() - seen.keys()]})
        now = time.time()
        seen.update((found, now) for (found,) in env.cr.fetchall())
        env.cr.commit()
        time.sleep(STEP)
    if len(seen) < len(due):
        raise DifferentResults(f"{len(seen)} of {len(due)} were announced")
    lags = sorted(seen[key] - _seconds(moment) for key, moment in due.items())
    return lags[-1 - len(lags) // 100]


def _seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()
