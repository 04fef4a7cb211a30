"""Alerts know their KPI, regardless of its level.

By one statement, before Odoo would compute the new column alert by alert.
"""


def migrate(cr, version):
    cr.execute("ALTER TABLE kpi_alert_event ADD COLUMN IF NOT EXISTS definition_id int")
    cr.execute(
        """
        UPDATE kpi_alert_event AS event
           SET definition_id = report.definition_id
          FROM kpi_report AS report
         WHERE report.id = event.report_id
           AND event.definition_id IS DISTINCT FROM report.definition_id
        """
    )
