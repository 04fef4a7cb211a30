"""A leakage has one severity: the suggested one, unless people decided otherwise."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    leakages = env["kpi.value.leakage"].with_context(tracking_disable=True).search([])
    for leakage in leakages:
        if leakage.severity != leakage.suggested_severity:
            if leakage.source == "detected" and leakage.status == "identified":
                leakage.severity = leakage.suggested_severity
            else:
                leakage.severity_reason = "Set before reasons were asked for"
