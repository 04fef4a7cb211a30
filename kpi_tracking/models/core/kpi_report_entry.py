import math

from odoo import models
from odoo.exceptions import AccessError, UserError, ValidationError


class KpiReport(models.Model):
    """Values that people enter."""

    _inherit = "kpi.report"

    def _enter_value(self, day, value, note=""):
        """Record ``value`` for the period that holds ``day``.

        :param note: kept in the chatter, and as the reason where a value is replaced
        :raises AccessError: the user neither owns nor manages the KPI
        :raises ValidationError: not a finite number, or a period that has not begun
        """
        self.ensure_one()
        self._check_can_enter()
        self._check_enterable(day, value)
        definition = self.definition_id
        period = definition.calendar_id._period(definition.frequency, day)
        # Days are the engine's own.
        definition.calendar_id.sudo()._ensure_days(period.start, period.stop)
        # Facts are written by the engine only; who may ask was checked above.
        facts = self.env["kpi.measurement"].sudo()
        facts._upsert(
            definition.frequency,
            [(self.id, period.start, float(value))],
            source="manual",
            reason=note or None,
        )
        message = self.env._(
            "Value for %(period)s: %(value)s.",
            period=definition.calendar_id._period_label(period),
            value=definition._formatted(value),
        )
        self.message_post(body=f"{message} {note}" if note else message)

    def _check_can_enter(self):
        """Owner, the person measured, their managers and officers may enter values."""
        self.check_access("read")
        user = self.env.user
        if self.definition_id.computation != "manual":
            raise UserError(
                self.env._("%s is computed: values cannot be entered.", self.name)
            )
        is_own = user in (self.owner_id, self.user_id)
        is_officer = user.has_group("kpi_tracking.kpi_tracking_group_officer")
        is_manager = self.is_managed_by_me and user.has_group(
            "kpi_tracking.kpi_tracking_group_manager"
        )
        if not (is_own or is_officer or is_manager or self.env.su):
            raise AccessError(
                self.env._(
                    "Only the person responsible for %s or a manager enters its"
                    " values.",
                    self.name,
                )
            )

    def _check_enterable(self, day, value):
        if not math.isfinite(value):
            raise ValidationError(
                self.env._(
                    "%s, Value: this is not a finite number.",
                    self.name,
                )
            )
        if self.definition_id.unit == "boolean" and value not in (0, 1):
            raise ValidationError(
                self.env._("%s: enter 1 for yes or 0 for no.", self.name)
            )
        if day > self.definition_id.calendar_id._today():
            raise ValidationError(
                self.env._(
                    "%(kpi)s: the period of %(day)s has not begun.",
                    kpi=self.name,
                    day=day,
                )
            )

    def action_enter_value(self):
        self.ensure_one()
        self._check_can_enter()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Enter value"),
            "res_model": "kpi.value.entry",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_report_id": self.id},
        }
