from odoo import api, models
from odoo.exceptions import UserError


class KpiInvitationMixin(models.AbstractModel):
    """Row of Odoo's by which people hear of a record.

    Where that record is a ``kpi.invited.thread.mixin``, they have to be allowed to see
    it; of a ``kpi.confidential.mixin`` nobody hears. Whoever extends a model by this
    says where its people are, by ``_invited_fields`` and ``_get_invited``.
    """

    _name = "kpi.invitation.mixin"
    _description = "KPI Invitation"

    _invited_fields: tuple[str, ...] = ()  # a change of these is asked about

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_invitations()
        return rows

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(self._invited_fields):
            self._check_invitations()
        return result

    def _check_invitations(self):
        """Refuse people who may not see the record, and all of a confidential one.

        :raises UserError: saying who
        """
        mixin = self.env.registry["kpi.invited.thread.mixin"]
        confidential = self.env.registry["kpi.confidential.mixin"]
        # Rows of Odoo's are looked at whoever made them; they are not shown.
        for (model, res_id), rows in self.sudo().grouped(_find_key).items():
            if model in self.env and isinstance(self.env[model], confidential):
                self.env[model]._refuse_telling()
            if res_id and model in self.env and isinstance(self.env[model], mixin):
                record = self.env[model].browse(res_id)
                record._check_invited(rows._get_invited())

    def _get_invited(self):
        """People who hear of the record by these rows."""
        return self.partner_ids

    def _refuse_addresses(self, name):
        """Refuse email addresses, of which nobody knows who reads them.

        :param name: of the field that holds them
        :raises UserError: saying which
        """
        addresses = [address for address in self.mapped(name) if address]
        if addresses:
            raise UserError(
                self.env._(
                    "A discussion of a KPI is not sent to email addresses: %s",
                    ", ".join(addresses),
                )
            )

    def _get_invited_to(self):
        """Return model and id of the record that they hear of."""
        return self.model, self.res_id


def _find_key(row):
    return row._get_invited_to()
