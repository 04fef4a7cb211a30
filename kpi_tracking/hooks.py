from odoo.addons.kpi_base.references import drop_checks


def uninstall_hook(env):
    """Take away what is no model, and so would stay."""
    env.cr.execute(
        "DROP TABLE IF EXISTS"
        " kpi_source_fingerprint, kpi_definition_view, kpi_job_source"
    )
    for column in ("report_id", "recorded_by_id"):
        drop_checks(env.cr, "kpi_measurement", column)
    env["kpi.approval.step"].search([("res_model", "=", "kpi.submission")]).unlink()
    workflows = env["kpi.approval.workflow"].with_context(active_test=False)
    workflows.search([("model", "=", "kpi.submission")]).unlink()
