from odoo import api, fields, models
from odoo.tools import SQL


class KpiDealSplit(models.Model):
    """Each change of a share is an entry in the audit log of its deal."""

    _name = "kpi.deal.split"
    _inherit = ["kpi.deal.split", "kpi.audited.part.mixin"]
    _audited_model, _audited_link = "kpi.deal", "deal_id"
    _audited_name = "share"
    _audited_events = "deal_share_"

    def _prepare_log_values(self):
        return {
            "agent": self.agent_id.id,
            "from": _day(self.date_from),
            "percent": f"{self._share():f}",
            "share": self.id,
            "to": _day(self.date_to),
            "type": self.split_type,
        }

    @api.model
    def _get_audited_members(self):
        return {
            "agent": SQL("held.agent_id"),
            "from": SQL("held.date_from::text"),
            "percent": SQL("held.share_percent::numeric(7, 4)::text"),
            "share": SQL("held.id"),
            "to": SQL("held.date_to::text"),
            "type": SQL("held.split_type"),
        }


def _day(day):
    return fields.Date.to_string(day) if day else None
