from odoo.addons.kpi_base.references import drop_checks


def uninstall_hook(env):
    """Take away what is no model, and so would stay."""
    env.cr.execute("DROP FUNCTION IF EXISTS kpi_commission_freeze CASCADE")
    for column in ("agent_id", "company_id", "currency_id"):
        drop_checks(env.cr, "kpi_deal_stage_interval", column)
