def uninstall_hook(env):
    """Take away entries of the menu that people have made of dashboards."""
    env["kpi.dashboard"].with_context(active_test=False).search([])._remove_menus()
