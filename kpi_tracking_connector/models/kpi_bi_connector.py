from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_datetime

from odoo.addons.kpi_base.actions import show_notification
from odoo.addons.kpi_base.percent import format_number
from odoo.addons.kpi_base.roles import ADMIN

from ..engine.odata.options import read_options
from .ir_http import SCOPE
from .kpi_bi_feed import SETS

SERVICE = "/odata/kpi"
BUILT = ("rest_api",)
# Requests that follow each other within so many minutes are one reading.
READING_MINUTES = 10
READ_DAYS = 7


class KpiBiConnector(models.Model):
    """A way by which another program reads KPIs, as the person who owns it."""

    _name = "kpi.bi.connector"
    _description = "KPI Connector"
    _inherit = ["kpi.input.mixin"]
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
            ("hourly", "Every Hour"),
            ("daily", "Daily"),
            ("weekly", "Weekly"),
            ("monthly", "Monthly"),
        ],
        "Schedule",
        default="daily",
    )
    data_format = fields.Selection(
        [
            ("flat_table", "Flat Table"),
            ("hierarchical", "Hierarchical JSON"),
            ("time_series", "Time Series"),
            ("aggregated", "Pre-aggregated"),
        ],
        "Format",
        default="flat_table",
    )
    owner_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        help="Programs read what this person may see.",
    )
    is_mine = fields.Boolean(compute="_compute_is_mine", exportable=False)
    address = fields.Char(compute="_compute_address", exportable=False)
    gives = fields.Char(compute="_compute_gives", exportable=False)
    last_reading = fields.Char(
        "Last Read", compute="_compute_last_reading", exportable=False
    )

    @api.depends("owner_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for each in self:
            each.is_mine = each.owner_id == self.env.user

    @api.depends("connector_type")
    def _compute_address(self):
        for each in self:
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
            return self.env._("Nothing: this person may not see KPIs.")
        kpis = feed.env["kpi.report"].search(Domain.TRUE)
        values = feed._count_rows(SETS["Facts"])
        return self.env._(
            "%(kpis)s KPIs of %(companies)s companies, %(values)s values",
            kpis=format_number(self.env, len(kpis), 0),
            companies=len(kpis.company_id),
            values=format_number(self.env, values, 0),
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
            "%(moment)s with the key “%(key)s”: %(pages)s pages, %(seconds)s s",
            moment=format_datetime(self.env, last.recorded_at),
            key=last.key_name,
            pages=pages,
            seconds=format_number(self.env, spent / 1000, 1),
        )

    @api.constrains("owner_id")
    def _check_owner(self):
        """Let nobody hand out what somebody else may see."""
        # Constraints run as superuser: whose wish it is says the user alone.
        if self.owner_id - self.env.user and not self.env.user.has_group(ADMIN):
            raise ValidationError(
                self.env._("Only the owner can give other programs what they see.")
            )

    @api.constrains("connector_type")
    def _check_type(self):
        if any(each.connector_type not in BUILT for each in self):
            raise ValidationError(self.env._("This type is not available yet."))

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
            raise UserError(self.env._("The owner is archived: choose another one."))
        feed = self._get_feed()
        for each in SETS.values():
            feed._read_page(each, read_options([("$top", "1")], each))
        return show_notification(self.env._("It works: %s", self._describe_rows()))

    def action_make_key(self):
        """Make a key, which the owner alone can."""
        self.ensure_one()
        if not self.is_mine:
            raise UserError(self.env._("The owner makes the key."))
        scope = self.env["kpi.api.scope"].search([("code", "=", SCOPE)])
        action = self.env["kpi.api.key.wizard"]._action_open()
        context = {"default_name": self.name, "default_scope_ids": scope.ids}
        return {**action, "context": context}
