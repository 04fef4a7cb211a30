"""Rules that watch sales, and what has come of their alerts so far."""

from datetime import datetime, time, timedelta

from odoo import Command

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
