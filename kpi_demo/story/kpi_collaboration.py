"""What people made of the shortage: what they said, did, and what has changed since."""

from datetime import datetime, time, timedelta

from .story import load

FACTS = load("kpi_collaboration")
EARLY = time(6, 0)
SINCE = timedelta(days=120)  # the rules have been on
TOLD = timedelta(minutes=1)
# how long after an alert has fired
DELAYS = {
    "fired": timedelta(0),
    "reminded": timedelta(hours=1),  # as critical ones are
    "escalated": timedelta(hours=1),
    "acknowledged": timedelta(hours=2, minutes=40),
    "resolved": timedelta(hours=27, minutes=15),
}


def talk_about_kpis(story):
    """A discussion of orders, actions of which one is in effect, and a review."""
    story.play(FACTS["talks"])


def coach_people(story):
    """One coaching that waits for an answer, one that both signed, and a draft."""
    story.play(FACTS["coachings"])


def raise_alerts(story):
    """The controller's rules, one of an account manager's own, and who has what."""
    story.play(FACTS["rotas"])
    for row in FACTS["rules"]:
        reports = [
            f"@{name}"
            for name, record in story.records.items()
            if name.startswith(tuple(row["reports"]))
            and record.company_id == story["company_de"]
        ]
        values = {
            "company_id": "@company_de",
            "is_personal": False,
            "report_ids": reports,
            "notification_channels": "inbox",  # nobody gets mail
            **row["values"],
        }
        story.make("kpi.smart.alert", [values]).action_turn_on()
    story.env["kpi.smart.alert"]._sweep_marks()
    events = story.env["kpi.alert.event"].search([], order="id")
    notices = story.env["kpi.alert.notice"]
    notices._sweep_due()
    handle(story, events.filtered(lambda event: not event.personal_user_id))
    critical = events.filtered(lambda event: event.severity == "critical")
    now = story.timeline.now
    due = {"repeats_at": now, "next_step_at": now}
    critical.write({**due, "fired_at": now - DELAYS["escalated"]})
    events._sweep_steps()
    notices._sweep_due()
    events.alert_id.turned_on_at = story.timeline.now - SINCE
    for event in events:
        date_back(event, story.timeline.now)


def handle(story, events):
    """Of those that fire, one was acknowledged and one was resolved."""
    known = events.env.ref("kpi_tracking_alert.kpi_alert_reason_known")
    mild = events.filtered(
        # Those of KPIs without a person of the company stay open.
        lambda event: event.severity == "warning" and event.report_id.owner_id.active
    )
    acknowledged, resolved = (
        story.as_person(event.report_id.owner_id, event._name, event.ids)
        for event in (mild[:1], mild[1:2])
    )
    acknowledged.action_acknowledge()
    resolved.action_resolve(known.id, "Two tenders of last year, closed only now.")


def date_back(event, now):
    """Have all that is known of an alert happen when it would have: from the morning
    after its period closed, up to now."""
    calendar = event.report_id.definition_id.calendar_id
    period = calendar._period(event.grain, event.period_start)
    morning = datetime.combine(period.stop + timedelta(days=1), EARLY)
    fired_at = min(morning, now)
    moments = {name: min(fired_at + delay, now) for name, delay in DELAYS.items()}
    event.write({"fired_at": fired_at, "is_initial": False})
    for change in event.change_ids:
        change.changed_at = moments[change.change]
    for notice in event.notice_ids:
        moment = moments[notice.change]
        notice.created_at = moment
        notice.notified_at = notice.notified_at and min(moment + TOLD, now)
    if event.acknowledged_at:
        event.acknowledged_at = moments["acknowledged"]
        event.next_step_at = False
    if event.resolved_at:
        event.resolved_at = moments["resolved"]
