from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.worktime import WorkTimeError


class KpiTatRecompute(models.TransientModel):
    """Counts clocks that run by hours and times as they are now; shows it before."""

    _name = "kpi.tat.recompute"
    _description = "Recalculate Clocks"

    request_ids = fields.Many2many("kpi.tat.request", required=True)
    with_hours = fields.Boolean(
        "Working Hours and Holidays",
        default=True,
        help="Recounts time from the clock's start with the approver's current "
        "working hours.",
    )
    with_allowance = fields.Boolean(
        "Allowed Time",
        help="Applies the template's current allowed times. Elapsed time is unchanged.",
    )
    reason = fields.Text(required=True)
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends_context("lang", "tz", "uid")
    @api.depends("request_ids", "with_hours", "with_allowance")
    def _compute_preview(self):
        for dialog in self:
            # The requests as they are stored: a form that is filled in holds copies.
            requests = dialog.request_ids._origin
            requests._check_is_officer()
            # The right to was checked above; clocks belong to approvals.
            rows = requests.sudo().level_ids
            try:
                changes = rows._preview_recomputed(**dialog._get_rules())
                dialog.preview = rows._write_corrections(changes)
            except WorkTimeError as error:
                dialog.preview = str(error)

    def _get_rules(self):
        return {"with_hours": self.with_hours, "with_allowance": self.with_allowance}

    def action_confirm(self):
        """Do it, as the user; it is logged with the reason."""
        self.ensure_one()
        if not self.reason.strip():
            raise ValidationError(self.env._("Enter a reason."))
        try:
            self.request_ids._recompute_clocks(self.reason.strip(), **self._get_rules())
        except WorkTimeError as error:
            raise ValidationError(str(error)) from error
