import base64
import json
import logging
from datetime import timedelta
from random import Random

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.kpi_base.actions import show_notification
from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.engine.delivery import retry_delay
from odoo.addons.kpi_base.failure import failure_text
from odoo.addons.kpi_base.formatting import format_moment, format_number
from odoo.addons.kpi_base.models.record.session_lock import session_lock
from odoo.addons.kpi_base.repeat import repeat_late, try_apart
from odoo.addons.kpi_base.roles import ADMIN

from ..engine.odata.options import read_options
from .ir_http import SCOPE
from .kpi_bi_feed import FACTS, SETS, Mark

_logger = logging.getLogger(__name__)

SERVICE = "/odata/kpi"
CRON = "kpi_tracking_connector.kpi_bi_connector_cron"
FILES = ("csv_export", "json_feed", "webhook")  # types that write some
LOCK_SPACE = 1_262_570_842  # of exports; requests that wait have the number before
KEPT_FILES = 10
OF_VALUES = ("flat_table", "time_series")
# Another one of these, and what the reader has is not what changes are made to.
NEW_ROWS = {"connector_type", "data_format", "owner_id", "is_changes_only"}
# how long after one file the next one is due
INTERVALS = {
    "hourly": relativedelta(hours=1),
    "daily": relativedelta(days=1),
    "weekly": relativedelta(weeks=1),
    "monthly": relativedelta(months=1),
}
# Requests that follow each other within so many minutes are one reading.
READING_MINUTES = 10
READ_DAYS = 7


