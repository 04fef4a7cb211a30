from .models.kpi_warehouse_reading import DROP


def uninstall_hook(env):
    """Take away what is no model, and so would stay."""
    env.cr.execute(DROP)
