from odoo import models


class KpiSecretMixin(models.AbstractModel):
    """Records with fields whose text nobody reads back::

    class Channel(models.Model):
        _inherit = ["kpi.secret.mixin"]

        address = Secret("address", "Secret Address")

    text = channel._read_secret("address")
    """

    _name = "kpi.secret.mixin"
    _description = "Record with Secrets"

    def _read_secret(self, name):
        """Read the secret of a field, for whoever is about to use it.

        :raises UserError: no key of the server opens it
        """
        self.ensure_one()
        return self.env["kpi.secret"]._read(self, name)

    def _has_secret(self, name):
        """Whether the field holds something, which may be unreadable."""
        self.ensure_one()
        return bool(self.env["kpi.secret"]._find_known(self, name))

    def unlink(self):
        # Read before: of a deleted record nothing is left to ask for.
        secrets = self.env["kpi.secret"]
        records = self.browse(self.ids)
        result = super().unlink()
        secrets._forget(records)
        return result
