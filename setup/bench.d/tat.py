"""Requests: reminders that fall due at once, beside the same rows by hand; how late the
timer announces them; deciding, beside the same rows in a plain model; and the views of
a month, beside SQL written for it; and the trends of a year."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from _harness import Bench, DifferentResults, Figure, case
from _kpis import as_admin, make_model, undo
from _tat_by_hand import QUERIES
from _timer import measure_lag, running_timer

DUE = 1_000
# Of ten clocks that fall due, as often as each threshold is announced in a year.
PERCENTS = [50, 50, 50, 50, 50, 75, 75, 75, 75, 100]
FALL_DUE = """
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
"""
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

CLOCKS, SPREAD, MOST_LAG = 200, 40, 1.0  # due times, in whole seconds, so many of these
PLANNED = """
    UPDATE approval_levels AS level
       SET tat50_due_at = planned.due_at, next_due_at = planned.due_at
      FROM (
        SELECT id, date_trunc('second', now() AT TIME ZONE 'UTC')
                   + (3 + row_number() OVER (ORDER BY id) %% %(spread)s)
                   * interval '1 second' AS due_at
          FROM approval_levels
         WHERE clock = 'running'
      ORDER BY id
         LIMIT %(count)s
      ) AS planned
     WHERE planned.id = level.id
 RETURNING level.id, level.next_due_at
"""
ANNOUNCED = """
    SELECT level_id FROM tat_alerts
     WHERE level_id = ANY(%(ids)s) AND threshold_percentage = 50
