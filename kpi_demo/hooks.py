import logging
from time import perf_counter

from odoo import fields
from odoo.tools import SQL

from .story import (
    customers,
    deals,
    kpi_benefits,
    kpi_bi_dashboard,
    kpi_collaboration,
    kpi_gamification,
    kpi_jobs,
    kpi_workflow_tat,
    kpis,
    people,
    projects,
    sales,
)
from .story.story import HOME, Story, Timeline

_logger = logging.getLogger(__name__)

QUIET = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
    "tracking_disable": True,
    "tz": HOME.key,  # its today is the story's
}


def compute_values(story):
    """All values, then the targets that look back at them, then what needs targets."""
    story.env["kpi.source"]._refresh_shared()
    analyze_tables(story)
    is_used = [("definition_ids.active", "=", True)]
    kpi_jobs.compute(story, "First computation", is_used)
    kpis.set_targets(story, is_formula=False)
    story.env["kpi.definition"]._recompute_formulas(story.timeline.start)
    kpis.set_targets(story, is_formula=True)
    kpis.set_rules(story)
    # Nobody asked these people: there is nothing to divide by.
    idle = [("scope_type", "=", "user"), ("has_value", "=", False)]
    idle += [("computation_error", "!=", False)]
    story.env["kpi.report"].search(idle).active = False


def analyze_tables(story):
    """Update PostgreSQL's statistics; its own update comes after the commit."""
    story.env.flush_all()
    filled = "SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins > 100"
    for (table,) in story.env.execute_query(SQL(filled)):
        story.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


CHAPTERS = (
    people.create_companies,
    people.create_people,
    customers.create_customers,
    customers.create_leads,
    sales.create_orders,
    kpi_bi_dashboard.bring_purchases,
    kpi_bi_dashboard.keep_books,
    projects.create_projects,
    deals.create_deals,
    deals.create_commissions,
    kpi_workflow_tat.ask_for_things,
    kpi_benefits.plan_initiatives,
    kpi_benefits.endanger_benefits,
    kpis.create_kpis,
    deals.set_benchmarks,
    deals.turn_on_ready_kpis,
    kpi_jobs.enter_values,
    kpi_benefits.track_kpis,
    kpi_benefits.write_reviews,
    analyze_tables,
    deals.learn_from_deals,
    compute_values,
    kpis.certify_kpis,
    deals.keep_performance,
    kpis.create_scorecards,
    kpis.create_dashboards,
    kpi_bi_dashboard.watch_market,
    kpi_bi_dashboard.run_analyses,
    kpi_bi_dashboard.report_to_the_board,
    kpi_collaboration.raise_alerts,
    kpi_collaboration.talk_about_kpis,
    kpi_collaboration.coach_people,
    kpi_benefits.find_leaks,
    kpi_jobs.log_jobs,
    kpi_gamification.award_achievements,
)


def post_init_hook(env):
    """Create the records of Nordwind Components up to this moment."""
    # Compiling a large statement to machine code takes longer than running it once.
    env.cr.execute("SET LOCAL jit = off")
    story = Story(
        env=env(context={**env.context, **QUIET}),
        timeline=Timeline(fields.Datetime.now()),
    )
    messages = env["kpi.delivery"]
    before = messages.search([], order="id desc", limit=1).id or 0
    for chapter in CHAPTERS:
        started = perf_counter()
        chapter(story)
        story.env.flush_all()
        seconds = perf_counter() - started
        _logger.info("%s: %.1f s", chapter.__name__, seconds)
    # Nobody gets mail of it.
    messages.search([("id", ">", before)]).unlink()


def uninstall_hook(env):
    """Leave the company behind: its records have a history of their own."""
    env["ir.model.data"].search([("module", "=", "kpi_demo")]).unlink()
