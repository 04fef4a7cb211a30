"""What the head of sales and his people write to each other, unseen by others."""

from datetime import timedelta

from odoo import Command

from .kpi_alerts import find_reports
from .kpi_collaboration import as_person


def coach_people(story):
    """One coaching that waits for an answer, one that both signed, and a draft."""
    head = story["user_jonas_keller"]
    share_session(story, head, story["user_anna_berg"])
    sign_plan(story, head, story["user_lukas_hoffmann"])
    draft_praise(story, head, story["user_nina_brandt"])
    # Nobody gets mail of it.
    notices = [("key", "=like", "kpi.home/notice/%")]
    story.env["kpi.delivery"].search(notices).unlink()


def start_coaching(story, coach, employee, **values):
    """A draft of the coach, with what the employee has sold."""
    orders = find_reports(story, "order_value", ("user",)).filtered(
        lambda report: report.user_id == employee
    )
    return as_person(story, coach, "kpi.performance.coaching").create(
        {
            "employee_id": employee.id,
            "line_ids": [Command.create({"report_id": kpi.id}) for kpi in orders],
            **values,
        }
    )


def share_session(story, head, employee):
    today = story.timeline.today
    coaching = start_coaching(
        story,
        head,
        employee,
        coaching_type="mentoring_session",
        manager_feedback="Your visits are well prepared, and customers ask for you."
        " Offers above 50,000 € still leave late: start them before the visit.",
        development_goals="Leads the framework talks with two large customers alone.",
        next_review_date=today + timedelta(days=30),
        action_ids=[
            Command.create(
                {
                    "description": "Draft the offers before the next three visits",
                    "due_date": today + timedelta(days=14),
                }
            ),
            Command.create(
                {
                    "description": "Join the first framework talk and listen",
                    "assigned_to": head.id,
                    "due_date": today + timedelta(days=21),
                }
            ),
        ],
    )
    coaching.action_share()


def sign_plan(story, head, employee):
    today = story.timeline.today
    coaching = start_coaching(
        story,
        head,
        employee,
        coaching_type="improvement_plan",
        manager_feedback="Orders fell behind in the last quarter, as few first calls"
        " became visits. I take over two small accounts, so that you have time.",
        development_goals="Four visits a week; a win rate like the team's by spring.",
        next_review_date=today + timedelta(days=5),
        action_ids=[
            Command.create(
                {
                    "description": "Plan the visits of a week each Friday",
                    "due_date": today + timedelta(days=4),
                    "status": "in_progress",
                }
            )
        ],
    )
    coaching.action_share()
    own = coaching.with_user(employee)
    own.employee_response = "Agreed. Without the two small accounts it can work."
    own.action_sign()
    coaching.action_sign()


def draft_praise(story, head, employee):
    start_coaching(
        story,
        head,
        employee,
        coaching_type="best_practice_sharing",
        manager_feedback="Your notes after calls are the best of the team.",
    )
