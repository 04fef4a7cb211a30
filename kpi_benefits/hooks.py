def uninstall_hook(env):
    """Take away what is no model, and so would stay."""
    env.cr.execute("DROP FUNCTION IF EXISTS kpi_initiative_month_sum CASCADE")
