from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...engine.lock import is_locked


class KpiReport(models.Model):
    """Periods whose values are closed, for the company or for one KPI."""

    _inherit = "kpi.report"

    locked_until = fields.Date(
        tracking=True,
        copy=False,
        help="Values of periods that end on or before this date cannot be "
        "changed. The company may be locked longer.",
    )

    def _get_lock_dates(self):
        """Last locked day for people's values.

        :return: dict report → date, or None where nothing is locked
        """
        locked = {}
        for report in self:
            # What is locked binds also those who may not read the settings.
            company = report.sudo().company_id
            days = filter(None, (report.locked_until, company.kpi_lock_date))
            locked[report] = max(days, default=None)
        return locked

    def _hold_locks(self):
        """Have nobody lock these KPIs or their companies until this is committed.

        Who locks them writes the same rows: a value that was allowed by what they said
        before is entered again, and refused.
        """
        self.flush_model(["locked_until"])
        self.env["res.company"].flush_model(["kpi_lock_date"])
        self.env.cr.execute(
            SQL(
                """
                SELECT 1
                  FROM kpi_report AS report
                  JOIN res_company AS company ON company.id = report.company_id
                 WHERE report.id = ANY(%s)
                   FOR SHARE
                """,
                self.ids,
            )
        )

    def _hold_off(self):
        """Have nobody record a value of these KPIs until this is committed.

        Their first value was allowed by what the KPI was before: who records it, or who
        changes the KPI, runs again and sees what the other has done.
        """
        self.env.cr.execute(
            "UPDATE kpi_report SET definition_id = definition_id WHERE id = ANY(%s)",
            [self.ids],
        )

    def _check_unlocked(self, period):
        """Refuse a change of people's values in a locked ``period`` of these KPIs.

        A period is locked when its last day is.

        :raises UserError: naming the period and who may unlock it
        """
        for report, locked_until in self._get_lock_dates().items():
            if is_locked(period.stop, locked_until):
                raise UserError(report._lock_refusal(period, locked_until))

    def _lock_refusal(self, period, locked_until):
        names = {
            "kpi": self.name,
            "period": self.definition_id.calendar_id._period_label(period),
            "day": format_date(self.env, locked_until),
        }
        if locked_until == self.locked_until:
            return self.env._(
                "%(kpi)s: %(period)s is locked. All values of this KPI up to "
                "%(day)s are locked. A KPI officer can change “Locked Until” on "
                "the KPI.",
                **names,
            )
        return self.env._(
            "%(kpi)s: %(period)s is locked. All KPI values up to %(day)s are "
            "locked. A KPI administrator can change this under Configuration → "
            "Lock Periods.",
            **names,
        )
