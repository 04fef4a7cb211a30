"""What people made of the shortage: what they said, did, and what has changed since."""

from datetime import datetime, time, timedelta

from odoo import Command

from .kpi_alerts import find_reports

AFTERNOON = time(13, 0)
ANSWER = "Half of the value was signed in the last week: the offers went out late."


def talk_about_kpis(story):
    """A discussion of orders, actions of which one is in effect, and a review."""
    head, controller = story["user_jonas_keller"], story["user_clara_vogt"]
    sales = story["department_de_sales"]
    orders = find_reports(story, "order_value", ("department",)).filtered(
        lambda report: report.department_id == sales
    )
    discussion = discuss(story, head, controller, orders)
    plan_actions(story, head, discussion)
    complete_action(story, controller)
    hold_review(story, head, controller, orders)


def as_person(story, user, model):
    """The model as somebody in their companies."""
    records = story.env[model].with_user(user)
    return records.with_context(allowed_company_ids=user.company_ids.ids)


def discuss(story, head, controller, orders):
    """The head of sales asks, the controller answers."""
    discussion = as_person(story, head, "kpi.discussion").create(
        {
            "name": "Why do large orders come so late?",
            "kpi_id": orders.id,
            "grain": "month",
            "period_start": story.timeline.month_start(-1),
        }
    )
    discussion.with_user(controller).message_post(
        body=ANSWER, subtype_xmlid="mail.mt_note"
    )
    discussion.decision = "Offers above 50,000 € leave within five working days."
    return discussion


def plan_actions(story, head, discussion):
    """One that is late, and one that is still to come."""
    today = story.timeline.today
    actions = as_person(story, head, "kpi.action.item")
    actions.create(
        [
            {
                "description": "List the offers that wait for a price",
                "discussion_id": discussion.id,
                "due_date": today - timedelta(days=4),
                "status": "in_progress",
            },
            {
                "description": "Agree on who may sign discounts",
                "discussion_id": discussion.id,
                "due_date": today + timedelta(days=12),
                "expected_effect": 60_000.0,
                "expected_by": today + timedelta(days=120),
            },
        ]
    )


def complete_action(story, controller):
    """What ended the shortage was done long enough ago to see what has changed."""
    lost = find_reports(story, "lost_to_shortage", ("company",))
    since = story.timeline.month_start(-5)
    as_person(story, controller, "kpi.action.item").create(
        {
            "description": "Sign a second supplier for castings",
            "report_id": lost.id,
            "due_date": since,
            "expected_effect": -15.0,
            "expected_by": story.timeline.month_start(-1),
            "status": "completed",
            "effective_date": since,
        }
    )


def hold_review(story, head, controller, orders):
    """The monthly review of sales, with its minutes."""
    day = story.timeline.today - timedelta(days=6)
    scorecard = story["scorecard_de_sales"]
    meeting = as_person(story, head, "kpi.review.meeting").create(
        {
            "name": "Monthly review",
            "group_id": scorecard.id,
            "starts_at": datetime.combine(day, AFTERNOON),
        }
    )
    meeting.action_fill_agenda()
    meeting.line_ids[:1].note = "Two framework contracts are signed next month."
    meeting.minutes = "Offers first, then visits. Next review in four weeks."
    as_person(story, head, "kpi.action.item").create(
        {
            "description": "Bring the list of open framework contracts",
            "report_id": orders.id,
            "meeting_id": meeting.id,
            "due_date": day + timedelta(days=28),
        }
    )
    # Those who were there are added afterwards: nobody gets mail of it.
    meeting.action_hold()
    meeting.participant_ids = [Command.link(controller.id)]
