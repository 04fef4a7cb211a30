"""Statements of the screens of requests: my queue, and the form of a request."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from _harness import Bench, DifferentResults, Figure, case, count_statements

FEW, MANY, PAGE = 5, 75, 80  # records, and as many as fit on a page
FORM = "kpi.tat.request"
QUEUE = "kpi.tat.level"


@case("requests")
def tat_screens(bench: Bench) -> Iterator[Figure]:
    """The queue with 5 and with 75 rows, a form with few and with many clocks."""
    env = bench.env(context={"lang": "en_US", "tz": "UTC"})
    clocks = env[QUEUE].search([("clock", "=", "running")], limit=MANY, order="id")
    if len(clocks) < MANY:
        raise DifferentResults(f"{len(clocks)} clocks run, not {MANY}")
    approver = clocks[0].approver_id
    counts = {}
    for count in (FEW, MANY):
        _ask(clocks[:count], approver)
        counts[count] = _count_queue(env, approver, count)
    yield Figure("queue_statements", counts[MANY], "", counts[FEW], "<= 1")
    few, many = (_count_form(env, clocks[0], count) for count in (1, 20))
    yield Figure("form_statements", many, "", few, "<= 1")


def _ask(clocks: Any, approver: Any) -> None:
    """Have one person be asked about these requests and no other."""
    cr = clocks.env.cr
    for table, column in (
        ("approval_levels", "approver_id"),
        ("kpi_approval_step", "user_id"),
    ):
        cr.execute(
            f"UPDATE {table} SET {column} = 1 WHERE {column} = %s", [approver.id]
        )
    cr.execute(
        """
        UPDATE approval_levels SET approver_id = %(person)s WHERE id = ANY(%(clocks)s);
        UPDATE kpi_approval_step SET user_id = %(person)s
         WHERE id IN (SELECT step_id FROM approval_levels WHERE id = ANY(%(clocks)s))
        """,
        {"person": approver.id, "clocks": clocks.ids},
    )
    clocks.env.invalidate_all(flush=False)


def _count_queue(env: Any, approver: Any, count: int) -> int:
    """Statements of a person's queue with so many rows."""
    levels = env(user=approver.id)[QUEUE]
    fields = _read_arch(levels, levels.get_view(view_type="list")["arch"])
    domain = [("approver_id", "=", approver.id), ("clock", "in", ("running", "held"))]

    def read() -> None:
        page = levels.web_search_read(domain, fields, limit=PAGE, order="due_at, id")
        if len(page["records"]) != count:
            raise DifferentResults(f"{len(page['records'])} rows, not {count}")

    return count_statements(env, read)


def _count_form(env: Any, clock: Any, count: int) -> int:
    """Statements of the form of a request with so many clocks more."""
    env.cr.execute(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
        " WHERE attrelid = 'approval_levels'::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = ''"
        " AND attname NOT IN ('id', 'attempt')"
    )
    (columns,) = env.cr.fetchone()
    env.cr.execute(
        f"INSERT INTO approval_levels (attempt, {columns}) SELECT number, {columns}"
        " FROM approval_levels, generate_series(%s, %s) AS number WHERE id = %s",
        [100 * count, 101 * count - 1, clock.id],
    )
    env.invalidate_all(flush=False)
    request = clock.request_id.with_user(clock.approver_id)
    fields = _read_arch(request, request.get_view(view_type="form")["arch"])
    return count_statements(env, lambda: request.web_read(fields))


def _read_arch(model: Any, arch: str) -> dict[str, Any]:
    """What the web client asks of the fields of a view."""
    return _read_node(model, etree.fromstring(arch))


def _read_node(model: Any, node: Any) -> dict[str, Any]:
    fields = {}
    for one in node.iterfind(".//field"):
        parent = next((each for each in one.iterancestors("field")), None)
        if parent is not None and parent is not node:
            continue
        field = model._fields[one.get("name")]
        asked = {}
        if field.type in ("one2many", "many2many"):
            asked = {"fields": _read_node(model.env[field.comodel_name], one)}
        elif field.type == "many2one":
            asked = {"fields": {"display_name": {}}}
        fields[field.name] = asked
    return fields
