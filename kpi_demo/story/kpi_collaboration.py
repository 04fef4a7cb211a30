"""What people made of the shortage: what they said, did, and what has changed since."""

from datetime import datetime, time, timedelta

from odoo import Command

AFTERNOON = time(13, 0)
ANSWER = "Half of the value was signed in the last week: the offers went out late."
INBOX = "inbox"  # nobody gets mail
EARLY = time(6, 0)
SINCE = timedelta(days=120)  # the rules have been on
TOLD = timedelta(minutes=1)
# how long after an alert has fired
DELAYS = {
    "fired": timedelta(0),
    "acknowledged": timedelta(hours=2, minutes=40),
    "resolved": timedelta(hours=27, minutes=15),
}
BELOW = {"compared": "target", "condition": "below", "threshold": 0.9}
ABOVE = {"compared": "target", "condition": "above", "threshold": 1.3}


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


def raise_alerts(story):
    """The controller's rules, one of an account manager's own, and who has what."""
    controller, employee = story["user_clara_vogt"], story["user_anna_berg"]
    create_rule(
        story,
        controller,
        find_reports(story, "order_value", ("company", "department")),
        {**BELOW, "name": "Order value well below target", "severity": "critical"},
    )
    create_rule(
        story,
        controller,
        find_reports(story, "lost_deals", ("company", "department")),
        {**ABOVE, "name": "More lost opportunities than planned"},
    )
    own = find_reports(story, "order_value", ("user",)).filtered(
        lambda report: report.user_id == employee
    )
    create_rule(story, employee, own, {**BELOW, "is_personal": True})
    story.env["kpi.smart.alert"]._sweep_marks()
    events = story.env["kpi.alert.event"].search([], order="id")
    notices = story.env["kpi.alert.notice"]
    notices._sweep_due()
    handle(events.filtered(lambda event: not event.personal_user_id))
    notices._sweep_due()
    events.alert_id.turned_on_at = story.timeline.now - SINCE
    for event in events:
        date_back(event, find_morning(story, event), story.timeline.now)


def find_reports(story, code, scopes):
    """KPIs of the German company with this code, tracked for these kinds of scopes."""
    return story.env["kpi.report"].search(
        [
            ("definition_id.code", "=", code),
            ("company_id", "=", story["company_de"].id),
            ("scope_type", "in", scopes),
        ]
    )


def create_rule(story, owner, reports, values):
    """A rule that is on, and shows its alerts in Odoo only."""
    rule = story.env["kpi.smart.alert"].create(
        {
            "company_id": story["company_de"].id,
            "owner_id": owner.id,
            "is_personal": False,
            "report_ids": [Command.set(reports.ids)],
            "notification_channels": INBOX,
            **values,
        }
    )
    rule.action_turn_on()


def find_morning(story, event):
    """The morning after the period closed."""
    calendar = event.report_id.definition_id.calendar_id
    period = calendar._period(event.grain, event.period_start)
    morning = datetime.combine(period.stop + timedelta(days=1), EARLY)
    return min(morning, story.timeline.now)


def date_back(event, fired_at, now):
    """Have all that is known of an alert happen when it would have, up to now."""
    moments = {name: min(fired_at + delay, now) for name, delay in DELAYS.items()}
    event.write({"fired_at": fired_at, "is_initial": False})
    for change in event.change_ids:
        change.changed_at = moments[change.change]
    for notice in event.notice_ids:
        moment = moments[notice.change]
        notice.created_at = moment
        notice.told_at = notice.told_at and min(moment + TOLD, now)
    if event.acknowledged_at:
        event.acknowledged_at = moments["acknowledged"]
        event.next_step_at = False
    if event.resolved_at:
        event.resolved_at = moments["resolved"]


def handle(events):
    """Of those that fire, one was acknowledged and one was resolved."""
    known = events.env.ref("kpi_tracking_alert.kpi_alert_reason_known")
    mild = events.filtered(lambda event: event.severity == "warning")
    acknowledged, resolved = mild[:1], mild[1:2]
    as_responsible(acknowledged).action_acknowledge()
    as_responsible(resolved).action_resolve(
        known.id, "Two tenders of last year, closed only now."
    )


def as_responsible(event):
    """The alert as whoever is responsible for its KPI sees it."""
    owner = event.report_id.owner_id
    own = event.with_user(owner or event.env.user)
    return own.with_context(allowed_company_ids=owner.company_ids.ids)
