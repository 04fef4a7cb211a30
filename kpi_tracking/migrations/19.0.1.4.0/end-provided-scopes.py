"""KPIs that another app provides leave the scopes for which it has no values.

At the end, as the apps that provide them are loaded by then.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    external = env["kpi.definition"].search([("computation", "=", "external")])
    provided = {kpi: list(kpi._get_measured_scope_types()) for kpi in external}
    rules = env["kpi.tracking.rule"].search([("definition_ids", "in", external.ids)])
    for rule in rules:
        kept = rule.definition_ids.filtered(
            lambda kpi, rule=rule: rule.scope_type in provided.get(kpi, rule.scope_type)
        )
        if not kept:
            rule.active = False  # there is nothing left to track
        elif kept != rule.definition_ids:
            rule.definition_ids = kept

    reports = external.report_ids.filtered(
        lambda report: report.scope_type not in provided[report.definition_id]
    )
    of_these = [("report_id", "in", reports.ids)]
    with_values = env["kpi.measurement"].search(of_these).report_id
    with_values |= env["kpi.measurement.revision"].search(of_these).report_id
    with_values.active = False
    (reports - with_values).unlink()
