from datetime import date

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.tabular import TargetColumn

MOST, FIRST_DAY = 1e15, date(1970, 1, 1)  # of what a file may say
TARGETS = [
    ("kpi.import.purchase", "Purchases"),
    ("kpi.import.spend", "Marketing Spend"),
    ("kpi.import.touch", "Touches"),
    ("kpi.import.market", "Markets"),
    ("kpi.import.competitor", "Competitors"),
    ("kpi.import.bi.benchmark", "Benchmarks"),
]


class KpiImportOptions(models.AbstractModel):
    """What analyses need comes from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=TARGETS, ondelete=dict.fromkeys(dict(TARGETS), "cascade")
    )


class KpiImportBi(models.AbstractModel):
    """Rows that are told apart by ``_upsert_key``; others of them are written anew.

    A target says its columns by ``_get_labels``: label, kind and other titles by key.
    """

    _name = "kpi.import.bi"
    _description = "Analysis Import"
    _inherit = ["kpi.import.target"]

    _required = ()  # columns
    _may_be_empty = ()  # of these in some rows
    _money = frozenset()  # columns in the currency of the company
    _stored_model = ""
    _upsert_key = ()
    _upsert_values = ()
    _fresh = ""  # SELECT of what is staged, a row for each key, in order of ``number``
    _statements = ()  # that are run before these rows are stored
    _list = ""  # the window action of what was imported

    def _get_labels(self):
        raise NotImplementedError(f"{self._name} has no _get_labels")

    def _columns(self):
        return [
            TargetColumn(
                key,
                label,
                kind,
                key in self._required,
                tuple(aliases),
                unit="money" if key in self._money else None,
            )
            for key, (label, kind, *aliases) in self._get_labels().items()
        ]

    def _get_fixed(self, job):
        """Column → value of all that a file brings."""
        return {"company_id": job.company_id.id}

    def _get_key(self, job):
        """Columns that make a row unique, with the fixed ones."""
        return self._upsert_key

    def _get_fresh(self, job):
        """What is staged as ``_fresh``, and columns of it that only new rows take."""
        return SQL(
            self._fresh,
            company=job.company_id.id,
            digits=job.company_id.currency_id.decimal_places,
        ), ()

    def _get_statements(self, run):
        return self._statements

    def _check_may_import(self):
        self.env[self._stored_model].check_access("unlink")

    def _missing(self, job, keys):
        self._check_may_import()
        return super()._missing(job, keys)

    def _list_complete(self, run, entries):
        """Entries that say all that is needed; the others are refused."""
        self._check_may_import()
        columns = self._columns()
        for entry in entries:
            reasons = {}
            for column in columns:
                value, label = entry.values.get(column.key), column.label
                if value in (None, ""):
                    if column.is_required and column.key not in self._may_be_empty:
                        reasons[column.key] = self.env._("%s is missing.", label)
                elif column.kind == "number" and abs(value) >= MOST:
                    reasons[column.key] = self.env._("%s is too large.", label)
                elif column.kind == "moment" and value.day < FIRST_DAY:
                    reasons[column.key] = self.env._("%s is before 1970.", label)
            for key, reason in reasons.items():
                run.refuse(entry.number, reason, (key,))
            if not reasons:
                yield entry

    def _upsert_sql(self, statement, job):
        """Fill a statement below with the names of tables and columns."""
        fixed, key, values = (
            self._get_fixed(job),
            self._get_key(job),
            self._upsert_values,
        )
        fresh, once = self._get_fresh(job)
        join, company = SQL(", ").join, job.company_id

        def columns(table, names):
            return join(SQL.identifier(table, name) for name in names)

        constants = join(SQL("%s", one) for one in fixed.values())
        return SQL(
            statement,
            company=company.id,
            fresh=fresh,
            table=SQL.identifier(self.env[self._stored_model]._table),
            stored_key=columns("stored", [*fixed, *key]),
            stored=columns("stored", values),
            new=columns("fresh", values),
            inserted=columns("fresh", [*values, *once]),
            values=join(map(SQL.identifier, values)),
            names=join(map(SQL.identifier, [*fixed, *key, *values, *once])),
            key=join([constants, columns("fresh", key)]),
        )

    def _counts(self, run):
        return self.env.execute_query(self._upsert_sql(_COUNTS, run.job))[0]

    def _store(self, run):
        self._check_may_import()
        for statement in (*self._get_statements(run), _CHANGED, _ADDED):
            self.env.cr.execute(self._upsert_sql(statement, run.job))
        self.env.invalidate_all()
        # Who imports does not run jobs; that it is analysed follows from it.
        self.env["kpi.job"].sudo()._enqueue_bi(run.job.company_id)
        yield run.row_count

    def _action_open(self, job):
        domain = [(name, "=", value) for name, value in self._get_fixed(job).items()]
        return open_list(self.env, f"kpi_bi_dashboard.{self._list}", domain)


_COUNTS = """
    SELECT count(*) FILTER (WHERE stored.id IS NULL),
           count(*) FILTER (WHERE stored.id IS NOT NULL
                            AND (%(stored)s) IS DISTINCT FROM (%(new)s)),
           count(*) FILTER (WHERE stored.id IS NOT NULL
                            AND (%(stored)s) IS NOT DISTINCT FROM (%(new)s))
      FROM (%(fresh)s) AS fresh
 LEFT JOIN %(table)s AS stored ON (%(stored_key)s) = (%(key)s)
"""
_CHANGED = """
    UPDATE %(table)s AS stored
       SET (%(values)s) = ROW(%(new)s)
      FROM (%(fresh)s) AS fresh
     WHERE (%(stored_key)s) = (%(key)s)
       AND (%(stored)s) IS DISTINCT FROM (%(new)s)
"""
_ADDED = """
    INSERT INTO %(table)s (%(names)s)
    SELECT %(key)s, %(inserted)s
      FROM (%(fresh)s) AS fresh
  ORDER BY fresh.number
        ON CONFLICT DO NOTHING
"""
