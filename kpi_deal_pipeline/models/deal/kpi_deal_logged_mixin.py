from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.kpi_tracking.models.audit.kpi_audit_log import AuditEvent


class KpiDealLoggedMixin(models.AbstractModel):
    """Parts of a deal whose changes are entries in the audit log of the deal.

    ``_audited_name`` is what such a part is called in its entries.
    """

    _name = "kpi.deal.logged.mixin"
    _inherit = ["kpi.audited.state.mixin", "kpi.kept.mixin"]
    _description = "Part of a Deal, Logged with It"
    _audited_model = "kpi.deal"
    _audited_link = "deal_id"

    def _logged_values(self):
        """What it is, as entries hold it; nothing personal."""
        raise NotImplementedError

    def _logged_texts(self):
        """Name → personal text."""
        return {}

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._log_parts("added")
        return parts

    def write(self, vals):
        self._check_same_deal(vals)
        before = {part: part._logged() for part in self}
        result = super().write(vals)
        self.filtered(lambda part: part._logged() != before[part])._log_parts("changed")
        return result

    def unlink(self):
        self._log_parts("removed")
        return super().unlink()

    def _logged(self):
        return self._logged_values(), self._logged_texts()

    def _check_same_deal(self, vals):
        if "deal_id" in vals and any(
            part.deal_id.id != vals["deal_id"] for part in self
        ):
            raise UserError(
                self.env._(
                    "%s: it stays with its deal. Remove it, and enter it in the other"
                    " one.",
                    self._description,
                )
            )

    def _log_parts(self, what):
        """Log each, in one statement, whoever changes it."""
        # The deal before the end of its chain, in all transactions: else two of them
        # would wait for each other.
        self.deal_id.flush_recordset()
        entries = self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    part.deal_id, f"{self._audited_events}{what}", *part._logged()
                )
                for part in self
            ]
        )
        self._link_entries(entries)
