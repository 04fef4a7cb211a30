"""What people earn: each month decided as it closed, and what they make of it."""

from datetime import timedelta

from odoo.tools import SQL

from .kpi_jobs import compute
from .story import load

FACTS = load("kpi_gamification")
DECIDED_AT = timedelta(hours=6)  # of the day on which a period is decided


def award_achievements(story):
    """The ready ones, decided for each month as the job would have done."""
    company, controller = story["company_de"], story["user_clara_vogt"]
    own = story.as_person(controller, "kpi.achievement").with_company(company)
    own.action_add_ready()
    achievements = own.search([("company_id", "=", company.id)])
    # A year of decided days and weeks adds nothing to see.
    longer = achievements.filtered(lambda one: one.grain in ("month", "quarter"))
    longer.date_from = story.timeline.start
    achievements.filtered(lambda one: one.name in FACTS["as_it_is_now"]).basis = "now"
    for choice, names in FACTS["choices"].items():
        for name in names:
            person = story.as_person(story[f"user_{name}"], "kpi.gamification.choice")
            person.with_company(company).choose(choice)
    closings = story.env["kpi.achievement.closing"]
    for due in closings._find_due():
        closings._close(*due)
    review(story)
    date_back(story, company)
    story.play(FACTS["thanks"])
    # KPIs that say whether it helped are computed now, not by their job in a moment.
    compute(story, "Achievements", [("definition_ids.code", "in", FACTS["measured"])])
    story.env["kpi.job"].search([("state", "=", "queued")]).unlink()


def review(story):
    """The controller has decided about all that was held, but for the last month."""
    awards = story.env["kpi.user.achievement"].search([("state", "=", "held")])
    last = max(awards.mapped("period_start"), default=None)
    controller = story["user_clara_vogt"]
    # Nobody decides on what they earned themselves.
    old = awards.filtered(
        lambda one: one.period_start < last and one.user_id != controller
    )
    own = story.as_person(story["user_clara_vogt"], awards._name, old.ids)
    own[:1].revoke(FACTS["revoked_for"])
    own[1:].action_release()


def date_back(story, company):
    """Have awards be of the morning on which their month was decided, by targets that
    were agreed before.
    """
    story.env.cr.execute(
        SQL(
            """
            UPDATE kpi_user_achievement
               SET earned_date = LEAST(earned_date, period_stop + %(delay)s),
                   is_celebrated = TRUE;
            UPDATE kpi_achievement_closing
               SET decided_at = LEAST(decided_at, period_stop + %(delay)s);
            UPDATE kpi_target
               SET write_date = LEAST(write_date, date_from - interval '1 week')
             WHERE report_id IN (SELECT id FROM kpi_report
                                  WHERE company_id = %(company)s)
            """,
            company=company.id,
            delay=timedelta(days=company.gamification_days) + DECIDED_AT,
        )
    )
    story.env.invalidate_all()
