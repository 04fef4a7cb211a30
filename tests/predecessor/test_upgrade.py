"""A database of kpi_tracking 18.1 after ``-u kpi_tracking``: nothing is lost.

Expected rows are those of ``old_tables.sql`` and ``worn_database.py``, counted and
calculated by hand.
"""

import os
from datetime import date
from pathlib import Path

import pytest
from old_database import DOCUMENTS

ANN, BO, CY, ADMIN = 901, 902, 903, 2
WORN = {"KPI 20", "Two lines", "Unreadable", "Too Deep", "Everywhere"}


def definition(env, name):
    (found,) = env["kpi.definition"].search([("name", "=", name)])
    return found


def reports(env, name):
    every = env["kpi.report"].with_context(active_test=False)
    return every.search([("definition_id", "=", definition(env, name).id)])


def report(env, name, user_id=None):
    (found,) = reports(env, name).filtered(
        lambda kpi: kpi.user_id.id == (user_id or False)
    )
    return found


def facts(env, kpi):
    rows = env["kpi.measurement"].search([("report_id", "=", kpi.id)])
    return {row.period_start: row.value for row in rows}


def test_the_parts_above_come_along(upgraded):
    """Odoo installs by itself what an app brings along; an update alone does not."""
    parts = upgraded["ir.module.module"].search(
        [("auto_install", "=", True), ("dependencies_id.name", "=", "kpi_tracking")]
    )
    states = {each.name: each.state for each in parts}
    assert states["kpi_tracking_dashboard"] == "installed"
    assert upgraded["kpi.home"]._get_panels() == {}
    assert upgraded["kpi.dashboard"].search_count([]) == 0


def test_every_row_became_something(upgraded):
    count = upgraded["kpi.submission"].search_count
    assert count([]) == 14 + 2 + 1  # all but the one that is not a number
    log = Path(os.environ["KPI_STATE"], "logs", f"{upgraded.cr.dbname}.log").read_text()
    assert "as their values are no numbers: 1 submissions (15)" in log
    assert "no numbers: 1 group" not in log
    names = {d.name for d in upgraded["kpi.definition"].search([])}
    parts = {"Gap: count of all", "Gap: count"}
    recorded = {"Sales Performance: achievement as recorded until the upgrade"}
    assert {
        "Visits",
        "Complaints",
        "Certified",
        "New Partners",
        "Own Leads",
        "Company Share",
        "Gap",
        "Dangerous",
        "App Gone",
        "All of Them",
    } == names - parts - recorded - WORN


@pytest.mark.parametrize(
    "name, unit, direction, frequency, computation, weight",
    [
        ("Visits", "number", "higher", "week", "manual", 4),
        ("Complaints", "number", "lower", "month", "manual", 2),
        ("Certified", "boolean", "higher", "month", "manual", 1),
        ("New Partners", "number", "higher", "month", "records", 3),
        ("Own Leads", "number", "higher", "month", "records", 3),
        ("Company Share", "percent", "higher", "month", "records", 1),
        ("Gap", "number", "lower", "day", "formula", 3),
        ("Dangerous", "number", "higher", "month", "external", 3),
        ("App Gone", "currency", "higher", "month", "external", 5),
        ("All of Them", "number", "higher", "day", "external", 3),
    ],
)
def test_definitions(upgraded, name, unit, direction, frequency, computation, weight):
    kpi = definition(upgraded, name)
    assert (kpi.unit, kpi.direction, kpi.frequency, kpi.computation, kpi.weight) == (
        unit,
        direction,
        frequency,
        computation,
        weight,
    )


def test_the_five_bands_are_kept(upgraded):
    kpi = definition(upgraded, "Visits")
    assert kpi.zones == "five"
    thresholds = [kpi[f"threshold_{n}"] for n in (1, 2, 3, 4)]
    assert thresholds == [95, 80, 70, 50]


def test_notes_and_departments_are_kept(upgraded):
    visits = definition(upgraded, "Visits")
    assert visits.description == "<p>Customers seen.<br>No calls. &lt;b&gt;</p>"
    assert visits.category_id.name == "Sales"
    assert definition(upgraded, "Company Share").category_id.name == "R&D"


def test_a_kpi_is_tracked_for_each_assigned_user(upgraded):
    found = reports(upgraded, "Visits")
    people = {kpi.user_id.id: kpi.active for kpi in found}
    # Cy was not assigned any more; one row was nobody's.
    assert people == {ANN: True, BO: True, CY: False, False: True}


