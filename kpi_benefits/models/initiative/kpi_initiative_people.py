from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.models.approval.people import check_works_here


class KpiInitiative(models.Model):
    """People around an initiative: who may own, sponsor and approve it."""

    _inherit = "kpi.initiative"

    former_owner_ids = fields.Many2many(
        "res.users",
        "kpi_initiative_former_owner_rel",
        string="Former Owners",
        readonly=True,
        copy=False,
        exportable=False,
        help="Owned it before; they do not approve it either.",
    )

    @api.constrains("owner_id", "sponsor_id", "company_id")
    def _check_people(self):
        for initiative in self:
            check_works_here(initiative, "owner_id", initiative.company_id)
            if initiative.sponsor_id:
                check_works_here(initiative, "sponsor_id", initiative.company_id)

    def _check_new_owner(self, vals):
        """Refuse an owner who approved the initiative before."""
        if "owner_id" not in vals:
            return
        for initiative in self:
            approver = initiative.approved_by
            if approver and approver.id == vals["owner_id"] != initiative.owner_id.id:
                raise UserError(
                    self.env._(
                        "%(person)s approved %(initiative)s and cannot own it. "
                        "Choose somebody else.",
                        person=approver.name,
                        initiative=initiative.display_name,
                    )
                )

    def _remember_owners(self, owners):
        """Remember who owned these initiatives before.

        :param owners: initiative → its owner so far
        """
        for initiative, owner in owners.items():
            if owner and owner != initiative.owner_id:
                # Nobody sets this by hand; the new owner was checked by the caller.
                initiative.sudo().former_owner_ids |= owner

    def _is_owned_before(self, user):
        """Check whether somebody owned the initiative, now or earlier."""
        # Who owned what is no secret; people who left are not read otherwise.
        own = self.sudo().with_context(active_test=False)
        return user in own.owner_id | own.former_owner_ids
