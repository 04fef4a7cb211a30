from .models.kpi_bi_schema import DROP


def uninstall_hook(env):
    """Take away what is no model, and so would stay."""
    env.cr.execute(DROP)
    env.cr.execute(
        "DROP TABLE IF EXISTS kpi_mcp_cursor, kpi_oauth_token, kpi_oauth_client"
    )
