import re
import time
from contextlib import suppress

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.kpi_base.actions import (
    RELOAD,
    open_dialog,
    open_form,
    show_notification,
)
from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.engine.fault import Fault
from odoo.addons.kpi_base.formatting import format_moment, format_number

from ..engine.dataset import (
    Column,
    Condition,
    Dataset,
    DatasetFault,
    Measure,
    check_measure,
    classify_type,
    read_cells,
    write_condition,
)
from ..engine.statement import compile_sample, compile_select, list_columns
from .kpi_warehouse import WAITING_SECONDS
from .kpi_warehouse_code import FOUND_BY

CODE = re.compile(r"[a-z][a-z0-9_]{0,62}")
SAMPLE_ROWS = 20


class KpiWarehouseCoded(models.AbstractModel):
    """What KPIs name, by a code that stays while they do."""

    _name = "kpi.warehouse.coded.mixin"
    _description = "Warehouse Item with Code"
    _inherit = ["kpi.input.mixin"]

    code = fields.Char(required=True, help="Name in KPIs, e.g. orders.revenue.")

    @api.constrains("code")
    def _check_code(self):
        for record in self:
            if not CODE.fullmatch(record.code):
                raise ValidationError(
                    self.env._(
                        "“%s” is not a valid code. Use a–z, digits and “_”.",
                        record.code,
                    )
                )

    def write(self, vals):
        renamed = self.filtered(lambda each: vals.get("code", each.code) != each.code)
        renamed._list_measures()._refuse_used()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._list_measures()._refuse_used()