def test_the_last_submission_of_a_period_is_its_value(upgraded):
    assert facts(upgraded, report(upgraded, "Visits", ANN)) == {
        date(2025, 6, 2): 38,
        date(2025, 6, 9): 20,
    }
    assert facts(upgraded, report(upgraded, "Visits", CY)) == {date(2025, 6, 2): 11}
    assert facts(upgraded, report(upgraded, "Visits")) == {date(2025, 6, 2): 7}


def test_earlier_submissions_are_earlier_versions(upgraded):
    ann = report(upgraded, "Visits", ANN)
    week = upgraded["kpi.submission"].search(
        [("report_id", "=", ann.id), ("period_start", "=", "2025-06-02")],
        order="version",
    )
    assert week.mapped("version") == [1, 2]
    assert week.mapped("value") == [30, 38]
    assert week.mapped("is_current") == [False, True]
    assert week.mapped("note") == ["Monday", "Friday"]
    assert week[1].corrects_id == week[0]
    assert set(week.mapped("state")) == {"approved"}
    assert set(week.entered_by_id.ids) == {ANN}


def test_an_empty_value_was_shown_as_zero(upgraded):
    assert facts(upgraded, report(upgraded, "Complaints", ANN)) == {
        date(2025, 5, 1): 4,  # 23:30 UTC on 31 May, in the company's zone
        date(2025, 6, 1): 0,
    }


def test_targets_hold_from_the_first_value_on(upgraded):
    ann = report(upgraded, "Visits", ANN)
    assert [(t.date_from, t.value) for t in ann.target_ids] == [(date(2025, 6, 2), 40)]
    assert ann.current_value == 20
    assert ann.achievement == 50
    assert not reports(upgraded, "All of Them").target_ids  # 0, higher is better


def test_a_filter_for_the_assigned_user_counts_for_each(upgraded):
    kpi = definition(upgraded, "Own Leads")
    assert (kpi.user_field, kpi.domain, kpi.measure) == ("user_id", "[]", "count")
    assert {r.user_id.id for r in reports(upgraded, "Own Leads")} == {ANN, BO}


def test_the_same_number_for_all_is_tracked_once_and_shared(upgraded):
    (kpi,) = reports(upgraded, "New Partners")
    assert kpi.scope_type == "company"
    assert set(kpi.shared_user_ids.ids) == {ANN, BO}
    assert facts(upgraded, kpi) == {date(2025, 6, 1): 12}
    assert kpi.definition_id.domain == "[('is_company', '=', True)]"


def test_a_ratio_becomes_a_share(upgraded):
    kpi = definition(upgraded, "Company Share")
    assert (kpi.measure, kpi.domain) == ("share", "[]")
    assert kpi.numerator_domain == "[('is_company', '=', True)]"


def test_arithmetic_becomes_a_formula(upgraded):
    kpi = definition(upgraded, "Gap")
    parts = upgraded["kpi.definition"].search([("name", "like", "Gap: ")], order="id")
    assert kpi.formula == f"({parts[0].code} - {parts[1].code})"
    assert parts.mapped("domain") == ["[]", "[('is_company', '=', True)]"]


def test_what_cannot_be_computed_is_listed_for_a_person(upgraded):
    tag = upgraded["kpi.tag"].search([("name", "=", "Check after the upgrade")])
    listed = upgraded["kpi.definition"].search([("tag_ids", "in", tag.ids)])
    left = {"Dangerous", "App Gone", "All of Them", "Unreadable", "Too Deep"}
    assert set(listed.mapped("name")) == left
    for kpi in listed:
        todo = kpi.activity_ids.filtered(
            lambda each: "computed" in (each.summary or "")
        )
        assert len(todo) == 1
    note = definition(upgraded, "Dangerous").message_ids[0].body
    assert "records.filtered(lambda r: r.credit &gt; 0)" in note
    assert "has no counterpart here" in note


def test_its_values_are_kept_all_the_same(upgraded):
    (kpi,) = reports(upgraded, "App Gone")
    assert facts(upgraded, kpi) == {date(2025, 6, 1): 250000.5}
    assert kpi.currency_id.name == "INR"


def test_groups_become_scorecards(upgraded):
    scorecards = upgraded["kpi.report.group"].search([], order="id")
    name = "Sales Performance"
    assert scorecards.mapped("name") == [name, name, "Empty"]
    scorecard, of_second, _empty = scorecards
    assert of_second.company_id.name == "Second"
    assert of_second.line_ids.mapped("weight") == [0.5]
    assert set(scorecard.member_ids.ids) == {ANN, BO}
    weights = {}
    for line in scorecard.line_ids:
        name = line.report_id.definition_id.name
        weights[name] = weights.get(name, 0) + line.weight
    recorded = "Sales Performance: achievement as recorded until the upgrade"
    # Each KPI weighs as much as before, however many people it is tracked for.
    assert weights == pytest.approx(
        {
            "Visits": 4,
            "Complaints": 2,
            "New Partners": 3,
            "Two lines": 1,
            "Everywhere": 0.5,
            recorded: 0,
        }
    )


