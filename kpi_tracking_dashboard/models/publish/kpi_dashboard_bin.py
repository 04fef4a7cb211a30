from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

KEPT = timedelta(days=30)


class KpiDashboard(models.Model):
    """Deleted dashboards wait before they are gone: archived, seen by nobody else."""

    _inherit = "kpi.dashboard"

    deleted_on = fields.Datetime("Deleted", readonly=True, copy=False)
    deleted_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="set null"
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") and (deleted := self.filtered("deleted_on")):
            # Who uses a dashboard again has taken it out of the bin.
            deleted.sudo().write({"deleted_on": False, "deleted_by_id": False})
        return result

    def unlink(self):
        """Who deletes a dashboard puts it into the bin; what is there is gone."""
        kept = self.filtered(lambda each: not (each.deleted_on or each.draft_of_id))
        if self.env.su or not kept:
            return super().unlink()
        kept.action_delete()
        return super(KpiDashboard, self - kept).unlink()

    def action_delete(self):
        """Put dashboards into the bin, out of everybody's sight."""
        self.check_access("unlink")
        for draft in self.filtered("draft_of_id"):
            draft._check_is_no_draft()
        # Who may delete them has been asked; entries of the menu go with them.
        self.sudo().write(
            {
                "active": False,
                "deleted_on": fields.Datetime.now(),
                "deleted_by_id": self.env.uid,
            }
        )
        many = self.env._("%s dashboards were deleted.", len(self))
        one = self.env._("“%s” was deleted.", self[:1].name)
        wait = self.env._("For 30 days you find it under Deleted and can put it back.")
        return self._tell(" ".join([one if len(self) == 1 else many, wait]))

    def action_put_back(self):
        """Take dashboards out of the bin."""
        self.check_access("write")
        # As they were: what made them entries of the menu was allowed before.
        self.sudo().write({"active": True})
        names = ", ".join(self.mapped("name"))
        return self._tell(self.env._("Put back: %s", names))

    @api.model
    def _tell(self, message):
        """Say what was done with dashboards, and show the list as it is now."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_delete_for_good(self):
        """Delete what is in the bin.

        :raises UserError: something of it is not there
        """
        for dashboard in self:
            if not dashboard.deleted_on:
                raise UserError(
                    self.env._("“%s” is not deleted yet.", dashboard.display_name)
                )
        self.unlink()

    @api.autovacuum
    def _gc_deleted(self):
        oldest = fields.Datetime.now() - KEPT
        everything = self.with_context(active_test=False)
        everything.search([("deleted_on", "<", oldest)]).unlink()
