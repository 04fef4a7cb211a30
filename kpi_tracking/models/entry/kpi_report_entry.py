from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.kpi_base.engine.postgres import is_finite
from odoo.addons.kpi_base.roles import MANAGER, OFFICER

from .entry import Entry


class KpiReport(models.Model):
    """Values that people enter: who is asked for them, who may enter them."""

    _inherit = "kpi.report"

    submitter_ids = fields.Many2many(
        "res.users",
        "kpi_report_submitter_rel",
        string="Entered By",
        domain="[('share', '=', False)]",
        help="People who enter the values and get reminders. Empty: the person "
        "responsible. They can see the KPI.",
    )
    entry_date_from = fields.Date(
        "Entries Due From",
        default=fields.Date.context_today,
        copy=False,
        help="Values are due from the period that contains this date.",
    )
    entry_mode = fields.Selection(related="definition_id.entry_mode")
    has_entry_approval = fields.Boolean(related="definition_id.has_entry_approval")
    submission_ids = fields.One2many("kpi.submission", "report_id", "Entries")
    can_enter_value = fields.Boolean(
        compute="_compute_can_enter_value", exportable=False
    )

    @api.depends_context("uid")
    @api.depends("computation", "owner_id", "user_id", "submitter_ids")
    def _compute_can_enter_value(self):
        enterable = self._filter_enterable()
        for report in self:
            report.can_enter_value = report in enterable

    @api.ondelete(at_uninstall=False)
    def _unlink_except_entered(self):
        # Any entry counts, also those that the officer may not see.
        entries = self.env["kpi.submission"].sudo()
        entered = entries.search(
            [("report_id", "in", self.ids), ("state", "!=", "draft")], limit=1
        )
        if entered:
            raise UserError(
                self.env._(
                    "People have entered values of %s. Archive it instead: its"
                    " history stays.",
                    entered.report_id.name,
                )
            )

    def _submitters(self):
        """Find who is asked for the values of these KPIs: dict report → users."""
        # Who is asked is no secret to those who see the KPI.
        return {
            report: report.sudo().submitter_ids or report.owner_id or report.user_id
            for report in self
        }

    def _filter_enterable(self):
        """Those of these KPIs whose values the user may enter.

        Who is asked for them, the responsible, the person measured, their managers and
        KPI officers may.
        """
        manual = self.filtered(lambda report: report.computation == "manual")
        readable = manual._filtered_access("read")
        own = readable.filtered(lambda report: self.env.user in report._own_people())
        return own | (readable - own)._filter_enterable_for_others()

    def _own_people(self):
        self.ensure_one()
        return self._submitters()[self] | self.owner_id | self.user_id

    def _filter_enterable_for_others(self):
        """Those of these KPIs for which the user may enter the values of others."""
        user = self.env.user
        if self.env.su or user.has_group(OFFICER):
            return self
        if not user.has_group(MANAGER):
            return self.browse()
        return self.filtered("is_managed_by_me")

    def _check_can_enter(self):
        self.check_access("read")
        for report in self:
            if report.computation != "manual":
                raise UserError(
                    self.env._("%s is computed: values cannot be entered.", report.name)
                )
        refused = self - self._filter_enterable()
        if refused:
            raise AccessError(
                self.env._(
                    "Only the people assigned to %s, the person responsible and "
                    "managers can enter its values.",
                    refused[0].name,
                )
            )

    def _check_enterable(self, period, value):
        """Refuse a value that has no meaning, or comes too early or too late."""
        self.ensure_one()
        if not is_finite(value):
            raise ValidationError(
                self.env._("%s, Value: this is not a finite number.", self.name)
            )
        if self.definition_id.unit == "boolean" and value not in (0, 1):
            raise ValidationError(
                self.env._("%s: enter 1 for yes or 0 for no.", self.name)
            )
        if period.start > self.definition_id.calendar_id._today():
            raise ValidationError(
                self.env._(
                    "%(kpi)s: the period of %(day)s has not started.",
                    kpi=self.name,
                    day=period.start,
                )
            )
        self._check_unlocked(period)

    def _contributor(self, contributor):
        """Find whose part the user's entry is; nobody's where the KPI has one value.

        :param contributor: the person chosen, empty for the user's own part
        :raises UserError: somebody must be chosen, or is not asked for this KPI
        """
        self.ensure_one()
        if self.entry_mode != "parts":
            return self.env["res.users"]
        asked = self._submitters()[self]
        contributor = contributor or self.env.user & asked
        if not contributor:
            raise UserError(
                self.env._("%s: choose the person you enter a value for.", self.name)
            )
        if contributor not in asked:
            raise UserError(
                self.env._(
                    "%(kpi)s: %(person)s is not one of the people who enter its "
                    "values.",
                    kpi=self.name,
                    person=contributor.name,
                )
            )
        if contributor != self.env.user and not self._filter_enterable_for_others():
            raise AccessError(
                self.env._("%s: you can only enter your own value.", self.name)
            )
        return contributor

    def _enter_value(self, day, value, note="", **values):
        """Enter ``value`` for the period that holds ``day``.

        :param note: stored with the entry, and as the reason where a value is replaced
        :param values: further attributes of ``Entry``
        :return: the entry; approved, where nobody is asked to approve it
        :raises AccessError: the user may not enter values of this KPI
        :raises UserError: not a number, a period that has not begun or is locked, a
            correction without reason
        """
        self.ensure_one()
        definition = self.definition_id
        period = definition.calendar_id._period(definition.frequency, day)
        entry = self._entry(period, value, note=note, **values)
        return self.env["kpi.submission"]._enter([entry])

    def _entry(self, period, value, **values):
        """A value on its way in; see ``Entry``."""
        self.ensure_one()
        return Entry(self, period, float(value), **values)

    def _fact_of(self, period):
        """The value of ``period``; an empty recordset where there is none."""
        return self.env["kpi.measurement"].search(
            self._facts(period.grain) & Domain("period_start", "=", period.start)
        )

    def action_enter_value(self):
        self.ensure_one()
        self._check_can_enter()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Enter Value"),
            "res_model": "kpi.value.entry",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_report_id": self.id},
        }

    def action_enter_values(self):
        """Open the grid with the last periods of this KPI alone."""
        self.ensure_one()
        self._check_can_enter()
        action = self.env["ir.actions.client"]._for_xml_id(
            "kpi_tracking.kpi_entry_grid_action"
        )
        return {
            **action,
            "name": self.env._("Enter Values"),
            "context": {"entry_report_ids": self.ids},
        }
