from odoo import api, models
from odoo.exceptions import LockError


class Base(models.AbstractModel):
    """Locks in words: Odoo's own refusal speaks of “a lock on records”."""

    _inherit = "base"

    @api.private
    def lock_for_update(self, *, allow_referencing=False):
        try:
            super().lock_for_update(allow_referencing=allow_referencing)
        except LockError as error:
            raise LockError(
                self.env._(
                    "Somebody else is changing the same record (%s) at this moment."
                    " Look at it again.",
                    self.env["ir.model"]._get(self._name).sudo().name,
                )
            ) from error
