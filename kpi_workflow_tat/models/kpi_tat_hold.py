import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.engine.worktime import FOREVER, to_instants
from odoo.addons.kpi_base.failure import failure_text
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.repeat import run_apart

from ..engine.clock import Pause

_logger = logging.getLogger(__name__)
BATCH = 500


class KpiTatHold(models.Model):
    """Time in which a request was on hold: no clock counted."""

    _name = "kpi.tat.hold"
    _description = "Request Hold"
    _inherit = ["kpi.readonly.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "request_id"

    request_id = fields.Many2one(
        "kpi.tat.request", required=True, readonly=True, ondelete="cascade", index=True
    )
    date_from = fields.Datetime("From", required=True, readonly=True)
    date_to = fields.Datetime("Until", readonly=True)
    limit_at = fields.Datetime(
        "Auto-Resume On",
        readonly=True,
    )
    user_id = fields.Many2one(
        "res.users", "By", required=True, readonly=True, ondelete="restrict"
    )
    reason = fields.Text(required=True, readonly=True)
    is_retroactive = fields.Boolean(
        "Retroactive",
        readonly=True,
        help="Added after the hold ended; clocks were corrected.",
    )

    _running_uniq = models.UniqueIndex(
        "(request_id) WHERE date_to IS NULL", "This request is already on hold."
    )
    _ends_after_it_begins = models.Constraint(
        "CHECK (date_to >= date_from)", "A hold must end after it starts."
    )
    _limit_idx = models.Index(
        "(limit_at) WHERE date_to IS NULL AND limit_at IS NOT NULL"
    )

    @api.depends("request_id", "date_from")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        """Name the request and the day; the reason is for whoever opens it."""
        for hold in self:
            request = hold.request_id.display_name
            hold.display_name = request and self.env._(
                "%(request)s, on hold since %(date)s",
                request=request,
                date=format_day(self.env, hold.date_from),
            )

    def _list_pauses(self):
        """These holds as pauses of the engine."""
        return tuple(
            Pause(
                int(to_instants([hold.date_from])[0]),
                int(to_instants([hold.date_to])[0]) if hold.date_to else FOREVER,
            )
            for hold in self
        )

    @api.model
    def _sweep_due(self):
        """Resume the requests whose hold has reached its limit; when one is next."""
        now = fields.Datetime.now()
        is_due = Domain("date_to", "=", False) & Domain("limit_at", "<=", now)
        waiting = self.search(is_due, order="limit_at, id")
        held = waiting.try_lock_for_update(limit=BATCH)
        held.invalidate_recordset()  # others may have ended some before

        def resume(some):
            for limit_at, holds in some.grouped("limit_at").items():
                holds.request_id._resume(limit_at)

        def put_off(hold, error):
            _logger.warning("%s does not end", hold, exc_info=error)
            hold.limit_at = now + timedelta(days=1)
            body = self.env._(
                "The hold could not be ended automatically: %s Next attempt in one "
                "day.",
                failure_text(self.env, error),
            )
            hold.request_id.message_post(body=body, subtype_xmlid="mail.mt_note")

        run_apart(self.env, held.filtered_domain(is_due), resume, put_off)
        if len(held) == BATCH:
            return now
        domain = [("date_to", "=", False), ("limit_at", ">", now)]
        return self.search(domain, order="limit_at", limit=1).limit_at or None
