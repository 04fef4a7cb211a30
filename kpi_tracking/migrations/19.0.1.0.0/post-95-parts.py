"""Install what comes along with kpi_tracking, which an update alone does not."""

from openupgradelib import openupgrade

from odoo.addons.kpi_base.hooks import is_predecessor

INSTALLED = {"installed", "to upgrade", "to install"}


@openupgrade.migrate()
def migrate(env, version):
    if not is_predecessor(version):
        return
    parts = env["ir.module.module"].search(
        [
            ("auto_install", "=", True),
            ("state", "=", "uninstalled"),
            ("dependencies_id.name", "=", "kpi_tracking"),
        ]
    )
    # What waits for another app as well stays away without that one.
    parts.filtered(_is_complete).button_install()


def _is_complete(module):
    needed = module.dependencies_id.filtered("auto_install_required")
    return {each.state for each in needed} <= INSTALLED