"""

DOCUMENT, ROW = "x_bench_request", "x_bench_row"
MESSAGES = ("mail_message", "mail_tracking_value", "mail_followers")  # by the thread
STATUSES = ("pending", "level 2", "level 3", "approved")
# type → value of some fields of a row of a dozen columns
VALUES = {
    "integer": 7,
    "char": "A text as long as most",
    "datetime": datetime(2026, 3, 23, 13),
}
COLUMNS = {"integer": 5, "char": 4, "datetime": 3}

DAYS, DAYS_AGO = 30, 60
TRENDS = (
    "metric_date department_id requests_created requests_approved requests_rejected"
    " levels_completed breaches_count alerts_sent tat_compliance_percentage"
    " avg_cycle_time_hours"
).split()
MOST_TREND_SECONDS, MOST_COUNTED = 2.0, 10_001  # the client counts no further


@case("requests")
def tat_sweep(bench: Bench) -> Iterator[Figure]:
    """1,000 reminders of 600,000 clocks."""
    env = bench.env
    _make_due(env)
    columns = _copy_what_is_written(env)

    def write_by_hand() -> None:
        """The same rows as a sweep writes, by one statement a table."""
        for table, names in columns.items():
            rows = f"SELECT {names} FROM bench_{table}"
            env.cr.execute(f"INSERT INTO {table} ({names}) {rows}")
        marks = ", ".join(f"{name} = found.{name}" for name in MARKS)
        env.cr.execute(
            f"UPDATE approval_levels AS level SET {marks} FROM bench_levels AS found"
            " WHERE found.id = level.id"
        )

    seconds, by_hand = bench.measure(
        lambda: _sweep(env), write_by_hand, before=lambda: undo(env)
    )
    yield Figure("sweep_vs_sql", seconds, "s", by_hand, "<= 1.5")


def _make_due(env: Any) -> None:
    """Have running clocks fall due a second ago, each at its threshold."""
    running = [("clock", "=", "running")]
    clocks = env["kpi.tat.level"].search(running, limit=DUE, order="id")
    now = datetime.now().replace(microsecond=0)
    values = {"due": now - timedelta(seconds=1), "later": now + timedelta(days=2)}
    values |= {"percents": PERCENTS, "ids": clocks.ids}
    env.cr.execute(FALL_DUE, values)
    env.cr.commit()


def _sweep(env: Any) -> None:
    """The sweep as the timer runs it, until nothing more is due."""
    levels = env["kpi.tat.level"]
    while (moment := levels._sweep_due()) and moment <= datetime.now():
        pass
    env.cr.flush()


def _copy_what_is_written(env: Any) -> dict[str, str]:
    """Have the rows that a sweep writes in tables beside; make the clocks due again.

    :return: table → columns that are written
    """
    last = {}
    for table in WRITTEN:
        env.cr.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        (last[table],) = env.cr.fetchone()
    env.cr.execute(
        "CREATE TABLE bench_marks AS SELECT id FROM approval_levels"
        " WHERE clock = 'running' AND next_due_at < now() AT TIME ZONE 'UTC'"
    )
    due = env.cr.rowcount
    _sweep(env)
    marks = ", ".join(MARKS)
    env.cr.execute(
        f"CREATE TABLE bench_levels AS SELECT id, {marks} FROM approval_levels"
        " JOIN bench_marks USING (id)"
    )
    for table, most in last.items():
        env.cr.execute(
            f"CREATE TABLE bench_{table} AS SELECT * FROM {table} WHERE id > %s", [most]
        )
        if not env.cr.rowcount == due > 0:
            raise DifferentResults(f"{env.cr.rowcount} rows in {table}, not {due}")
    columns = {}
    for table, most in reversed(last.items()):
        env.cr.execute(f"DELETE FROM {table} WHERE id > %s", [most])
        env.cr.execute(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = ''",
            [table],
        )
        (columns[table],) = env.cr.fetchone()
    _make_due(env)
    env.cr.execute("ANALYZE")
    env.cr.commit()
    return {table: columns[table] for table in WRITTEN}


@case("requests")
def tat_lag(bench: Bench) -> Iterator[Figure]:
    """From the moment that a clock is due to the commit of its alert."""
    values = {"spread": SPREAD, "count": CLOCKS}
    with running_timer(bench.env):
        lag = measure_lag(bench.env, PLANNED, ANNOUNCED, **values)
    yield Figure("due_lag_p99_s", lag, "s", MOST_LAG, "<= 1")


@case("requests")
def tat_decisions(bench: Bench) -> Iterator[Figure]:
    """A request of three levels, from its submission to the last approval.

    The plain models are made by hand in Odoo: a document with Odoo's discussion and
    tracked fields, and rows. They know no rule: nobody is looked for, nothing is
    compared, told or measured.
    """
    env = bench.env(context={"lang": "en_US", "tz": "UTC"})
    templates = [("workflow_type", "=", "request_template")]
    template = env["kpi.approval.workflow"].search(templates, limit=1)
    approvers = [level.user_id for level in template.level_ids.sorted().approver_ids]
    everybody = env["res.users"].search([("login", "=like", "approver\\_%")])
    maker = everybody.filtered(lambda person: person not in approvers)[0]
    texts = ("x_subject", "x_template", "x_priority", "x_status")
    make_model(env, DOCUMENT, is_thread=True, **dict.fromkeys(texts, "char"))
    columns = {
        f"x_{kind}_{n}": kind for kind, count in COLUMNS.items() for n in range(count)
    }
    make_model(env, ROW, **columns)

    def ours() -> None:
        requests = env["kpi.tat.request"].with_user(maker)
        values = {"subject": "Laptops", "template_id": template.id, "amount": 900}
        request = requests.create(values)
        request.action_submit()
        _end(env)
        for approver in approvers:
            request.with_user(approver).action_approve()
            _end(env)
        if request.sudo().status != "approved":
            raise DifferentResults(f"the request is {request.sudo().status}")

    ours()  # what is looked up once a process is known then, and stored once
    env.cr.commit()
    creates, writes = _count_written(env, ours)
    values = {name: VALUES[kind] for name, kind in columns.items()}

    def plain() -> None:
        """As many rows, by the same people, in as many requests of the web client."""
        text = {"x_subject": "Laptops", "x_template": "Buy", "x_priority": "standard"}
        document, rows = env[DOCUMENT].with_user(maker).create(text), env[ROW]
        people = zip((maker, *approvers), STATUSES, strict=True)
        for place, (person, status) in enumerate(people):
            document.with_user(person).write({"x_status": status})
            count = creates * (place + 1) // len(STATUSES) - len(rows)
            rows = rows.with_user(person)
            rows |= rows.create([values] * count)
            first, last = (
                writes * each // len(STATUSES) for each in (place, place + 1)
            )
            for number in range(first, last):
                rows[number % len(rows)].write({"x_char_0": f"{place} {number}"})
            _end(env)

    seconds, reference = bench.measure(ours, plain, before=lambda: undo(env))
    yield Figure("submit_decide_vs_plain", seconds, "s", reference, "<= 2")


def _end(env: Any) -> None:
    """Write what a request of the web client would, up to its commit."""
    env.flush_all()
    env.cr.precommit.run()
    env.invalidate_all()


def _count_written(env: Any, act: Callable[[], None]) -> tuple[int, int]:
    """Rows that are inserted and updated, but for messages of the thread, the document
    and its statuses."""
    act()
    env.cr.execute(
        "SELECT sum(n_tup_ins)::int - 1, sum(n_tup_upd)::int - %s"
        "  FROM pg_stat_xact_user_tables WHERE relname <> ALL(%s)",
        [len(STATUSES), list(MESSAGES)],
    )
    counts = env.cr.fetchone()
    undo(env)
    return counts


@case("requests")
def tat_views(bench: Bench) -> Iterator[Figure]:
    """Each view over 30 days, of 200,000 requests in a year."""
    env = bench.env

    def query(text: str, period: dict[str, datetime] | None = None) -> list[tuple]:
        env.cr.execute(text, period)
        return sorted(env.cr.fetchall())

    def query_view(view: str, period: dict[str, datetime]) -> list[tuple]:
        for name, moment in zip(("date_from", "date_to"), period.values(), strict=True):
            setting = [f"kpi_tat.{name}", str(moment)]
            env.cr.execute("SELECT set_config(%s, %s, true)", setting)
        return query(f"SELECT * FROM {view}")

    today = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for view, text in QUERIES.items():
        # What is open is young.
        ago = DAYS if view == "vw_workflow_aging" else DAYS_AGO
        start = today - timedelta(days=ago)
        period = {"start": start, "stop": start + timedelta(days=DAYS)}
        yield bench.compare(
            f"view_vs_sql_{view.removeprefix('vw_')}",
            ours=lambda view=view, period=period: query_view(view, period),
            reference=lambda text=text, period=period: query(text, period),
            target="<= 2",
        )


@case("requests")
def tat_trends(bench: Bench) -> Iterator[Figure]:
    """The list and the chart of *Daily and Weekly Trends* over a year, as browsers ask
    for them at once."""
    env = bench.env
    env.ref("base.user_admin").group_ids |= env.ref("kpi_base.kpi_base_group_admin")
    env.flush_all()
    rows = as_admin(env["kpi.tat.daily.metrics"]).with_context(
        kpi_tat_date_from="today =1d -11m"
    )
    shown = {name: {} for name in TRENDS}
    parts = {
        "list": lambda: rows.web_search_read(
            [], shown, limit=80, count_limit=MOST_COUNTED
        ),
        "chart": lambda: rows.formatted_read_group(
            [], ["metric_date:month"], ["tat_compliance_percentage:avg", "__count"]
        ),
    }
    for name, part in parts.items():
        (seconds,) = bench.measure(part, before=env.invalidate_all)
        yield Figure(f"trends_{name}", seconds, "s", MOST_TREND_SECONDS, "<= 1")
