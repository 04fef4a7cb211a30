import logging
from time import perf_counter

from odoo import fields

from .story.companies import create_companies
from .story.crm import create_leads
from .story.customers import create_customers
from .story.people import create_people
from .story.projects import create_projects
from .story.sales import create_orders
from .story.story import Story
from .story.timeline import Timeline

_logger = logging.getLogger(__name__)

QUIET = {
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
    "tracking_disable": True,
}
CHAPTERS = (
    create_companies,
    create_people,
    create_customers,
    create_leads,
    create_orders,
    create_projects,
)


def post_init_hook(env):
    """Tell the story of Nordwind Components up to this moment."""
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
    """Leave the company in place: its records have a history of their own."""
    env["ir.model.data"].search([("module", "=", "kpi_demo")]).unlink()
