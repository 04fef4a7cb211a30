def uninstall_hook(env):
    """Take away what is no model, and so would stay."""
    env.cr.execute("DROP TABLE IF EXISTS kpi_phone_receipt, kpi_phone_morning")