class KpiBiConnector(models.Model):
    """A way by which another program reads KPIs, as the person who owns it."""

    _name = "kpi.bi.connector"
    _description = "KPI Connector"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin"]
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    connector_type = fields.Selection(
        [
            ("odbc", "ODBC Connection"),
            ("rest_api", "OData (Excel, Power BI, Tableau)"),
            ("webhook", "Webhook"),
            ("csv_export", "CSV Export"),
            ("json_feed", "JSON Feed"),
        ],
        "Type",
        required=True,
        default="rest_api",
    )
    export_schedule = fields.Selection(
        [
            ("hourly", "Hourly"),
            ("daily", "Daily"),
            ("weekly", "Weekly"),
            ("monthly", "Monthly"),
        ],
        "Schedule",
        required=True,
        default="daily",
    )
    data_format = fields.Selection(
        [
            ("flat_table", "Flat Table"),
            ("hierarchical", "Hierarchical JSON"),
            ("time_series", "Time Series"),
            ("aggregated", "Pre-Aggregated"),
        ],
        "Format",
        required=True,
        default="flat_table",
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        help="Programs read what this person can access.",
    )
    webhook_id = fields.Many2one(
        "kpi.webhook",
        index="btree_not_null",
        ondelete="restrict",
        help="Receives a link to each file.",
    )
    is_changes_only = fields.Boolean(
        "Changes Only",
        help="The first file has all rows; later files have only changes.",
    )
    next_export_at = fields.Datetime(
        "Next Export", readonly=True, copy=False, index="btree_not_null"
    )
    last_error = fields.Char("Reason", readonly=True, copy=False)
    failure_count = fields.Integer(readonly=True, copy=False, exportable=False)
    retry_at = fields.Datetime("Next Attempt", readonly=True, copy=False)
    mark = fields.Json(readonly=True, copy=False, exportable=False)
    export_ids = fields.One2many(
        "kpi.bi.export", "connector_id", "Files", readonly=True
    )
    is_mine = fields.Boolean(compute="_compute_kind", exportable=False)
    is_file = fields.Boolean(compute="_compute_kind", exportable=False)
    address = fields.Char(compute="_compute_kind", exportable=False)
    gives = fields.Char(string="Provides", compute="_compute_gives", exportable=False)
    last_reading = fields.Char(
        "Last Read", compute="_compute_last_reading", exportable=False
    )

    _connector_type_choices = Choices("connector_type")
    _export_schedule_choices = Choices("export_schedule")
    _data_format_choices = Choices("data_format")

    @api.depends("connector_type", "owner_id")
    @api.depends_context("uid")
    def _compute_kind(self):
        for each in self:
            each.is_mine = bool(each._origin) and each.owner_id == self.env.user
            each.is_file = each.connector_type in FILES
            is_read = each.connector_type == "rest_api"
            each.address = is_read and f"{each.get_base_url()}{SERVICE}/"

    @api.depends("owner_id")
    def _compute_gives(self):
        for each in self:
            each.gives = each.owner_id and each._describe_rows()

    def _describe_rows(self):
        """How much the owner may read, in a sentence."""
        feed = self._get_feed()
        if not feed.env["kpi.report"].has_access("read"):
            return self.env._("No access to KPIs.")
        kpis = feed.env["kpi.report"].search(Domain.TRUE)
        counted = (
            (len(kpis), self.env._("1 KPI"), self.env._("%s KPIs")),
            (
                len(kpis.company_id),
                self.env._("1 company"),
                self.env._("%s companies"),
            ),
            (feed._count_rows(FACTS), self.env._("1 value"), self.env._("%s values")),
        )
        return ", ".join(
            say_count(count, one, more, format_number(self.env, count, 0))
            for count, one, more in counted
        )

    @api.depends("owner_id")
    def _compute_last_reading(self):
        for each in self:
            each.last_reading = each.owner_id and each._describe_reading()

    def _describe_reading(self):
        """When programs read last with a key of the owner, in a sentence."""
        # The log is for administrators; this is one's own, and has no addresses.
        log = self.env["kpi.api.log"].sudo()
        mine = [
            ("user_id", "=", self.owner_id.id),
            ("route", "=like", f"{SERVICE}%"),
            ("status", "=", 200),
            (
                "recorded_at",
                ">",
                fields.Datetime.subtract(fields.Datetime.now(), days=READ_DAYS),
            ),
        ]
        last = log.search(mine, limit=1)
        if not last:
            return self.env._("Not read in the last %s days", READ_DAYS)
        since = fields.Datetime.subtract(last.recorded_at, minutes=READING_MINUTES)
        ((pages, spent),) = log._read_group(
            [*mine, ("recorded_at", ">", since), ("key_id", "=", last.key_id)],
            aggregates=["__count", "milliseconds:sum"],
        )
        return self.env._(
            "%(moment)s with key “%(key)s”: %(pages)s, %(seconds)s s",
            moment=format_moment(self.env, last.recorded_at),
            key=last.key_name,
            pages=say_count(pages, self.env._("1 page"), self.env._("%s pages")),
            seconds=format_number(self.env, spent / 1000, 1),
        )

    @api.constrains("owner_id")
    def _check_owner(self):
        """Let nobody hand out what somebody else may see."""
        # Constraints run as superuser: whose wish it is says the user alone.
        if self.owner_id - self.env.user and not self.env.user.has_group(ADMIN):
            raise ValidationError(
                self.env._("Only KPI administrators can set someone else as owner.")
            )

    @api.constrains("connector_type", "webhook_id", "owner_id")
    def _check_webhook(self):
        for each in self:
            is_sent = each.connector_type == "webhook"
            if is_sent and each.webhook_id.owner_id != each.owner_id:
                raise ValidationError(self.env._("Choose one of the owner's webhooks."))

    @api.constrains("connector_type", "data_format", "is_changes_only")
    def _check_format(self):
        for each in self:
            is_tree = each.data_format == "hierarchical"
            if is_tree and each.connector_type == "csv_export":
                raise ValidationError(
                    self.env._("CSV files cannot be hierarchical. Choose JSON Feed.")
                )
            if each.is_changes_only and each.data_format not in OF_VALUES:
                raise ValidationError(
                    self.env._(
                        "Changes can only be exported as Flat Table or Time Series."
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if NEW_ROWS & vals.keys():
            # How exports go is the engine's: the next file has all rows.
            self.sudo().mark = False
        if {"sftp_host", "owner_id"} & vals.keys():
            self._forget_sftp(vals)
        if "active" in vals:
            # Whose rows a login gets is the engine's; rights that ended, end now.
            self.env["kpi.bi.schema"].sudo()._sweep_allowed()
        return result

    def action_export(self):
        """Write a file soon, and from then on by the schedule."""
        self.check_access("write")
        # How exports go is the engine's; the right to change it was asked for.
        self.sudo().next_export_at = fields.Datetime.now()
        # Crons are the administrators'; waking this one only makes it look earlier.
        self.env.ref(CRON).sudo()._trigger()

    def action_turn_off(self):
        """Write no more files until one is asked for."""
        self.check_access("write")
        # As above.
        self.sudo().write({"next_export_at": False, "retry_at": False})

    @api.model
    def _cron_export(self):
        """Write the files that are due, one after the other; each commits by itself."""
        now = fields.Datetime.now()
        is_due = Domain("next_export_at", "<=", now) | Domain("retry_at", "<=", now)
        of_files = Domain("connector_type", "in", FILES)
        due = self.search(is_due & of_files, order="next_export_at, id")
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for each in due:
            with session_lock(self.env.cr, LOCK_SPACE, each.id) as is_ours:
                if is_ours:
                    each._export()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _export(self):
        """Write one file as the owner; what went wrong is stored."""
        values, mark, reason = {}, False, False
        try:
            with self.env.cr.savepoint():
                values, mark = self._write_file()
            if self.sftp_host:
                # Nobody waits for rows while a far server takes its time.
                self.env["ir.cron"]._commit_progress()
                content = base64.b64decode(values["file"])
                self._send_sftp(values["file_name"], content, values["manifest"])
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.exception("Connector %s failed", self.id)
            values, reason = {}, failure_text(self.env, error)
        repeat_late(self.env, self._note_end, values, mark, reason)

    def _write_file(self):
        """Values of a ``kpi.bi.export``, and the mark that the next one begins at."""
        if not self.owner_id.active:
            raise UserError(self.env._("The owner is archived. Choose another."))
        feed = self._get_feed()
        if not feed.env["kpi.measurement"].has_access("read"):
            raise UserError(self.env._("The owner cannot access KPIs."))
        since = Mark(*self.mark) if self.is_changes_only and self.mark else None
        if since and feed._find_gap(since):
            since = None  # all rows
        mark = feed._take_mark()
        content, manifest = feed._write_file(
            self.connector_type, self.data_format, since
        )
        manifest |= {"from": since and since.xid, "to": mark.xid}
        now = fields.Datetime.now()
        suffix = "csv" if self.connector_type == "csv_export" else "jsonl"
        return {
            "connector_id": self.id,
            "file": base64.b64encode(content),
            "file_name": f"{self.name} {now:%Y-%m-%d %H%M%S}.{suffix}.gz",
            "row_count": manifest["rows"],
            "is_full": not since,
            "manifest": json.dumps(manifest),
        }, mark

    def _note_end(self, values, mark, reason):
        """Store a file, or the reason why there is none; the next one is due."""
        now = fields.Datetime.now()
        due = self.next_export_at or now
        while due <= now:
            due += INTERVALS[self.export_schedule]
        if values and (error := try_apart(self.env, self._store_file, values, mark)):
            reason = failure_text(self.env, error)
        count = self.failure_count + 1 if reason else 0
        retry_at = False
        if count:
            pause = timedelta(seconds=retry_delay(count, Random()))
            retry_at = min(now + pause, due)
            self.env.ref(CRON)._trigger(retry_at)
        self.write(
            {
                "next_export_at": due,
                "last_error": reason,
                "failure_count": count,
                "retry_at": retry_at,
            }
        )

    def _store_file(self, values, mark):
        """Store a file in place of the oldest one."""
        self.mark = mark
        export = self.env["kpi.bi.export"].create(values)
        if self.connector_type == "webhook":
            export._queue_webhook()
        self.export_ids.sorted("id", reverse=True)[KEPT_FILES:].unlink()

    def unlink(self):
        # Files go with it, also from the server's disk; they are the engine's.
        self.sudo().export_ids.unlink()
        return super().unlink()

    def _get_feed(self):
        """The feed as the owner, with all companies of theirs."""
        feed = self.env["kpi.bi.feed"].with_context(allowed_company_ids=None)
        # Less, not more: as whom programs read.
        return feed.with_user(self.owner_id)

    def action_test(self):
        """Read some rows as a program would, and say how many there are."""
        self.ensure_one()
        self.check_access("write")
        if not self.owner_id.active:
            raise UserError(self.env._("The owner is archived. Choose another."))
        feed = self._get_feed()
        for each in SETS.values():
            feed._read_page(each, read_options([("$top", "1")], each))
        # Whose rows a login gets is the engine's; rights that ended, end now.
        self.env["kpi.bi.schema"].sudo()._sweep_allowed()
        return show_notification(self.env._("Test passed: %s", self._describe_rows()))

    def action_make_key(self):
        """Make a key, which the owner alone can."""
        self.ensure_one()
        if not self.is_mine:
            raise UserError(self.env._("Only the owner can create a key."))
        scope = self.env["kpi.api.scope"].search([("code", "=", SCOPE)])
        action = self.env["kpi.api.key.wizard"]._action_open()
        context = {"default_name": self.name, "default_scope_ids": scope.ids}
        return {**action, "context": context}
