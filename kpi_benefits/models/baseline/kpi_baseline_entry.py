from odoo import api, fields, models
from odoo.exceptions import LockError, ValidationError
from odoo.tools import format_date


class KpiBaseline(models.Model):
    """Measurements are entries of the KPI, so that approvals and locks hold."""

    _inherit = "kpi.baseline"

    can_enter_value = fields.Boolean(
        compute="_compute_can_enter_value", exportable=False
    )

    @api.depends_context("uid")
    @api.depends("report_id")
    def _compute_can_enter_value(self):
        enterable = self.report_id._filter_enterable()
        for baseline in self:
            baseline.can_enter_value = baseline.report_id in enterable

    def _enter_measurement(self, day, value, note=""):
        """Enter the KPI's value for the period that holds a day, as the user.

        :return: the entry (``kpi.submission``)
        :raises LockError: the KPI is computed
        :raises UserError: before the baseline, or what the KPI itself refuses
        """
        self.ensure_one()
        self._check_entered_by_people()
        if day < self._get_first_counted_day():
            raise ValidationError(
                self.env._(
                    "%(kpi)s: the period of %(day)s is not after the baseline, which "
                    "stands for the time until %(until)s.",
                    kpi=self.name,
                    day=format_date(self.env, day),
                    until=format_date(self.env, self.baseline_date),
                )
            )
        return self.report_id._enter_value(day, value, note=note)

    def _check_entered_by_people(self):
        if self.computation != "manual":
            raise LockError(
                self.env._(
                    "%s is computed: values cannot be entered.", self.report_id.name
                )
            )

    def action_enter_value(self):
        """Open the dialog that enters a value of the KPI."""
        self.ensure_one()
        return self.report_id.action_enter_value()

    def action_open_measurements(self):
        """Show the values of the KPI."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_benefits.kpi_baseline_measurement_action"
        )
        return {
            **action,
            "display_name": self.name,
            "domain": [("kpi_id", "=", self.id)],
            "context": {},
        }

    def action_open_kpi(self):
        """Open the KPI itself."""
        self.ensure_one()
        return self.report_id.action_open_form()
