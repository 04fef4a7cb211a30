from odoo import api, models


class KpiAuditLog(models.Model):
    """Words for what is logged of deals and commissions, there and in timelines."""

    _inherit = "kpi.audit.log"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "deal_stage_transition": self.env._("Stage changed"),
            "deal_value_change": self.env._("Deal changed"),
            "deal_closing_corrected": self.env._("Closing date corrected"),
            "deal_share_added": self.env._("Share added"),
            "deal_share_changed": self.env._("Share changed"),
            "deal_share_removed": self.env._("Share removed"),
            "deal_contact_added": self.env._("Contact added"),
            "deal_contact_changed": self.env._("Contact changed"),
            "deal_contact_removed": self.env._("Contact removed"),
            **self._commission_labels(),
            "deal_commission_statement_issued": self.env._("Statement issued"),
            "deal_commission_statement_acknowledged": self.env._(
                "Statement acknowledged"
            ),
            "deal_commission_statement_paid": self.env._("Statement paid"),
            "commission_plan_added": self.env._("Commission plan added"),
            "commission_plan_changed": self.env._("Commission plan changed"),
            "commission_plan_removed": self.env._("Commission plan removed"),
        }

    @api.model
    def _commission_labels(self):
        return {
            "deal_commission_introduced": self.env._("Commission added"),
            "deal_commission_computed": self.env._("Commission computed"),
            "deal_commission_terms_changed": self.env._("Commission terms changed"),
            "deal_commission_changed": self.env._("Commission changed"),
            "deal_commission_confirmed": self.env._("Commission approved"),
            "deal_commission_status_change": self.env._("Commission status changed"),
            "deal_commission_status_change invoiced": self.env._("Commission invoiced"),
            "deal_commission_status_change paid": self.env._("Commission paid"),
            "deal_commission_status_change written_off": self.env._(
                "Commission written off"
            ),
            "deal_commission_adjusted": self.env._("Commission adjusted"),
            "deal_commission_priced": self.env._(
                "Commission converted after the exchange rate was added"
            ),
            "deal_commission_disputed": self.env._("Commission disputed"),
            "deal_commission_dispute_resolved": self.env._("Dispute decided"),
            "deal_instalment_booked": self.env._("Installment booked"),
        }
