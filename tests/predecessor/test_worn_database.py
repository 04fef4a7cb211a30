"""Odd rows and what people made by hand do not stop the upgrade, nor what comes after.

Expected rows are those of ``worn_database.py``.
"""

import pytest
from worn_database import ADMIN, ANN, BO


def reports(env, name):
    every = env["kpi.report"].with_context(active_test=False)
    return every.search([("definition_id.name", "=", name)])


def test_a_blank_name_becomes_a_name(upgraded):
    assert reports(upgraded, "KPI 20")
    assert reports(upgraded, "Two lines")


def test_an_assigned_user_who_was_archived_keeps_values_only(upgraded):
    people = {kpi.user_id.name: kpi.active for kpi in reports(upgraded, "Two lines")}
    assert people == {"Ann": True, "Cy": False}


def test_what_was_achieved_is_yes_or_no(upgraded):
    values = upgraded["kpi.submission"].search(
        [("report_id", "in", reports(upgraded, "Certified").ids)]
    )
    assert values.mapped("value") == [1, 1]


def test_a_formula_deeper_than_python_reads_is_left_to_a_person(upgraded):
    definition = reports(upgraded, "Too Deep").definition_id
    assert definition.computation == "external"
    assert "Check after the upgrade" in definition.tag_ids.mapped("name")


def test_users_of_each_company_see_what_they_share(upgraded):
    found = reports(upgraded, "Everywhere")
    shared = {kpi.company_id.name: kpi.shared_user_ids.mapped("login") for kpi in found}
    assert shared == {upgraded.company.name: ["ann"], "Second": ["dora"]}
    assert len(found.target_ids) == 2
    lines = upgraded["kpi.report.group.line"].search([("report_id", "in", found.ids)])
    assert sum(lines.mapped("weight")) == pytest.approx(1)


def test_followers_who_have_a_to_do_follow_once(upgraded):
    definition = reports(upgraded, "Unreadable").definition_id
    followers = definition.message_partner_ids.user_ids.ids
    assert {ADMIN, ANN} <= set(followers)
    assert BO not in followers


@pytest.mark.parametrize(
    "name, heir",
    [
        ("__import__.complaints", "Complaints – Ann"),
        ("kpi_tracking.demo_visits", "Visits"),
        ("__export__.sales", "Sales Performance"),
    ],
)
def test_external_ids_name_what_became_of_the_record(upgraded, name, heir):
    assert upgraded.ref(name).name == heir


def test_what_was_made_by_hand_is_archived(upgraded):
    for model in ("ir.ui.view", "ir.rule", "ir.model.access", "ir.cron", "ir.ui.menu"):
        every = upgraded[model].with_context(
            active_test=False, **{"ir.ui.menu.full_list": True}
        )
        (record,) = every.search([("name", "=", "made by hand")])
        assert not record.active, model
    every = upgraded["ir.ui.view"].with_context(active_test=False)
    (view,) = every.search([("name", "=", "extended by hand")])
    assert not view.active
    assert not view.inherit_id


def test_nobody_starts_on_a_screen_that_is_gone(upgraded):
    assert not upgraded["res.users"].browse(ADMIN).action_id


def test_kpis_can_be_read_and_listed(upgraded):
    kpis = upgraded["kpi.report"].with_user(ANN).search([])
    kpis.read(["name", "achievement"])
    upgraded["kpi.report"].with_user(ADMIN).get_views(
        [(False, "list"), (False, "form")]
    )
