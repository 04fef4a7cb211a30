"""The groups of people around deals, by name; those of KPIs are ``kpi_base.roles``."""

VIEWER = "kpi_deal_pipeline.kpi_deal_pipeline_group_viewer"  # deals of the own teams
AGENT = "kpi_deal_pipeline.kpi_deal_pipeline_group_agent"  # own and shared deals
MANAGER = "kpi_deal_pipeline.kpi_deal_pipeline_group_manager"  # those of teams led
ADMIN = "kpi_deal_pipeline.kpi_deal_pipeline_group_admin"  # those of the companies
