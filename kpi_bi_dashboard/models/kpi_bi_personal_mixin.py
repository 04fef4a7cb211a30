from odoo import api, models

from odoo.addons.kpi_base.audit import AuditEvent

NAMELESS = "kpi_bi_is_nameless"


class KpiBiPersonalMixin(models.AbstractModel):
    """Rows of customers: a file of them is logged, and names none by itself.

    Columns of a customer say its number there. Names are those of columns that exist
    for them, the contact and the reference, where somebody chooses these.
    """

    _name = "kpi.bi.personal.mixin"
    _description = "Customer Data"

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        nameless = self.with_context(**{NAMELESS: True})
        rows = super(KpiBiPersonalMixin, nameless)._export_rows(
            fields, _is_toplevel_call=_is_toplevel_call
        )
        if _is_toplevel_call:
            columns = ["/".join(path) for path in fields]
            values = {"model": self._name, "count": len(self), "columns": columns}
            event = AuditEvent(self.env.company, "customers_exported", values)
            self.env["kpi.audit.log"]._append([event])
        return rows


class KpiAuditLog(models.Model):
    """Words for what is logged of customers."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "customer_forgotten": self.env._("Customer forgotten"),
            "customers_exported": self.env._("Customers exported"),
        }
