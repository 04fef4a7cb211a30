"""KPIs of the property business: its dashboard, its odds, its agents' days."""

from datetime import timedelta

from odoo import fields

DAYS = 45  # of the agents' performance
BENCHMARKS = (  # metric, cohort, value, sample size
    ("conversion_rate", "industry_avg", 0.26, 1840),
    ("conversion_rate", "top_quartile", 0.36, 460),
    ("avg_cycle_days", "industry_avg", 158, 1840),
    ("avg_cycle_days", "top_quartile", 121, 460),
)


def turn_on_deal_kpis(story):
    """The ready dashboard and the KPIs on it, as two clicks in the gallery do."""
    ready = story.env.ref("kpi_deal_pipeline.kpi_gallery_dashboard_deals")
    ready = ready.with_company(story["company_de"])
    ready._install()
    ready.dashboard_id.owner_id = story["user_clara_vogt"]
    story.keep("kpi_dashboard_deals", ready.dashboard_id)
    # They are computed with all others, in a moment.
    story.env["kpi.job"].search([("state", "=", "queued")]).unlink()


def set_benchmarks(story):
    """Benchmarks of an invented industry, beside the numbers of the company."""
    story.env["kpi.performance.benchmark"].create(
        [
            {
                "company_id": story["company_de"].id,
                "metric_key": metric,
                "cohort": cohort,
                "value_numeric": value,
                "sample_size": size,
                "source": "Brokers' Yearbook (invented)",
                "effective_date": story.timeline.start,
            }
            for metric, cohort, value, size in BENCHMARKS
        ]
    )


def learn_from_deals(story):
    """Do the work of a night: odds of open deals; their KPIs are computed later."""
    company = story["company_de"]
    story.env["kpi.deal.win.model"]._learn(company)
    story.env["kpi.deal"]._keep_win_probabilities(company)


def keep_performance(story):
    """The agents' last days, as known now: the deals were recorded today.

    Commissions were settled today, too, and count from today on.
    """
    company = story["company_de"]
    local = company.with_context(tz=company.resource_calendar_id.tz)
    today = fields.Datetime.context_timestamp(local, story.timeline.now).date()
    for days_ago in range(DAYS - 1, -1, -1):
        story.env["kpi.agent.performance"]._take(
            today - timedelta(days=days_ago),
            company,
            known_at=fields.Datetime.now(),
        )
