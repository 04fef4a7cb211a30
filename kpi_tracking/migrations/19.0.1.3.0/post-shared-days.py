"""The days of calendars, as far back as their KPIs have values."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute(
        """
        SELECT definition.calendar_id, min(fact.period_start)
          FROM kpi_measurement AS fact
          JOIN kpi_report AS report ON report.id = fact.report_id
          JOIN kpi_definition AS definition ON definition.id = report.definition_id
      GROUP BY 1
        """
    )
    for calendar_id, first in cr.fetchall():
        calendar = env["kpi.calendar"].browse(calendar_id)
        calendar._ensure_days(first, calendar._today())
