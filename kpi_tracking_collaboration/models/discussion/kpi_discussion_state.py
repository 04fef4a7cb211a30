from odoo import fields, models


class KpiDiscussion(models.Model):
    """Whether a discussion goes on."""

    _inherit = "kpi.discussion"

    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        "Status",
        required=True,
        readonly=True,
        copy=False,
        default="open",
        tracking=True,
        index=True,
    )
    closed_at = fields.Datetime("Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )

    def action_close(self):
        """End the discussion; what was decided stays, and what comes of it follows."""
        self.check_access("write")
        closing = self.filtered(lambda discussion: discussion.state == "open")
        # The right to change it was asked for.
        closing.sudo().write(
            {
                "state": "closed",
                "closed_at": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
            }
        )
        self.env["kpi.event"]._emit("discussion.closed", closing)
        return True

    def action_reopen(self):
        """Go on with the discussion."""
        self.check_access("write")
        opening = self.filtered(lambda discussion: discussion.state == "closed")
        # As above.
        opening.sudo().write(
            {"state": "open", "closed_at": False, "closed_by_id": False}
        )
        self.env["kpi.event"]._emit("discussion.reopened", opening)
        return True

    def _change(self, vals):
        """Change texts, and close or reopen it: ``state`` is one of them."""
        state = vals.get("state", self.state)
        self.write({name: value for name, value in vals.items() if name != "state"})
        if state != self.state:
            changes = {"closed": self.action_close, "open": self.action_reopen}
            changes[state]()
