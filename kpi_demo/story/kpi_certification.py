"""Badges: the controller has checked how the figures of the board are computed."""

from dateutil.relativedelta import relativedelta

CERTIFIED = ("won_deals", "win_rate", "open_pipeline", "order_value")


def certify_kpis(story):
    """The controller certifies what belongs to sales and finance."""
    controller = story["user_clara_vogt"]
    categories = story["kpi_categories"]
    for name in ("Sales", "Finance"):
        categories[name].certifier_ids = controller
    definitions = story.env["kpi.definition"].union(
        *(story[f"kpi_{code}"] for code in CERTIFIED)
    )
    next_year = story.timeline.today + relativedelta(years=1, day=1)
    own = definitions.with_user(controller).with_context(
        allowed_company_ids=controller.company_ids.ids
    )
    own._certify(next_year)
