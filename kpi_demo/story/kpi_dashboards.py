"""The dashboard that the company's board looks at, with every kind of tile."""

from odoo import Command

from odoo.addons.kpi_base.roles import USER

from .story import load

FACTS = load("kpi_dashboards")
BOARD = FACTS["board"]


def create_dashboards(story):
    """The board's dashboard, which everybody finds and sees as far as they may."""
    company = story["company_de"]
    dashboard = story.env["kpi.dashboard"].create(
        {
            "name": "Nordwind at a glance",
            "description": (
                "Opens each board meeting: the most important KPIs in five minutes."
            ),
            "icon": "fa-line-chart",
            "company_id": company.id,
            "owner_id": story["user_clara_vogt"].id,
            "is_default": True,
            "group_ids": [Command.link(story.env.ref(USER).id)],
            "tile_ids": [
                Command.create(tile_values(story.env, place, *tile))
                for place, tile in enumerate(BOARD)
            ],
        }
    )
    story.keep("kpi_dashboard_board", dashboard)


def tile_values(env, place, kind, codes, span, height, more):
    """Values of one tile."""
    definitions = env["kpi.definition"]
    kpis = [definitions.search([("code", "=", code)], limit=1).id for code in codes]
    values = {key: value for key, value in more.items() if key != "card"}
    if "card" in more:
        card = env.ref(f"kpi_tracking_dashboard.kpi_dashboard_card_{more['card']}")
        values["card_id"] = card.id
    return {
        **values,
        "kind": kind,
        "sequence": place,
        "definition_ids": [Command.set(kpis)],
        "definition_order": kpis,
        "span": span,
        "height": height,
    }
