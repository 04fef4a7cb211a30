from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import open_dialog

from ..models.entry.kpi_submission import Entry


class KpiValueEntry(models.TransientModel):
    """A person gives the value of a KPI, or their part of it, for one period."""

    _name = "kpi.value.entry"
    _inherit = ["kpi.dialog.mixin"]
    _description = "Enter KPI Value"

    unit_text = fields.Char(compute="_compute_unit_text")
    day = fields.Date(
        "Day in the Period",
        compute="_compute_day",
        compute_sudo=False,
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="Any day in the period.",
    )
    contributor_id = fields.Many2one(
        "res.users",
        "Entered For",
        compute="_compute_contributor_id",
        store=True,
        precompute=True,
        readonly=False,
        domain="[('id', 'in', contributor_ids)]",
    )
    contributor_ids = fields.Many2many("res.users", compute="_compute_contributor_ids")
    is_part = fields.Boolean(compute="_compute_contributor_ids")
    is_weighted = fields.Boolean(compute="_compute_contributor_ids")
    frequency = fields.Selection(related="definition_id.frequency", related_sudo=False)
    has_entry_approval = fields.Boolean(
        related="definition_id.has_entry_approval", related_sudo=False
    )
    period_label = fields.Char("Period", compute="_compute_known")
    has_known = fields.Boolean(compute="_compute_known")
    known_value = fields.Float("Current Value", compute="_compute_known")
    waiting_value = fields.Float("Waiting for Approval", compute="_compute_known")
    has_waiting = fields.Boolean(compute="_compute_known")
    lock_notice = fields.Char(compute="_compute_known")
    unusual_notice = fields.Char(compute="_compute_unusual_notice")
    approver_notice = fields.Char(compute="_compute_approver_notice")
    value_text = fields.Char("Value")
    answer = fields.Selection([("1", "Yes"), ("0", "No")])
    weight = fields.Float(
        default=1.0, help="Number of answers, hours or people the value represents."
    )
    note = fields.Char(help="Source and anything special about the value.")
    reason = fields.Char("Reason for the Correction")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")

    @api.depends("report_id")
    def _compute_unit_text(self):
        for entry in self:
            word = entry.definition_id._unit_word() or ""
            entry.unit_text = word.lower() if entry.unit == "duration" else word

    @api.depends("report_id")
    def _compute_day(self):
        """First day of the period after the latest value, at most the current one."""
        for entry in self:
            calendar = entry.report_id.definition_id.calendar_id
            if not calendar:
                entry.day = False
                continue
            frequency = entry.report_id.frequency
            if latest := entry.report_id._current_period():
                day = min(latest.stop, calendar._today())
                entry.day = calendar._period(frequency, day).start
            else:
                entry.day = calendar._latest_periods(frequency, 2)[0].start

    @api.depends("report_id")
    def _compute_contributor_ids(self):
        for entry in self:
            report = entry.report_id
            entry.is_part = report.entry_mode == "parts"
            entry.is_weighted = (
                entry.is_part and report.definition_id.aggregation_scope == "average"
            )
            asked = report._find_submitters().get(report, self.env["res.users"])
            for_others = report._filter_enterable_for_others()
            entry.contributor_ids = asked if for_others else asked & self.env.user

    @api.depends("contributor_ids")
    def _compute_contributor_id(self):
        for entry in self:
            choices = entry.contributor_ids._origin
            own = choices & self.env.user or (choices if len(choices) == 1 else None)
            entry.contributor_id = own if entry.is_part else False

    @api.depends("report_id", "day", "contributor_id")
    def _compute_known(self):
        """Show what the period has already: the accepted value, and one that waits."""
        entries, facts = self.env["kpi.submission"], self.env["kpi.measurement"]
        for entry in self:
            known, waiting, fact = entries, entries, facts
            report, period = entry.report_id, entry._period()
            entry.period_label = entry.lock_notice = False
            if period:
                calendar = entry.definition_id.calendar_id
                entry.period_label = calendar._period_label(period)
                try:
                    report._check_unlocked(period)
                except UserError as error:
                    entry.lock_notice = str(error)
                person_id = entry.is_part and entry.contributor_id.id
                found = entries._find_slots([(report, period)])
                current = found.get((report.id, period.start, person_id), entries)
                known = current.filtered(lambda one: one.state == "approved")
                waiting = current - known
                if not entry.is_part:
                    fact = facts.search(report._in_period(period))
            value = known or fact
            entry.has_known, entry.known_value = bool(value), value.value
            entry.has_waiting, entry.waiting_value = bool(waiting), waiting.value

    @api.depends("report_id", "day", "contributor_id", "value_text")
    def _compute_unusual_notice(self):
        """Say that a number is far outside the usual, before it is entered."""
        for entry in self:
            given = entry.unit != "boolean" and entry._find_given()
            found = given.report._find_unusual({0: given}) if given else {}
            entry.unusual_notice = found.get(0, False)

    @api.depends("report_id", "day", "contributor_id", "value_text", "answer")
    def _compute_approver_notice(self):
        """Say who will approve the value, before it is entered."""
        for entry in self:
            given = entry._find_given()
            found = self.env["kpi.submission"]._preview_approvers(
                {0: given} if given else {}
            )
            entry.approver_notice = found.get(0, False)

    def _find_given(self):
        """What was given so far, as it would be entered; False where it cannot be."""
        period = self._period()
        report = self.report_id._origin
        if not period or not report._filter_enterable():
            return False
        try:
            person = self.contributor_id._origin
            given = Entry(report, period, self._value(), person)
            return self.env["kpi.submission"]._resolve_entry(given)
        except UserError:  # said when it is entered
            return False

    def _period(self):
        calendar = self.definition_id.calendar_id
        if not calendar or not self.day:
            return None
        return calendar._period(self.report_id.frequency, self.day)

    def action_enter(self):
        """Hand the value in; the KPI behind the dialog shows it at once.

        The dialog asks before it takes a value that is far outside the usual.
        """
        self.ensure_one()
        if self.unusual_notice:
            return open_dialog(
                self,
                self.env._("Enter Value"),
                default_report_id=self.report_id.id,
                corrected_id=self.env.context.get("corrected_id"),
            )
        return self._enter(submit=True)

    def action_enter_unusual(self):
        """Hand in a value that is far outside the usual."""
        return self._enter(submit=True)

    def action_save_draft(self):
        """Keep the value for later; it does not count yet."""
        return self._enter(submit=False)

    def _enter(self, submit):
        """Enter the value, close the dialog, and offer to correct it.

        Whoever corrected an entry on its own screen sees the new one there.
        """
        self.ensure_one()
        entry = Entry(
            self.report_id,
            self._period(),
            self._value(),
            contributor=self.contributor_id,
            note=self.note or "",
            reason=self.reason or "",
            weight=self.weight if self.is_weighted else 1.0,
            attachments=self.attachment_ids,
        )
        entered = self.env["kpi.submission"]._enter([entry], submit=submit)
        return {
            "type": "ir.actions.client",
            "tag": "kpi_tracking.entered",
            "params": {
                "message": entered._confirmation_text(),
                "submission_id": entered.id,
                "corrected_id": self.env.context.get("corrected_id", False),
            },
        }

    def _value(self):
        """The number given, 1 or 0 for yes or no."""
        given = self.answer if self.unit == "boolean" else self.value_text
        if not (given or "").strip():
            raise UserError(self.env._("Enter a value first."))
        return self.definition_id._parse_typed_value(given.strip())
