"""Calendars of one shape share their days from now on, which are made anew later."""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    if not column_exists(cr, "kpi_calendar_day", "calendar_id"):
        return  # of the predecessor
    # the views of connectors, which their update makes anew
    cr.execute("ALTER TABLE kpi_calendar_day DROP COLUMN calendar_id CASCADE")
    cr.execute("TRUNCATE kpi_calendar_day")
    cr.execute(
        """
        WITH known AS (
            DELETE FROM ir_model_data
             WHERE module = 'kpi_tracking' AND name = 'kpi_calendar_day_rule_company'
         RETURNING res_id)
        DELETE FROM ir_rule WHERE id IN (SELECT res_id FROM known)
        """
    )
