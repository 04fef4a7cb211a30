from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, config

from odoo.addons.kpi_base.actions import show_notification
from odoo.addons.kpi_base.engine.fault import Fault
from odoo.addons.kpi_base.fields import Secret
from odoo.addons.kpi_base.formatting import format_number

from ..engine.adapters import ADAPTERS, Place

OPTION = "kpi_warehouse_path"
WAITING_SECONDS = 15  # while somebody waits for a button
GIGABYTE = 10**9


class KpiWarehouse(models.Model):
    """Where records lie that are too many for Odoo: an engine that is asked for sums.

    What it may cost is limited here, what it did cost is shown per month.
    """

    _name = "kpi.warehouse"
    _description = "Warehouse"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin", "kpi.secret.mixin"]
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    engine = fields.Selection(
        [(key, adapter.name) for key, adapter in ADAPTERS.items()],
        required=True,
        default="duckdb",
    )
    host = fields.Char(help="Server name without https://.")
    port = fields.Integer(
        compute="_compute_port", store=True, readonly=False, precompute=True
    )
    path = fields.Char(
        "Folder or Database",
        help="Files: subfolder on the server. Trino: catalog/schema. Others: database.",
    )
    login = fields.Char("User Name")
    password = Secret("password", "Password or Token")
    is_encrypted = fields.Boolean("TLS", default=True)
    most_seconds = fields.Integer("Time Limit (s)", required=True, default=300)
    most_gigabytes = fields.Float(
        "Scan Limit (GB)",
        default=50.0,
        help="Larger queries are skipped. 0 means no limit.",
    )
    most_groups = fields.Integer("Row Limit", required=True, default=200_000)
    company_id = fields.Many2one(
        "res.company", index=True, default=lambda self: self.env.company
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    dataset_ids = fields.One2many("kpi.warehouse.dataset", "warehouse_id", "Datasets")
    month_ids = fields.One2many("kpi.warehouse.month", "warehouse_id", "Cost")

    _limits_positive = models.Constraint(
        "CHECK (most_seconds > 0 AND most_groups > 0 AND most_gigabytes >= 0)",
        "Limits must be positive.",
    )

    @api.depends("engine")
    def _compute_port(self):
        for warehouse in self:
            adapter = ADAPTERS.get(warehouse.engine)
            warehouse.port = adapter and adapter.port

    @api.constrains("engine", "host", "port", "is_encrypted")
    def _check_host(self):
        for warehouse in self.filtered(lambda each: ADAPTERS[each.engine].port):
            warehouse._check_reachable()

    def write(self, vals):
        moved = {"host", "port", "engine"} & vals.keys()
        if moved and "password" not in vals:
            other = self.filtered(lambda each: any(each[n] != vals[n] for n in moved))
            # A password that was typed for one server is not sent to another.
            other.password = False
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Nor with it measures that KPIs are made of, which the database deletes."""
        measures = self.env["kpi.warehouse.measure"]
        measures.search([("dataset_id.warehouse_id", "in", self.ids)])._refuse_used()

    def action_test(self):
        """Connect, and say so."""
        self.ensure_one()
        self.check_access("write")
        with self._catching(), self._open(WAITING_SECONDS):
            pass
        return show_notification(self.env._("Connection successful."))

    def _check_reachable(self):
        """Refuse servers that people may not have us knock at."""
        if "/" in (self.host or ""):
            raise ValidationError(
                self.env._("“%s” is not a server name. Omit https://.", self.host)
            )
        self.env["kpi.outgoing"]._check_address(f"https://{self.host}:{self.port}/")

    def _open(self, seconds=None):
        """The adapter, to be used in a ``with`` statement.

        :raises Fault: of the pure code, as ``_catching`` says it
        """
        adapter = ADAPTERS[self.engine]
        if adapter.port:
            self._check_reachable()
        place = Place(
            seconds=min(seconds or self.most_seconds, self.most_seconds),
            host=self.host or "",
            port=self.port,
            path=self.path or "",
            login=self.login or "",
            password=self._read_secret("password"),
            folder=config.get(OPTION) or "",
            is_encrypted=self.is_encrypted,
        )
        return adapter(place)

    @contextmanager
    def _catching(self):
        """Faults of the pure code as refusals in the words of the user."""
        try:
            yield
        except Fault as error:
            # Collected where they are written, as ``_lt``.
            reason = error.translate_with(lambda text: self.env._(text))
            raise UserError(reason) from error

    def _check_scan(self, size):
        """Refuse to read more than the limit, or what nobody knows the size of."""
        if not self.most_gigabytes:
            return
        if size is None:
            raise UserError(
                self.env._(
                    "%s cannot estimate a query's size. Remove the scan limit to "
                    "run it anyway.",
                    self.name,
                )
            )
        if size > self.most_gigabytes * GIGABYTE:
            raise UserError(
                self.env._(
                    "Query not run: it would read %(size)s (limit: %(limit)s).",
                    size=self._format_bytes(size),
                    limit=self._format_bytes(self.most_gigabytes * GIGABYTE),
                )
            )

    @api.model
    def _format_bytes(self, size):
        """Bytes as people say them: “1.9 GB”."""
        for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
            if size >= factor:
                return f"{format_number(self.env, size / factor, 1)}\u202f{unit}"
        return f"{format_number(self.env, size / 1e3, 1)}\u202fkB"

    def _count_cost(self, seconds, size):
        """Add a query to what this month has cost."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kpi_warehouse_month AS cost
                       (warehouse_id, month, query_count, seconds, gigabytes)
                VALUES (%s, date_trunc('month', now() AT TIME ZONE 'UTC')::date,
                        1, %s, %s)
           ON CONFLICT (warehouse_id, month)
             DO UPDATE SET query_count = cost.query_count + 1,
                           seconds = cost.seconds + EXCLUDED.seconds,
                           gigabytes = cost.gigabytes + EXCLUDED.gigabytes
                """,
                self.id,
                seconds,
                (size or 0) / GIGABYTE,
            )
        )
        self.month_ids.invalidate_model()
        self.invalidate_recordset(["month_ids"])


class KpiWarehouseMonth(models.Model):
    """What the queries of one month cost; counted by the engine only."""

    _name = "kpi.warehouse.month"
    _description = "Warehouse Cost"
    _order = "month desc, id desc"
    _rec_name = "month"
    _log_access = False

    warehouse_id = fields.Many2one(
        "kpi.warehouse", required=True, readonly=True, ondelete="cascade"
    )
    month = fields.Date(required=True, readonly=True)
    query_count = fields.Integer("Queries", readonly=True)
    seconds = fields.Float(readonly=True)
    gigabytes = fields.Float("Read (GB)", readonly=True, digits=(16, 3))

    _month_uniq = models.UniqueIndex("(warehouse_id, month)")
