"""Scorecards and a saved report: how the company looks at its KPIs."""

from odoo import Command

from .cast import DEPARTMENTS
from .companies import COMPANIES
from .people import members

FEWEST = 3  # KPIs that make a scorecard
HEAVY = {"order_value", "customer_satisfaction", "win_rate"}


def create_scorecards(story):
    """One per department with KPIs of its own, and one for each board."""
    for key, name, _parent in DEPARTMENTS:
        department = story[f"department_{key}"]
        reports = _reports(story, "department_id", department)
        if len(reports) >= FEWEST:
            people = [person.user.id for person in members(story, key, _today(story))]
            # Whoever is measured together sees what the figure is made of.
            reports.shared_user_ids = [Command.link(user_id) for user_id in people]
            values = {
                "name": name,
                "department_id": department.id,
                "owner_id": department.manager_id.user_id.id,
                "member_ids": [Command.set(people)],
            }
            _create(story, f"scorecard_{key}", reports, values)
    for key in COMPANIES:
        _create_board(story, key)
    report = story.env["kpi.period.report"].create(
        {
            "name": "Board: the last six months",
            "owner_id": story["user_clara_vogt"].id,
            "is_shared": True,
            "company_id": story["company_de"].id,
            "scope_type": "company",
            "tag_ids": [Command.link(story["kpi_tags"]["Board"].id)],
            "show_achievement": True,
            "show_previous_percent": True,
            "show_ytd": True,
        }
    )
    story.keep("kpi_period_report_board", report)


def _today(story):
    return story.timeline.today


def _reports(story, field, record):
    scope_type = field.removesuffix("_id")
    return story.env["kpi.report"].search(
        [(field, "=", record.id), ("scope_type", "=", scope_type)], order="id"
    )


def _create_board(story, key):
    """The KPIs of the entire company that the board looks at."""
    company = story[f"company_{key}"]
    board = story["kpi_tags"]["Board"]
    all_reports = _reports(story, "company_id", company)
    reports = all_reports.filtered(lambda report: board in report.tag_ids)
    head = story[f"department_{key}_services"].manager_id.user_id
    # Whoever leads the company sees the results of all of it.
    all_reports.shared_user_ids = [Command.link(head.id)]
    values = {
        "name": f"Board of {company.name}",
        "code": f"board_{key}",
        "owner_id": head.id,
        "description": (
            "<p>Opens each board meeting: the most important KPIs in five minutes.</p>"
        ),
        "achievement_cap": 110.0,
        "member_ids": [Command.link(story["user_clara_vogt"].id)],
    }
    _create(story, f"scorecard_board_{key}", reports, values)


def _create(story, name, reports, values):
    lines = [
        Command.create(
            {
                "report_id": report.id,
                "sequence": place,
                "weight": 2.0 if report.code in HEAVY else 1.0,
            }
        )
        for place, report in enumerate(reports)
    ]
    company = reports.company_id
    scorecard = story.env["kpi.report.group"].create(
        {**values, "company_id": company.id, "line_ids": lines}
    )
    story.keep(name, scorecard)