class KpiWarehouseDataset(models.Model):
    """A table of a warehouse: what of it is measured, by which day, for whom."""

    _name = "kpi.warehouse.dataset"
    _description = "Warehouse Dataset"
    _inherit = ["kpi.warehouse.coded.mixin", "kpi.readonly.mixin"]
    _order = "code, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    warehouse_id = fields.Many2one(
        "kpi.warehouse", required=True, index=True, ondelete="cascade"
    )
    table_name = fields.Char(
        "Table or Files", required=True, help="e.g. sales.orders, or orders/*.parquet."
    )
    column_ids = fields.One2many("kpi.warehouse.column", "dataset_id", "Columns")
    day_column_id = fields.Many2one("kpi.warehouse.column", "Day", ondelete="restrict")
    day_tz = fields.Selection(
        _tz_get,
        "Time Zone",
        required=True,
        default="UTC",
        help="Time zone of the recorded dates.",
    )
    company_column_id = fields.Many2one(
        "kpi.warehouse.column",
        "Company",
        ondelete="restrict",
        help="Leave empty to use the warehouse's company.",
    )
    department_column_id = fields.Many2one(
        "kpi.warehouse.column", "Department", ondelete="restrict"
    )
    team_column_id = fields.Many2one(
        "kpi.warehouse.column", "Team", ondelete="restrict"
    )
    user_column_id = fields.Many2one(
        "kpi.warehouse.column", "User", ondelete="restrict"
    )
    version_column_id = fields.Many2one(
        "kpi.warehouse.column",
        ondelete="restrict",
        help="Used if the engine cannot detect changes: a new highest value means "
        "the table changed.",
    )
    condition_ids = fields.One2many(
        "kpi.warehouse.condition", "dataset_id", "Conditions"
    )
    measure_ids = fields.One2many("kpi.warehouse.measure", "dataset_id", "Measures")
    code_ids = fields.One2many("kpi.warehouse.code", "dataset_id", "Codes")
    unknown_count = fields.Integer("Unknown Codes", compute="_compute_unknown_count")
    found = fields.Char(compute="_compute_unknown_count", exportable=False)
    version = fields.Char(readonly=True, copy=False, exportable=False)
    # of the table when all of its history was read
    full_version = fields.Char(readonly=True, copy=False, exportable=False)
    last_read_at = fields.Datetime("Last Read", readonly=True, copy=False)
    last_full_at = fields.Datetime(
        string="Last Full Read", readonly=True, copy=False, exportable=False
    )
    last_value_count = fields.Integer("Values", readonly=True, copy=False)
    last_change_count = fields.Integer("Changed", readonly=True, copy=False)
    # not finite: NaN or infinity
    last_void_count = fields.Integer(
        string="Last Skipped Values", readonly=True, copy=False, exportable=False
    )
    last_seconds = fields.Float("Seconds", readonly=True, copy=False)
    last_bytes = fields.Float(readonly=True, copy=False, exportable=False)
    last_error = fields.Char("Reason", readonly=True, copy=False)
    last_reading = fields.Char(compute="_compute_last_reading", exportable=False)

    _code_uniq = models.UniqueIndex("(code)", "Another dataset has this code.")

    @api.depends("code_ids.is_unknown")
    def _compute_unknown_count(self):
        for dataset in self:
            unknown = dataset.code_ids.filtered("is_unknown")
            dataset.unknown_count = len(unknown)
            dataset.found = self.env._(
                "%(found)s of %(all)s codes found",
                found=len(dataset.code_ids) - len(unknown),
                all=len(dataset.code_ids),
            )

    @api.depends("last_read_at", "last_bytes", "last_void_count")
    def _compute_last_reading(self):
        for dataset in self:
            limit = dataset.warehouse_id.most_gigabytes * 1e9
            show = self.env["kpi.warehouse"]._format_bytes
            dataset.last_reading = dataset.last_read_at and self.env._(
                "%(moment)s: %(values)s, %(changed)s changed, %(seconds)s s, %(size)s "
                "(limit: %(limit)s)",
                moment=format_moment(self.env, dataset.last_read_at),
                values=say_count(
                    dataset.last_value_count,
                    self.env._("1 value"),
                    self.env._("%s values"),
                    format_number(self.env, dataset.last_value_count, 0),
                ),
                changed=format_number(self.env, dataset.last_change_count, 0),
                seconds=format_number(self.env, dataset.last_seconds, 1),
                size=show(dataset.last_bytes),
                limit=show(limit) if limit else "∞",
            )
            if dataset.last_void_count:
                dataset.last_reading += self.env._(
                    "; %s skipped (not finite)",
                    dataset.last_void_count,
                )

    def _list_measures(self):
        return self.measure_ids

    def action_test(self):
        """Look at the table, and take its columns over."""
        self.ensure_one()
        self.check_access("write")
        warehouse = self.warehouse_id
        with warehouse._catching(), self._open(WAITING_SECONDS) as engine:
            columns = engine.list_columns(self.table_name)
            self._take_columns(columns, engine.dialect)
            message = say_count(
                len(columns),
                self.env._("Connection successful: 1 column."),
                self.env._("Connection successful: %s columns."),
            )
            kind = "success"
            if self.day_column_id and self.measure_ids:
                try:
                    with self.warehouse_id._catching():
                        message = f"{message} {self._say_scan(engine)}"
                except UserError as error:
                    kind, message = "warning", str(error)
        return show_notification(message, type=kind, next=RELOAD)

    def _say_scan(self, engine):
        """What a run would read."""
        size = self._estimate(engine, *self._list_shown_days())
        if size is None:
            return self.env._("Data volume per run unknown.")
        return self.env._(
            "A run would read %s.", self.env["kpi.warehouse"]._format_bytes(size)
        )

    def action_read(self):
        """Read it soon, whether it changed or not."""
        self.check_access("write")
        # What was read is the engine's.
        self.sudo().write(
            {"version": False, "full_version": False, "last_full_at": False}
        )
        # Jobs are the engine's: whoever may change a dataset may have it read.
        jobs = self.env["kpi.job"].sudo()
        jobs._enqueue_warehouse(self)
        return show_notification(self.env._("Reading in the background."))

    def action_preview(self):
        """Show the statement and some of the rows that count; that is logged."""
        self.ensure_one()
        self.check_access("write")
        shown = self._list_shown_days()
        with self.warehouse_id._catching(), self._open(WAITING_SECONDS) as engine:
            self.warehouse_id._check_scan(self._estimate(engine, *shown))
            sql = self._compile(engine, *shown, pretty=True)
            sample = self._compile(engine, *shown, compile_sample, limit=SAMPLE_ROWS)
            rows = engine.fetch(sample)
        # Who looked is in the entry; the log is written by nobody else.
        self.env["kpi.audit.log"].sudo()._append(
            [AuditEvent(self, "warehouse_previewed", {"rows": len(rows)})]
        )
        heads = [column.name for column in list_columns(self._describe())]
        return open_dialog(
            self.env["kpi.warehouse.preview"],
            self.env._("Statement and Sample"),
            default_sql=sql,
            default_sample=str(_write_table(heads, rows)),
        )

    def action_open_codes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking_warehouse.kpi_warehouse_code_action"
        )
        return {**action, "domain": [("dataset_id", "=", self.id)]}

    def _open(self, seconds=None):
        """The engine of a dataset that can be read."""
        # Officers define datasets; addresses and passwords are the administrators'.
        return self.warehouse_id.sudo()._open(seconds)

    def _take_columns(self, columns, dialect):
        """Bring the columns in line with those of the table; what is used stays."""
        # What columns there are the warehouse says, to whoever may change the dataset.
        dataset = self.sudo()
        known = {column.name: column for column in dataset.column_ids}
        fresh = []
        for name, type_name in columns:
            values = {"kind": classify_type(type_name, dialect), "type_name": type_name}
            if name in known:
                known.pop(name).write({**values, "is_gone": False})
            else:
                fresh.append({"dataset_id": self.id, "name": name, **values})
        dataset.column_ids.create(fresh)
        for column in known.values():
            column.is_gone = True

    def _describe(self):
        """The dataset as the pure code reads it.

        :raises UserError: a column is missing
        """
        levels = {
            scope_type: self[f"{scope_type}_column_id"] for scope_type in FOUND_BY
        }
        conditions = self.condition_ids | self.measure_ids.condition_ids
        used = self.day_column_id.union(*levels.values())
        used |= self.measure_ids.column_id | conditions.column_id
        if gone := used.filtered("is_gone"):
            raise UserError(
                self.env._(
                    "Column “%(column)s” no longer exists.",
                    column=gone[0].name,
                )
            )
        if not self.day_column_id or not self.measure_ids:
            raise UserError(
                self.env._(
                    "Test %s, then choose its day column and a measure.", self.name
                )
            )
        if not self.warehouse_id.company_id and not self.company_column_id:
            raise UserError(
                self.env._("Choose a company column, or set the warehouse's company.")
            )
        return Dataset(
            day=self.day_column_id._describe(),
            tz=self.day_tz,
            company=self.company_column_id and self.company_column_id._describe(),
            scopes=tuple(
                (scope_type, column._describe())
                for scope_type, column in levels.items()
                if column and scope_type != "company"
            ),
            conditions=tuple(each._describe() for each in self.condition_ids),
            measures=tuple(each._describe() for each in self.measure_ids),
        )

    def _list_shown_days(self):
        """First days of the last three months and of the next, and their zone."""
        calendar = self.env["kpi.calendar"]._find_company_default(
            self.warehouse_id.company_id or self.env.company
        )
        period = calendar._period("month", calendar._today())
        first = calendar._period_before(period, 2).start
        shown = calendar._periods("month", first, period.start)
        return [each.start for each in shown] + [period.stop], calendar.tz

    def _compile(self, engine, days, tz, write=compile_select, **options):
        """The statement over these days."""
        source = engine.find_source(self.table_name)
        return write(self._describe(), source, days, tz, engine.dialect, **options)

    def _estimate(self, engine, days, tz):
        """Bytes that a run over these days would read; None where nobody knows."""
        sql = self._compile(engine, days, tz)
        names = [column.name for column in list_columns(self._describe())]
        return engine.estimate_scan(sql, self.table_name, names)

    def _find_version(self, engine):
        """A text that changes with the table; None where nobody knows."""
        version = engine.find_version(self.table_name)
        if version is None and self.version_column_id:
            source = engine.find_source(self.table_name).sql(dialect=engine.dialect)
            column = self.version_column_id._write(engine.dialect)
            version = repr(engine.fetch(f"SELECT MAX({column}), 1 FROM {source}"))
        return version

    def _ask(self, engine, periods, tz, commit):
        """The cells of ``periods``, of each one all or none.

        :param commit: ends the transaction; the answer may take minutes
        :return: list of ``Cell``, seconds, bytes
        """
        days = [period.start for period in periods] + [periods[-1].stop]
        size = self._estimate(engine, days, tz)
        warehouse, plain = self.warehouse_id, self._describe()
        warehouse._check_scan(size)
        sql = self._compile(engine, days, tz)
        most_groups = warehouse.most_groups
        commit()
        started = time.monotonic()
        rows, expected = [], 0
        for row in engine.iterate(sql):
            expected = row[-1]
            if expected > most_groups:
                raise UserError(
                    self.env._(
                        "The query returns %(count)s rows (limit: %(limit)s). "
                        "Choose a column with fewer values.",
                        count=format_number(self.env, expected, 0),
                        limit=format_number(self.env, most_groups, 0),
                    )
                )
            rows.append(row)
        if len(rows) != expected:
            raise UserError(
                self.env._(
                    "Only %(count)s of %(expected)s rows arrived; none were saved.",
                    count=len(rows),
                    expected=expected,
                )
            )
        return list(read_cells(plain, rows)), time.monotonic() - started, size

    def _write_sql(self, period, tz):
        """The statement of one period as text; empty where files are gone."""
        with suppress(Fault, UserError):
            days = [period.start, period.stop]
            return self._compile(self._open(), days, tz, pretty=True)
        return ""


