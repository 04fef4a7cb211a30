from odoo import models

from .kpi_bi_opportunity_event import WATCHED


class CrmLead(models.Model):
    """Leads leave events behind."""

    _inherit = "crm.lead"

    def _create(self, data_list):
        leads = super()._create(data_list)
        self.env["kpi.bi.opportunity.event"]._follow(leads)
        return leads

    # pylint: disable-next=missing-return  # Odoo's returns nothing
    def _write_multi(self, vals_list):
        # This way comes all that is written, also what is computed.
        super()._write_multi(vals_list)
        if any(not vals.keys().isdisjoint(WATCHED) for vals in vals_list):
            self.env["kpi.bi.opportunity.event"]._follow(self)

    def unlink(self):
        self.env["kpi.bi.opportunity.event"]._follow(self)
        return super().unlink()
