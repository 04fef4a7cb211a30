"""Two people at the same moment: on connections of their own, as two requests."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

SHARES_DATABASE = True
MONTH = date(2026, 1, 1)
OFFICER = "kpi_base.kpi_base_group_officer"


@pytest.fixture(scope="module")
def people(registry):
    """Ids of three KPI officers."""
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        users = env["res.users"].create(
            [
                {
                    "name": name,
                    "login": f"together_{name}",
                    "group_ids": [(6, 0, env.ref(OFFICER).ids)],
                }
                for name in ("Ada", "Ben", "Cas")
            ]
        )
        return users.ids


def make_report(registry, name, **values):
    """Id of a KPI for the company whose values people enter."""
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        definition = env["kpi.definition"].create({"name": name, **values})
        return definition._track_for("company", env.company).id


def enter(registry, user_id, report_id, value, reason=""):
    """Id of an entry that was committed."""
    from odoo import api

    with registry.cursor() as cr:
        report = api.Environment(cr, user_id, {})["kpi.report"].browse(report_id)
        return report._enter_value(MONTH, value, reason=reason).id


def at_once(registry, *actions):
    """Run actions, (user id, function of an environment), as simultaneous requests.

    :return: the texts of their errors, empty where there was none, in order
    """
    from odoo import api
    from odoo.exceptions import UserError
    from odoo.service.model import retrying
    from odoo.tools import mute_logger

    barrier = Barrier(len(actions))

    def request(user_id, action):
        started = []

        def attempt():
            env.cr.execute("SELECT 1")  # the snapshot is from before the other one
            if not started:
                started.append(barrier.wait(60))
            action(env)

        with registry.cursor() as cr, mute_logger("odoo.sql_db", "odoo.service.model"):
            env = api.Environment(cr, user_id, {})
            try:
                retrying(attempt, env)
            except UserError as error:
                return str(error)
            return ""

    with ThreadPoolExecutor(len(actions)) as pool:
        waiting = [pool.submit(request, *action) for action in actions]
        return [future.result(120) for future in waiting]


def read(registry, report_id):
    """(values of the facts, number of earlier values, states of current entries)."""
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        report = env["kpi.report"].browse(report_id)
        revisions = env["kpi.measurement.revision"].search_count(
            [("report_id", "=", report_id)]
        )
        current = report.submission_ids.filtered("is_current")
        facts = report.measurement_ids.mapped("value")
        return facts, revisions, current.mapped("state")


def test_one_of_two_who_approve_at_once_wins(registry, people):
    ada, ben, cas = people
    report_id = make_report(registry, "Approved twice", has_entry_approval=True)
    first = enter(registry, ada, report_id, 4)
    at_once(registry, (ben, lambda env: decide(env, first)))
    correction = enter(registry, ada, report_id, 6, reason="Counted again")
    errors = at_once(
        registry,
        (ben, lambda env: decide(env, correction)),
        (cas, lambda env: decide(env, correction)),
    )
    (refusal,) = filter(None, errors)
    assert "was approved by" in refusal or "right now" in refusal
    assert read(registry, report_id) == ([6.0], 1, ["approved"])


def decide(env, entry_id):
    env["kpi.submission"].browse(entry_id).action_approve()


def test_one_of_two_who_enter_at_once_wins(registry, people):
    ada, ben, _cas = people
    report_id = make_report(registry, "Entered twice")

    def entering(value):
        return lambda env: (
            env["kpi.report"].browse(report_id)._enter_value(MONTH, value)
        )

    errors = at_once(registry, (ada, entering(4)), (ben, entering(6)))
    (refusal,) = filter(None, errors)
    assert "already has a value" in refusal
    facts, revisions, states = read(registry, report_id)
    assert facts == [4.0 if not errors[0] else 6.0]
    assert (revisions, states) == (0, ["approved"])


def test_parts_entered_at_once_are_all_in_the_value(registry, people):
    from odoo import SUPERUSER_ID, api

    report_id = make_report(
        registry, "Parts together", entry_mode="parts", aggregation_scope="sum"
    )
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["kpi.report"].browse(report_id).submitter_ids = people
    errors = at_once(
        registry,
        *(
            (
                user_id,
                lambda env, value=value: (
                    env["kpi.report"].browse(report_id)._enter_value(MONTH, value)
                ),
            )
            for user_id, value in zip(people, (1, 10, 100), strict=True)
        ),
    )
    assert errors == ["", "", ""]
    facts, _revisions, states = read(registry, report_id)
    assert (facts, states) == ([111.0], ["approved"] * 3)


def test_a_cell_that_was_taken_meanwhile_does_not_stop_the_grid(registry, people):
    taken, free = (make_report(registry, f"Grid {name}") for name in ("taken", "free"))
    cells = [
        {"report_id": report_id, "start": "2026-01-01", "text": "2"}
        for report_id in (taken, free)
    ]
    ada, ben, _cas = people
    results = []

    def save(env):
        if not results:  # this request's snapshot is from before
            results.append(enter(registry, ben, taken, 1))
        results.append(env["kpi.report"].save_entries(cells))

    assert at_once(registry, (ada, save)) == [""]
    first, second = results[-1]
    assert "already has a value" in first["error"]
    assert "cell" in second
    with registry.cursor() as cr:
        cr.execute(
            "SELECT report_id, value FROM kpi_submission WHERE report_id IN (%s, %s)",
            (taken, free),
        )
        assert dict(cr.fetchall()) == {taken: 1, free: 2}