class KpiWarehouseColumn(models.Model):
    """A column of the table, as the warehouse says."""

    _name = "kpi.warehouse.column"
    _description = "Dataset Column"
    _order = "id"

    dataset_id = fields.Many2one(
        "kpi.warehouse.dataset", required=True, readonly=True, ondelete="cascade"
    )
    name = fields.Char(required=True, readonly=True)
    type_name = fields.Char("Type", readonly=True)
    kind = fields.Selection(
        [
            ("number", "Number"),
            ("text", "Text"),
            ("date", "Date"),
            ("moment", "Date and Time"),
            ("instant", "Date and Time with Time Zone"),
            ("boolean", "Yes or No"),
            ("other", "Other"),
        ],
        readonly=True,
    )
    is_gone = fields.Boolean("Removed at Source", readonly=True)

    _name_uniq = models.UniqueIndex("(dataset_id, name)")

    def _describe(self):
        return Column(self.name, self.kind or "other")

    def _write(self, dialect):
        condition = Condition(self._describe(), "empty")
        return write_condition(condition).this.sql(dialect=dialect)


class KpiWarehouseMeasure(models.Model):
    """A number of each group of rows, which a KPI can be."""

    _name = "kpi.warehouse.measure"
    _description = "Dataset Measure"
    _inherit = ["kpi.warehouse.coded.mixin"]
    _order = "dataset_id, sequence, id"

    dataset_id = fields.Many2one(
        "kpi.warehouse.dataset", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    function = fields.Selection(
        [
            ("count", "Count"),
            ("distinct", "Distinct Values"),
            ("sum", "Sum"),
            ("average", "Average"),
            ("min", "Lowest"),
            ("max", "Highest"),
            ("share", "Share (%)"),
        ],
        required=True,
        default="count",
    )
    column_id = fields.Many2one(
        "kpi.warehouse.column",
        domain="[('dataset_id', '=', dataset_id)]",
        ondelete="cascade",
    )
    condition_ids = fields.One2many(
        "kpi.warehouse.condition", "measure_id", "Row Filters"
    )
    full_code = fields.Char(compute="_compute_full_code", exportable=False)

    _code_uniq = models.UniqueIndex(
        "(dataset_id, code)", "This dataset already has this measure code."
    )

    @api.depends("code", "dataset_id.code")
    def _compute_full_code(self):
        for measure in self:
            measure.full_code = f"{measure.dataset_id.code}.{measure.code}"

    def write(self, vals):
        if "dataset_id" in vals:
            moved = self.filtered(lambda each: each.dataset_id.id != vals["dataset_id"])
            moved._refuse_used()
        return super().write(vals)

    def _list_measures(self):
        return self

    def _refuse_used(self):
        """Refuse to take away what KPIs are made of."""
        # Whoever does not see a KPI must not end it either.
        if kpis := self.sudo()._find_kpis():
            raise UserError(
                self.env._(
                    "Used by KPIs: %s. Change their source first.",
                    ", ".join(kpis.mapped("name")),
                )
            )

    def _find_kpis(self):
        return self.env["kpi.definition"].search(
            Domain("external_source", "=", "kpi.warehouse.reading")
            & Domain("external_measure", "in", self.mapped("full_code"))
        )

    @api.constrains("function", "column_id", "code")
    def _check_column(self):
        for measure in self:
            if measure.column_id.dataset_id - measure.dataset_id:
                raise ValidationError(
                    self.env._("%s: choose a column of its dataset.", measure.name)
                )
            try:
                check_measure(measure._describe())
            except DatasetFault as error:
                reason = error.translate_with(lambda text: self.env._(text))
                raise ValidationError(reason) from error

    def action_new_kpi(self):
        """Open a new KPI that is this number."""
        self.ensure_one()
        aggregation = {"count": "sum", "share": "average", "distinct": "none"}.get(
            self.function, self.function
        )
        return open_form(
            self.env["kpi.definition"],
            context={
                "default_name": self.name,
                "default_company_id": self.dataset_id.warehouse_id.company_id.id,
                "default_computation": "external",
                "default_external_source": "kpi.warehouse.reading",
                "default_external_measure": self.full_code,
                "default_aggregation_time": aggregation,
                "default_aggregation_scope": aggregation,
            },
        )

    def _describe(self):
        column = self.column_id if self.function not in ("count", "share") else None
        return Measure(
            self.function,
            column and column._describe(),
            tuple(each._describe() for each in self.condition_ids),
        )


class KpiWarehouseCondition(models.Model):
    """Which rows count, of a dataset or of one measure."""

    _name = "kpi.warehouse.condition"
    _description = "Dataset Condition"
    _inherit = ["kpi.input.mixin"]
    _order = "id"
    _rec_name = "column_id"

    dataset_id = fields.Many2one(
        "kpi.warehouse.dataset", index="btree_not_null", ondelete="cascade"
    )
    measure_id = fields.Many2one(
        "kpi.warehouse.measure", index="btree_not_null", ondelete="cascade"
    )
    column_id = fields.Many2one(
        "kpi.warehouse.column", required=True, ondelete="cascade"
    )
    operator = fields.Selection(
        [
            ("is", "Is"),
            ("is_not", "Is Not"),
            ("least", "Is at Least"),
            ("below", "Is Below"),
            ("empty", "Is Empty"),
            ("filled", "Is Not Empty"),
        ],
        required=True,
        default="is",
    )
    value = fields.Char(help="Separate values with commas; any of them matches.")

    @api.constrains("column_id", "operator", "value", "dataset_id", "measure_id")
    def _check_value(self):
        """Refuse a value that the column cannot have."""
        for condition in self:
            owner = condition.dataset_id or condition.measure_id.dataset_id
            if not owner or condition.column_id.dataset_id != owner:
                raise ValidationError(self.env._("Choose a dataset column."))
            try:
                write_condition(condition._describe())
            except Fault as error:
                reason = error.translate_with(lambda text: self.env._(text))
                raise ValidationError(reason) from error

    def _describe(self):
        parts = (self.value or "").split(",")
        values = tuple(part.strip() for part in parts if part.strip())
        return Condition(self.column_id._describe(), self.operator, values)


def _write_table(heads, rows):
    """A table of texts as HTML."""
    cell = Markup("<td>%s</td>")
    lines = [Markup("").join(Markup("<th>%s</th>") % head for head in heads)]
    lines += [
        Markup("").join(cell % escape("" if v is None else str(v)) for v in row)
        for row in rows
    ]
    body = Markup("").join(Markup("<tr>%s</tr>") % line for line in lines)
    return Markup('<table class="table table-sm">%s</table>') % body