def test_recorded_achievements_of_a_group_are_kept(upgraded):
    name = "Sales Performance: achievement as recorded until the upgrade"
    (kpi,) = reports(upgraded, name)
    assert facts(upgraded, kpi) == {date(2025, 6, 30): 82.5, date(2025, 7, 1): 91}


def test_members_of_groups_keep_their_rights(upgraded):
    for user_id, name in ((ANN, "user"), (BO, "manager"), (ADMIN, "admin")):
        user = upgraded["res.users"].browse(user_id)
        assert user.has_group(f"kpi_base.kpi_base_group_{name}")
    assert not upgraded.ref("kpi_tracking.group_kpi_user", raise_if_not_found=False)


HEIRS = {
    "Discussed for two": ("kpi.definition", "Visits"),
    "Discussed for one": ("kpi.report", "Complaints – Ann"),
    "Discussed, not computed": ("kpi.report", "Dangerous – Ann"),
    "Discussed for the team": ("kpi.report.group", "Sales Performance"),
}


@pytest.mark.parametrize("text, heir", HEIRS.items())
def test_messages_followers_activities_and_files_move(upgraded, text, heir):
    model, name = heir
    # of a group with KPIs of two companies, the scorecard of the first keeps all
    record = upgraded[model].search([("name", "=", name)], order="id", limit=1)
    assert text in record.message_ids.mapped("body")[-1]
    assert 3 in record.message_partner_ids.ids
    assert text in record.activity_ids.mapped("summary")
    assert record.activity_ids.mapped("res_model_id").mapped("model") == [model]
    assert attachments(upgraded, record) == [text]


@pytest.mark.parametrize("text, value", [("Asked back", 38), ("Remarked", 82.5)])
def test_what_hung_on_submissions_moves_too(upgraded, text, value):
    (message,) = upgraded["mail.message"].search([("body", "like", text)])
    assert message.model == "kpi.submission"
    entry = upgraded["kpi.submission"].browse(message.res_id)
    assert entry.value == value
    assert attachments(upgraded, entry) == [text]


def attachments(env, record):
    domain = [("res_model", "=", record._name), ("res_id", "=", record.id)]
    return env["ir.attachment"].search(domain).mapped("name")


def test_no_document_was_deleted(upgraded):
    texts = [text for _model, _id, text in DOCUMENTS]
    for text in texts:
        assert upgraded["mail.message"].search_count([("body", "like", text)]) == 1
    upgraded.cr.execute(
        "SELECT count(*) FROM ir_attachment WHERE name = ANY(%s)", (texts,)
    )
    assert upgraded.cr.fetchone() == (len(texts),)


def test_nothing_names_models_that_are_no_more(upgraded):
    for table, column in (
        ("mail_message", "model"),
        ("mail_followers", "res_model"),
        ("mail_activity", "res_model"),
        ("ir_attachment", "res_model"),
        ("ir_model_data", "model"),
    ):
        query = f"SELECT {column} FROM {table} WHERE {column} LIKE 'kpi_tracking_18%'"
        upgraded.cr.execute(query)
        assert not upgraded.cr.fetchall(), table
    # what the clock in the menu bar asks for on every screen
    assert upgraded["res.users"].with_user(ADMIN)._get_activity_groups()


def test_screens_of_the_predecessor_are_gone(upgraded):
    for name in ("view_kpi_list", "rule_kpi_user_own_kpis"):
        assert not upgraded.ref(f"kpi_tracking.{name}", raise_if_not_found=False)
    assert not upgraded["ir.filters"].search([("model_id", "=", "kpi.report")])
    upgraded["kpi.report"].with_user(ANN).search([]).read(["name", "achievement"])


def test_the_engine_computes_on(upgraded):
    upgraded["kpi.source"]._recompute_all()
    kpi = report(upgraded, "New Partners")
    today = date.today().replace(day=1)
    partners = upgraded["res.partner"].with_context(active_test=False)
    created = partners.search_count(
        [("is_company", "=", True), ("active", "=", True), ("create_date", ">=", today)]
    )
    found = facts(upgraded, kpi)
    assert found[date(2025, 6, 1)] == 12  # recorded then, not computed anew
    assert found.get(today, 0) == created
