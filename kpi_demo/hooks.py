import logging
from time import perf_counter

from odoo import fields
from odoo.tools import SQL

from .story.customers import create_customers, create_leads
from .story.deals import (
    create_commissions,
    create_deals,
    keep_performance,
    learn_from_deals,
    set_benchmarks,
    turn_on_ready_kpis,
)
from .story.kpi_benefits import (
    endanger_benefits,
    find_leaks,
    plan_initiatives,
    track_kpis,
    write_reviews,
)
from .story.kpi_bi_dashboard import (
    bring_purchases,
    keep_books,
    report_to_the_board,
    run_analyses,
    watch_market,
)
from .story.kpi_collaboration import coach_people, raise_alerts, talk_about_kpis
from .story.kpi_jobs import compute_first, enter_values, log_jobs
from .story.kpi_workflow_tat import ask_for_things
from .story.kpis import (
    CATALOGUE,
    FORMULA_KPIS,
    certify_kpis,
    create_dashboards,
    create_kpis,
    create_scorecards,
    set_rules,
    set_targets,
)
from .story.people import create_companies, create_people
from .story.projects import create_projects
from .story.sales import create_orders
from .story.story import Story, Timeline

_logger = logging.getLogger(__name__)

QUIET = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
    "tracking_disable": True,
}


def compute_values(story):
    """All values, then the targets that look back at them, then what needs targets."""
    story.env["kpi.source"]._refresh_shared()
    analyze_tables(story)
    compute_first(story)
    set_targets(story, CATALOGUE)
    story.env["kpi.definition"]._recompute_formulas(story.timeline.start)
    set_targets(story, FORMULA_KPIS)
    set_rules(story)


def analyze_tables(story):
    """Update PostgreSQL's statistics; its own update comes after the commit."""
    story.env.flush_all()
    filled = "SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins > 100"
    for (table,) in story.env.execute_query(SQL(filled)):
        story.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


CHAPTERS = (
    create_companies,
    create_people,
    create_customers,
    create_leads,
    create_orders,
    bring_purchases,
    keep_books,
    create_projects,
    create_deals,
    create_commissions,
    ask_for_things,
    plan_initiatives,
    endanger_benefits,
    create_kpis,
    set_benchmarks,
    turn_on_ready_kpis,
    enter_values,
    track_kpis,
    write_reviews,
    analyze_tables,
    learn_from_deals,
    compute_values,
    certify_kpis,
    keep_performance,
    create_scorecards,
    create_dashboards,
    watch_market,
    run_analyses,
    report_to_the_board,
    raise_alerts,
    talk_about_kpis,
    coach_people,
    find_leaks,
    log_jobs,
)


def post_init_hook(env):
    """Create the records of Nordwind Components up to this moment."""
    # Compiling a large statement to machine code takes longer than running it once.
    env.cr.execute("SET LOCAL jit = off")
    story = Story(
        env=env(context={**env.context, **QUIET}),
        timeline=Timeline(fields.Datetime.now()),
    )
    for chapter in CHAPTERS:
        started = perf_counter()
        chapter(story)
        story.env.flush_all()
        seconds = perf_counter() - started
        _logger.info("%s: %.1f s", chapter.__name__, seconds)


def uninstall_hook(env):
    """Leave the company behind: its records have a history of their own."""
    env["ir.model.data"].search([("module", "=", "kpi_demo")]).unlink()
