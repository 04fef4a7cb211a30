"""Figures of former versions are not read: all are computed soon, not at night."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    if cron := env.ref("kpi_bi_dashboard.kpi_job_cron_bi", raise_if_not_found=False):
        cron._trigger()
