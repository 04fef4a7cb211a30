"""Reminders of requests: 1,000 that fall due at once, beside the same rows by hand."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from _database import own_database
from _harness import Bench, DifferentResults, Figure, case
from _odoo import environment

DUE = 1_000
SHARE_OF_FEW = 10  # the other database has so much less
# Of ten clocks that fall due, as often as each threshold is announced in a year.
PERCENTS = [50, 50, 50, 50, 50, 75, 75, 75, 75, 100]
# Tables in which a sweep writes rows, in the order in which they can be written.
WRITTEN = ("kpi_delivery", "kpi_delivery_line", "tat_alerts", "mail_message")
MARKS = (
    "reminded_percent",
    "next_due_at",
    "tat50_alert_sent",
    "tat75_alert_sent",
    "tat_breached",
    "write_uid",
    "write_date",
)


@case("requests")
def tat_sweep(bench: Bench) -> Iterator[Figure]:
    """1,000 reminders of 600,000 clocks; and beside those of 60,000."""
    env = bench.env
    make_due(env)
    _copy_what_is_written(env)
    seconds, by_hand = bench.measure(
        lambda: sweep(env), lambda: _write_by_hand(env), before=lambda: start_anew(env)
    )
    yield Figure("sweep_vs_sql", seconds, "s", by_hand, "<= 1.5")
    count = env["kpi.tat.request"].search_count([]) // SHARE_OF_FEW
    with (
        own_database("few-requests", count, "few") as name,
        environment(name) as few,
    ):
        make_due(few)
        many_seconds, few_seconds = bench.measure(
            lambda: sweep(env),
            lambda: sweep(few),
            before=lambda: (start_anew(env), start_anew(few)),
        )
    yield Figure("sweep_growth", many_seconds, "s", few_seconds, "<= 1.2")


def make_due(env: Any) -> None:
    """Have running clocks fall due a second ago, each at its threshold."""
    clocks = env["kpi.tat.level"].search(
        [("clock", "=", "running")], limit=DUE, order="id"
    )
    now = datetime.now().replace(microsecond=0)
    env.cr.execute(
        """
        UPDATE approval_levels
           SET tat50_due_at = CASE WHEN percent > 50 THEN begun ELSE %(due)s END,
               tat75_due_at = CASE percent WHEN 50 THEN %(later)s WHEN 75 THEN %(due)s
                                   ELSE begun END,
               overdue_at = CASE WHEN percent = 100 THEN %(due)s ELSE %(later)s END,
               tat50_alert_sent = percent > 50, tat75_alert_sent = percent > 75,
               tat_breached = FALSE,
               reminded_percent = CASE percent WHEN 75 THEN 50 WHEN 100 THEN 75
                                       ELSE 0 END,
               level_start_time = begun, tat_start_time = begun,
               allowed_seconds = CASE WHEN percent = 100 THEN 3600 ELSE 1e6 END,
               next_due_at = %(due)s
          FROM (SELECT id, (%(percents)s)[1 + row_number() OVER (ORDER BY id) %% 10]
                           AS percent,
                       %(due)s - interval '3 days' - id %% 1000 * interval '1 minute'
                           AS begun
                  FROM unnest(%(ids)s) AS id) AS chosen
         WHERE chosen.id = approval_levels.id
        """,
        {
            "due": now - timedelta(seconds=1),
            "later": now + timedelta(days=2),
            "percents": PERCENTS,
            "ids": clocks.ids,
        },
    )
    if env.cr.rowcount != DUE:
        raise DifferentResults(f"{len(clocks)} clocks run, not {DUE}")
    env.cr.commit()


def start_anew(env: Any) -> None:
    """Undo what was written; the next sweep knows nothing, as in a server."""
    env.cr.rollback()
    env.cr.cache.clear()
    env.invalidate_all(flush=False)


def sweep(env: Any) -> None:
    """The sweep as the timer runs it, until nothing more is due."""
    levels = env["kpi.tat.level"]
    while (moment := levels._sweep_due()) and moment <= datetime.now():
        pass
    env.cr.flush()


def _copy_what_is_written(env: Any) -> None:
    """Have the rows that a sweep writes in tables beside; make the clocks due again."""
    last = {}
    for table in WRITTEN:
        env.cr.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        (last[table],) = env.cr.fetchone()
    env.cr.execute(
        "CREATE TABLE bench_marks AS SELECT id FROM approval_levels"
        " WHERE clock = 'running' AND next_due_at < now() AT TIME ZONE 'UTC'"
    )
    sweep(env)
    marks = ", ".join(MARKS)
    env.cr.execute(
        f"CREATE TABLE bench_levels AS SELECT id, {marks} FROM approval_levels"
        " JOIN bench_marks USING (id)"
    )
    for table in WRITTEN:
        env.cr.execute(
            f"CREATE TABLE bench_{table} AS SELECT * FROM {table} WHERE id > %s",
            [last[table]],
        )
        if env.cr.rowcount != DUE:
            raise DifferentResults(f"{env.cr.rowcount} rows in {table}, not {DUE}")
    for table in reversed(WRITTEN):
        env.cr.execute(f"DELETE FROM {table} WHERE id > %s", [last[table]])
    make_due(env)
    env.cr.execute("ANALYZE")
    env.cr.commit()


def _write_by_hand(env: Any) -> None:
    """The same rows as a sweep writes, by one statement a table."""
    for table in WRITTEN:
        columns = _list_columns(env, table)
        env.cr.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM bench_{table}"
        )
    marks = ", ".join(f"{name} = found.{name}" for name in MARKS)
    env.cr.execute(
        f"UPDATE approval_levels AS level SET {marks} FROM bench_levels AS found"
        " WHERE found.id = level.id"
    )


def _list_columns(env: Any, table: str) -> str:
    env.cr.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)"
        " FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    return env.cr.fetchone()[0]
