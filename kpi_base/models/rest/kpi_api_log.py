import logging

from psycopg2 import Error

from odoo import api, fields, models
from odoo.sql_db import PoolError

from ..record.base import insert_sql

_logger = logging.getLogger(__name__)
KEPT_DAYS = 90
MOST_IDS = 100


class KpiApiLog(models.Model):
    """Request to the REST interface: who sent it, for what, and its outcome.

    Plain numbers instead of links: what is logged outlives keys, users and records, and
    writing it waits for none of them.
    """

    _name = "kpi.api.log"
    _description = "API Log"
    _order = "id desc"
    _rec_name = "request_id"
    _log_access = False

    recorded_at = fields.Datetime("Time", readonly=True, index=True)
    request_id = fields.Char(readonly=True, index=True)
    key_id = fields.Integer("Key ID", readonly=True, exportable=False)
    key_name = fields.Char("Key", readonly=True)
    user_id = fields.Integer("User ID", readonly=True, exportable=False)
    user_name = fields.Char("User", compute="_compute_user_name")
    is_token = fields.Boolean("Token Used", readonly=True)
    method = fields.Char(readonly=True)
    route = fields.Char(readonly=True)
    record_ids = fields.Char("Record IDs", readonly=True)
    status = fields.Integer("HTTP Status", readonly=True, aggregator=False)
    milliseconds = fields.Integer(readonly=True, aggregator="avg")
    address = fields.Char("From", readonly=True)

    def _compute_user_name(self):
        users = self.env["res.users"].browse(self.mapped("user_id")).exists()
        # Names of colleagues, for administrators, who alone read this.
        names = {user.id: user.name for user in users.sudo()}
        for line in self:
            line.user_name = names.get(line.user_id, "")

    @classmethod
    def _record(cls, request, call, status):
        """Write a line on a connection of its own; a failure there breaks nothing."""
        identity = call.identity
        ids = [] if call.is_confidential else call.record_ids[:MOST_IDS]
        values = {
            "recorded_at": fields.Datetime.now(),
            "request_id": call.request_id,
            "key_id": identity and identity.key_id,
            "key_name": identity and identity.key_name,
            "user_id": identity and identity.user_id,
            "is_token": bool(identity and identity.is_token),
            "method": request.httprequest.method,
            "route": call.route,
            "record_ids": ", ".join(map(str, ids)),
            "status": status,
            "milliseconds": call.milliseconds,
            "address": request.httprequest.remote_addr or "",
        }
        columns = {name: [value] for name, value in values.items()}
        try:
            with request.env["kpi.api.counter"]._side_cursor() as cr:
                cr.execute(insert_sql(request.env[cls._name], columns))
        except (Error, PoolError):
            _logger.warning("request %s is not in the access log", call.request_id)

    @api.autovacuum
    def _gc_log(self):
        # The setting is for administrators to read; here it only says what is old.
        param = self.env["ir.config_parameter"].sudo().get_param
        days = int(param("kpi_base.api_log_days", KEPT_DAYS))
        self.env.cr.execute(
            "DELETE FROM kpi_api_log WHERE recorded_at"
            " < now() AT TIME ZONE 'UTC' - %s * interval '1 day'",
            (days,),
        )
