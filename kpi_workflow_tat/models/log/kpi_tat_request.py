from odoo import api, fields, models
from odoo.exceptions import UserError


class KpiTatRequest(models.Model):
    """Requests of event logs: nobody is asked, and no clock runs."""

    _inherit = "kpi.tat.request"

    is_imported = fields.Boolean(
        "Imported",
        readonly=True,
        copy=False,
        help="A case of an event log. Nobody is asked or reminded.",
    )
    source = fields.Char(
        readonly=True, copy=False, help="File that the case was imported from."
    )
    event_ids = fields.One2many("kpi.tat.event", "request_id", "Events", readonly=True)

    _case_uniq = models.UniqueIndex(
        "(company_id, template_id, number) WHERE is_imported",
        "This case was imported already.",
    )

    @api.depends("is_imported")
    def _compute_can_hold(self):
        result = super()._compute_can_hold()
        self.filtered("is_imported").can_hold = False
        return result

    def _check_can_hold(self):
        result = super()._check_can_hold()
        self._check_not_imported()
        return result

    def _recompute_clocks(self, reason, **rules):
        self._check_is_officer()
        self._check_not_imported()
        return super()._recompute_clocks(reason, **rules)

    def _check_following(self, status):
        self._check_not_imported()
        return super()._check_following(status)

    def _check_not_imported(self):
        """:raises UserError: one is a case of a log, which alone says its status"""
        for request in self:
            if request.is_imported:
                raise UserError(
                    self.env._(
                        "%s was imported: its status is that of the log.",
                        request.display_name,
                    )
                )
