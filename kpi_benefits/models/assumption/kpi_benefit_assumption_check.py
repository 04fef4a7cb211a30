from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

RESULTS = [("holds", "It holds"), ("failed", "It does not hold")]
STATUSES = [("open", "Open"), ("holds", "Holds"), ("failed", "Failed")]


class KpiBenefitAssumption(models.Model):
    """Whether an assumption holds: said by somebody, on a day, until the next check."""

    _inherit = "kpi.benefit.assumption"

    status = fields.Selection(
        STATUSES, required=True, readonly=True, default="open", copy=False, index=True
    )
    checked_on = fields.Date(readonly=True, copy=False)
    checked_by = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    check_note = fields.Char("Result", readonly=True, copy=False)
    failed_on = fields.Date("Failed Since", readonly=True, copy=False)

    def action_check(self):
        """Ask whether it holds, and when to check again."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check Assumption"),
            "res_model": "kpi.benefit.assumption.check",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_assumption_id": self.id},
        }

    def _note_check(self, status, review_date, note):
        """Say whether these hold, as of today.

        :param status: ``holds`` or ``failed``
        :param review_date: when to check again; what failed needs no such day
        :param note: what shows it; what failed needs one
        """
        self.check_access("write")
        self._verify_check(status, review_date, note)
        today = fields.Date.context_today(self)
        for assumption in self:
            failed_on = assumption.failed_on or today if status == "failed" else False
            # The right to was checked above; only methods say who checked it.
            assumption.sudo().write(
                {
                    "status": status,
                    "review_date": review_date,
                    "checked_on": today,
                    "checked_by": self.env.uid,
                    "check_note": note,
                    "failed_on": failed_on,
                }
            )
            assumption._log_check()

    @api.model
    def _verify_check(self, status, review_date, note):
        """Refuse results that say too little."""
        if status not in dict(RESULTS):
            raise UserError(self.env._("Choose whether the assumption holds."))
        if status == "failed" and not (note or "").strip():
            raise ValidationError(
                self.env._("Say what shows that the assumption does not hold.")
            )
        if status == "holds" and not review_date:
            raise ValidationError(self.env._("Enter when to check it again."))
        if review_date and review_date <= fields.Date.context_today(self):
            raise ValidationError(self.env._("The next check has to be after today."))

    def _reopen(self):
        """Take back what was said of another text."""
        # The right to the text was checked; only methods set the status.
        self.filtered(lambda one: one.status != "open").sudo().write(
            {
                "status": "open",
                "checked_on": False,
                "checked_by": False,
                "check_note": False,
                "failed_on": False,
            }
        )
