from odoo.addons.kpi_base.references import drop_checks

# what ``StatementMany2one`` checks
CHECKED = {
    "kpi_measurement": ("report_id", "recorded_by_id"),
    "kpi_measurement_revision": ("report_id", "old_recorded_by_id", "replaced_by_id"),
}


def uninstall_hook(env):
    """Take away what is no model, and so would stay."""
    env.cr.execute(
        "DROP TABLE IF EXISTS"
        " kpi_source_fingerprint, kpi_definition_view, kpi_job_source, kpi_job_change"
    )
    for table, columns in CHECKED.items():
        for column in columns:
            drop_checks(env.cr, table, column)
