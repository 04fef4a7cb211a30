"""The groups of people around deals, by name; those of KPIs are ``kpi_base.roles``."""

VIEWER = "kpi_deal_pipeline.kpi_deal_pipeline_group_viewer"  # deals of the own teams
AGENT = "kpi_deal_pipeline.kpi_deal_pipeline_group_agent"  # own and shared deals
MANAGER = "kpi_deal_pipeline.kpi_deal_pipeline_group_manager"  # those of teams led
ADMIN = "kpi_deal_pipeline.kpi_deal_pipeline_group_admin"  # those of the companies
OUTSIDE_LOGIN = "agent-"  # of agents who cannot log in, before the id of the contact


def get_agents_domain(records):
    """Domain of the users who are offered as agents: those who can have deals, and
    contacts who were made agents."""
    return [
        "|",
        ("all_group_ids", "in", records.env.ref(AGENT).ids),
        "&",
        ("share", "=", True),
        ("login", "=like", f"{OUTSIDE_LOGIN}%"),
    ]
