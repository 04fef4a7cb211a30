from odoo import models
from odoo.tools import float_round

from odoo.addons.kpi_base.engine import periods

CHANGED_FIELDS = ("value", "stretch", "range_low", "range_high", "annual_total")


class KpiTarget(models.Model):
    """Targets of the year as a draft of the next one."""

    _inherit = "kpi.target"

    def _copy_to_next_year(self, change_percent=0.0):
        """Copies from the same day of the next fiscal year on, where there is none yet.

        :param change_percent: added to the numbers, which are rounded to the decimals
            of the KPI then; rules follow what they name by themselves
        :return: the new targets, and proposals of those that need approval
        """
        taken = {
            (target.report_id, target.date_from)
            for target in self.search([("report_id", "in", self.report_id.ids)])
        }
        vals_list = []
        for target in self.sorted("date_from", reverse=True):
            later = target._a_year_later()
            if (target.report_id, later) not in taken:
                taken.add((target.report_id, later))
                vals_list += target._prepare_changed_values(later, change_percent)
        reason = self.env._("Copied to the next year")
        return self._create_or_propose(vals_list, reason)

    def _a_year_later(self):
        """The day of the next fiscal year that is to it as the target's is to its."""
        self.ensure_one()
        calendar = self.definition_id.calendar_id
        frequency = self.definition_id.frequency
        return periods.a_year_later(calendar._spec(), frequency, self.date_from)

    def _prepare_changed_values(self, date_from, change_percent):
        vals_list = self.copy_data({"date_from": date_from})
        if change_percent:
            for vals in vals_list:
                for name in CHANGED_FIELDS:
                    if isinstance(vals.get(name), float):
                        vals[name] = self._apply_percent(vals[name], change_percent)
        return vals_list

    def _apply_percent(self, number, percent):
        changed = number + abs(number) * percent / 100
        decimals = self.definition_id.decimals
        return float_round(changed, precision_digits=decimals)

    def _of_the_latest_year(self):
        """Those that begin in the fiscal year of the latest one of their KPI."""
        found = self.browse()
        for report, targets in self.grouped("report_id").items():
            calendar = report.definition_id.calendar_id
            year = calendar._period("year", max(targets.mapped("date_from")))
            found |= targets.filtered(
                lambda target, year=year: target.date_from >= year.start
            )
        return found
