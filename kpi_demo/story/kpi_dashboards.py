"""The dashboard that the company's board looks at, with every kind of tile."""

from odoo import Command

from odoo.addons.kpi_base.roles import USER

BOARD = (
    # kind, KPIs, columns, rows, what else
    ("text", (), 12, 1, {"text": "<h2>Orders, customers and people</h2>"}),
    ("card", ("order_value",), 3, 1, {"card": "trend"}),
    ("card", ("won_deals",), 3, 1, {"card": "trend"}),
    ("card", ("win_rate",), 3, 1, {"card": "trend"}),
    ("card", ("sick_leave_rate",), 3, 1, {"card": "metric"}),
    ("gauge", ("order_value",), 3, 2, {}),
    ("gauge", ("win_rate",), 3, 2, {}),
    ("gauge", ("customer_satisfaction",), 3, 2, {}),
    ("gauge", ("first_time_right",), 3, 2, {}),
    ("line", ("order_value", "list_value_eur"), 6, 2, {}),
    ("bar", ("won_deals", "lost_deals"), 6, 2, {}),
    ("stacked", ("order_value",), 6, 2, {"scope_mode": "each"}),
    ("area", ("open_pipeline", "weighted_pipeline"), 6, 2, {}),
    ("pie", ("new_opportunities",), 4, 2, {"breakdown": "source_id"}),
    ("doughnut", ("order_value",), 4, 2, {"scope_mode": "each"}),
    ("funnel", ("website_visits", "new_opportunities", "won_deals"), 4, 2, {}),
    ("waterfall", ("order_value",), 6, 2, {"periods": 6}),
    ("radar", ("order_value", "win_rate", "won_deals", "first_time_right"), 6, 2, {}),
    ("scatter", ("marketing_spend", "new_opportunities"), 4, 2, {}),
    ("heatmap", ("order_value",), 8, 2, {"scope_mode": "each"}),
    ("table", ("order_value", "won_deals", "win_rate"), 8, 2, {"periods": 6}),
    ("card", ("order_value",), 4, 2, {"card": "comparison", "scope_mode": "each"}),
    ("card", (), 4, 2, {"card": "alert", "name": "What needs attention"}),
    (
        "view",
        (),
        8,
        3,
        {"view_model": "crm.lead", "view_type": "graph", "name": "Pipeline"},
    ),
)


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
