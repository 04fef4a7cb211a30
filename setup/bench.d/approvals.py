"""Approvals: the list of what waits, and asking and approving many at once.

The documents are entries of people.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from _harness import Bench, DifferentResults, Figure, case, count_statements

FEW, MANY = 100, 10_000
AT_ONCE = 100
FIRST_MONTH = date(2010, 1, 1)
MONTHS = 100  # of one KPI
ROWS = 80  # of the first page
USER, OFFICER = "kpi_base.kpi_base_group_user", "kpi_base.kpi_base_group_officer"
MOST_ASKING, MOST_APPROVING = 150, 100
MOST_GROWTH = 1.5
MOST_COUNTED = 1000  # by the list
PAGE = {
    name: {}
    for name in ("document_name", "kind", "asked_at", "due_at", "level", "company_id")
} | {"submitter_id": {"fields": {"display_name": {}}}}


@case("engine")
def approval_queue(bench: Bench) -> Iterator[Figure]:
    """The first page of “My approvals” while few and while many documents wait."""
    env = bench.env
    approver = _make_person(env, "approver", OFFICER)
    enterer = _make_person(env, "enterer", USER)
    counts, seconds = {}, {}
    for waiting in (FEW, MANY):
        _ask_about(env, enterer, waiting)
        own = env(user=approver.id)["kpi.approval.step"]
        if own.search_count(_get_domain(own)) != waiting:
            raise DifferentResults(f"not {waiting} documents wait")
        env.cr.execute("ANALYZE")
        env.cr.commit()
        counts[waiting] = count_statements(env, lambda own=own: _read_page(own))
        (seconds[waiting],) = bench.measure(
            lambda own=own: _read_page(own), before=env.invalidate_all
        )
    yield Figure("approval_queue_statements", counts[MANY], "", counts[FEW], "<= 1")
    yield Figure(
        "approval_queue_growth", seconds[MANY], "s", seconds[FEW], f"<= {MOST_GROWTH}"
    )


@case("engine")
def approvals_at_once(bench: Bench) -> Iterator[Figure]:
    """Statements to ask about 100 entries, and to approve them."""
    env = bench.env
    approver = _make_person(env, "approver", OFFICER)
    enterer = _make_person(env, "enterer", USER)
    counts = {}
    for turn in ("first", "again"):  # what is looked up once a process is known then
        entries = _enter(env, enterer, AT_ONCE, turn)
        env.cr.commit()
        asked = count_statements(env, entries.action_submit, once=True)
        env.cr.commit()
        approve = entries.with_user(approver).action_approve
        approved = count_statements(env, approve, once=True)
        env.cr.commit()
        if set(entries.mapped("state")) != {"approved"}:
            raise DifferentResults("not all entries are approved")
        counts = {"ask": asked, "approve": approved}
    yield Figure("ask_statements", counts["ask"], "", MOST_ASKING, "<= 1")
    yield Figure("approve_statements", counts["approve"], "", MOST_APPROVING, "<= 1")


def _make_person(env: Any, login: str, group: str) -> Any:
    users = env["res.users"].with_context(no_reset_password=True)
    return users.create(
        {"name": login, "login": login, "group_ids": [(6, 0, env.ref(group).ids)]}
    )


def _ask_about(env: Any, person: Any, waiting: int) -> None:
    """Let as many entries wait as asked for, those of before among them."""
    here = env["kpi.submission"].search_count([("approval_state", "=", "pending")])
    while here < waiting:
        step = min(1000, waiting - here)
        _enter(env, person, step, f"Queue {here}").action_submit()
        env.cr.commit()
        env.invalidate_all()
        here += step


def _enter(env: Any, person: Any, count: int, name: str) -> Any:
    """Drafts of one person: 100 months of each of as many KPIs as it takes."""
    definition = env["kpi.definition"].create(
        {"name": name, "has_entry_approval": True, "owner_id": person.id}
    )
    departments = env["hr.department"].create(
        [{"name": f"{name} {number}"} for number in range(-(-count // MONTHS))]
    )
    reports = definition._track_for(
        "department", departments, company_id=env.company.id
    )
    reports.write({"owner_id": person.id, "entry_date_from": FIRST_MONTH})
    calendar = definition.calendar_id
    entries = [
        report._entry(
            calendar._period("month", FIRST_MONTH + relativedelta(months=month)), 1.0
        )
        for report in reports.with_user(person)
        for month in range(MONTHS)
    ]
    submissions = env["kpi.submission"].with_user(person)
    return submissions._enter(entries[:count], submit=False)


def _get_domain(steps: Any) -> list:
    return [("user_id", "=", steps.env.uid), ("state", "=", "asked")]


def _read_page(steps: Any) -> None:
    """What the list asks the server for."""
    page = steps.web_search_read(
        _get_domain(steps),
        PAGE,
        limit=ROWS,
        order="asked_at, id",
        count_limit=MOST_COUNTED + 1,
    )
    if not all(row["document_name"] for row in page["records"]):
        raise DifferentResults("a document has no name")
