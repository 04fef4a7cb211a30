import hashlib
from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.formatting import format_moment
from odoo.addons.kpi_base.roles import OFFICER

from ..engine.dataset import FROM_ZERO, combine

DROP = """
DROP TABLE IF EXISTS kpi_warehouse_result;
DROP TABLE IF EXISTS kpi_warehouse_period
"""


class KpiWarehouseReading(models.AbstractModel):
    """KPIs that are a measure of a dataset, as ``orders.revenue``; nothing is asked.

    ``kpi_warehouse_period`` says which periods are there and as what they were read,
    ``kpi_warehouse_result`` holds their numbers, by the codes of the warehouse; those
    of a measure that is gone until its periods are read anew, as they are then.
    """

    _name = "kpi.warehouse.reading"
    _inherit = ["kpi.external.source"]
    _description = "Warehouse Reading"

    def init(self):
        result = super().init()
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_warehouse_period (
                dataset_id integer NOT NULL
                    REFERENCES kpi_warehouse_dataset ON DELETE CASCADE,
                calendar_id integer NOT NULL REFERENCES kpi_calendar ON DELETE CASCADE,
                grain varchar NOT NULL,
                period_start date NOT NULL,
                signature varchar NOT NULL,
                digest varchar NOT NULL,
                read_at timestamp NOT NULL,
                PRIMARY KEY (dataset_id, calendar_id, grain, period_start)
            );
            CREATE TABLE IF NOT EXISTS kpi_warehouse_result (
                dataset_id integer NOT NULL,
                calendar_id integer NOT NULL,
                grain varchar NOT NULL,
                period_start date NOT NULL,
                measure_id integer NOT NULL,
                scope_type varchar NOT NULL,
                company_code varchar NOT NULL,
                code varchar NOT NULL,
                value float8,
                weight float8,
                FOREIGN KEY (dataset_id, calendar_id, grain, period_start)
                    REFERENCES kpi_warehouse_period ON DELETE CASCADE
            );
            CREATE INDEX IF NOT EXISTS kpi_warehouse_result_idx
                ON kpi_warehouse_result (dataset_id, calendar_id, grain, period_start)
            """
        )
        return result

    @api.model
    def _get_measures(self):
        measures = self.env["kpi.warehouse.measure"].search(Domain.TRUE)
        return measures.mapped("full_code")

    @api.model
    def _get_facts(self, definitions, periods):
        calendar, grain = definitions[:1].calendar_id, definitions[:1].frequency
        for kpi in definitions:
            measure = self._find_measure(kpi)
            found = self._read_numbers(measure, calendar, grain, periods)
            starts = self._find_read(measure.dataset_id, calendar, grain, periods)
            empty = 0.0 if measure.function in FROM_ZERO else None
            company = measure.dataset_id.warehouse_id.company_id
            below = self._find_below(kpi.report_ids.department_id)
            for report in kpi.report_ids:
                if company and report.company_id != company:
                    continue
                scope = report.scope_type, report.company_id.id
                is_tree = report.scope_type == "department"
                ids = below[report.scope_id] if is_tree else [report.scope_id]
                for start in starts:
                    keys = [(start, *scope, id_) for id_ in ids]
                    parts = [part for key in keys for part in found.get(key, ())]
                    value, weight = combine(measure.function, parts)
                    if not parts:
                        value, weight = empty, None
                    yield report.id, start, *_finite(value, weight)

    @api.model
    def _get_fingerprints(self, definitions, periods):
        """What was read, and whom its codes mean."""
        calendar, grain = definitions[:1].calendar_id, definitions[:1].frequency
        measures = [self._find_measure(kpi) for kpi in definitions]
        datasets = self.env["kpi.warehouse.dataset"].union(
            *(measure.dataset_id for measure in measures)
        )
        people = [
            (code.scope_type, code.code, code._get_scope().id)
            for code in datasets.code_ids.sorted("id")
        ]
        departments = datasets.code_ids.department_id
        tree = departments and sorted(
            (each.id, each.parent_path)
            for each in self.env["hr.department"].search(Domain.TRUE)
        )
        common = hashlib.sha256(repr((people, tree)).encode()).hexdigest()
        digests = defaultdict(list)
        for dataset in datasets.sorted("id"):
            read = self._find_read(dataset, calendar, grain, periods)
            for start, (digest, _moment) in read.items():
                digests[start].append((dataset.id, digest))
        return {p.start: repr((common, digests[p.start])) for p in periods}

    @api.model
    def _get_first_days(self, definitions):
        """The first period of which a company has rows in its dataset."""
        calendar, grain = definitions[:1].calendar_id, definitions[:1].frequency
        first_days, known = {}, {}
        for kpi in definitions:
            dataset = self._find_measure(kpi).dataset_id
            if dataset not in known:
                known[dataset] = self._find_first_days(dataset, calendar, grain)
            for report in kpi.report_ids:
                first_days[report.id] = known[dataset].get(report.company_id.id)
        return first_days

    @api.model
    def _explain(self, report, period):
        # Who sees the KPI sees how it is made; the statement is for officers.
        definition = report.sudo().definition_id
        # As above.
        measure = self.sudo()._find_measure(definition)
        dataset, calendar = measure.dataset_id, definition.calendar_id
        read = self._find_read(dataset, calendar, period.grain, [period])
        _digest, moment = read.get(period.start, (None, None))
        function = dict(measure._fields["function"]._description_selection(self.env))
        label = function[measure.function]
        column = measure.column_id.name
        method = self.env._(
            "%(measure)s of %(dataset)s in %(warehouse)s, by “%(day)s”. Read on "
            "%(moment)s.",
            measure=f"{label} ({column})" if column else label,
            dataset=dataset.name,
            warehouse=dataset.warehouse_id.name,
            day=dataset.day_column_id.name,
            moment=format_moment(self.env, moment) if moment else "–",
        )
        if not self.env.user.has_group(OFFICER):
            return {"method": method}
        return {"method": method, "sql": dataset._write_sql(period, calendar.tz)}

    @api.model
    def _turn_on(self, definitions):
        """Read the history soon."""
        measures = [self._find_measure(kpi) for kpi in definitions]
        datasets = self.env["kpi.warehouse.dataset"].union(
            *(measure.dataset_id for measure in measures)
        )
        # Who turns KPIs on has them read; jobs are the administrators'.
        self.env["kpi.job"].sudo()._enqueue_warehouse(datasets)

    @api.model
    def _find_measure(self, definition):
        dataset, _dot, code = (definition.external_measure or "").partition(".")
        return self.env["kpi.warehouse.measure"].search(
            Domain("dataset_id.code", "=", dataset) & Domain("code", "=", code)
        )

    @api.model
    def _find_below(self, departments):
        """Department → ids of it and of those below it."""
        found = {id_: [] for id_ in departments.ids}
        tree = departments.search([("id", "child_of", departments.ids)])
        for department in tree:
            for above in department._get_branch_ids():
                if above in found:
                    found[above].append(department.id)
        return found

    @api.model
    def _find_read(self, dataset, calendar, grain, periods):
        """First day → (digest, moment of reading) of the periods that were read."""
        rows = self.env.execute_query(
            SQL(
                "SELECT period_start, digest, read_at FROM kpi_warehouse_period"
                " WHERE dataset_id = %s AND calendar_id = %s AND grain = %s"
                " AND period_start = ANY(%s) ORDER BY period_start",
                dataset.id,
                calendar.id,
                grain,
                [period.start for period in periods],
            )
        )
        return {start: read for start, *read in rows}

    @api.model
    def _find_first_days(self, dataset, calendar, grain):
        """Company id → first day of the first period that has rows."""
        self.env["kpi.warehouse.code"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(firm.mapped_company_id, %(company)s),
                       min(result.period_start)
                  FROM kpi_warehouse_result AS result
             LEFT JOIN kpi_warehouse_code AS firm
                    ON firm.dataset_id = result.dataset_id
                   AND firm.scope_type = 'company'
                   AND firm.code = result.company_code
                 WHERE result.dataset_id = %(dataset)s
                   AND result.calendar_id = %(calendar)s
                   AND result.grain = %(grain)s
                   AND (NOT %(is_split)s OR NOT firm.is_unknown)
              GROUP BY 1
                """,
                company=dataset.warehouse_id.company_id.id or None,
                dataset=dataset.id,
                calendar=calendar.id,
                grain=grain,
                is_split=bool(dataset.company_column_id),
            )
        )
        return dict(rows)

    @api.model
    def _read_numbers(self, measure, calendar, grain, periods):
        """(first day, scope type, company, scope) → numbers of its codes."""
        self.env["kpi.warehouse.code"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT result.period_start, result.scope_type,
                       COALESCE(firm.mapped_company_id, %(company)s),
                       COALESCE(code.department_id, code.team_id, code.user_id,
                                firm.mapped_company_id, %(company)s),
                       result.value, result.weight
                  FROM kpi_warehouse_result AS result
             LEFT JOIN kpi_warehouse_code AS firm
                    ON firm.dataset_id = result.dataset_id
                   AND firm.scope_type = 'company'
                   AND firm.code = result.company_code
             LEFT JOIN kpi_warehouse_code AS code
                    ON code.dataset_id = result.dataset_id
                   AND code.scope_type = result.scope_type
                   AND code.code = result.code
                 WHERE result.measure_id = %(measure)s
                   AND result.dataset_id = %(dataset)s
                   AND result.calendar_id = %(calendar)s
                   AND result.grain = %(grain)s
                   AND result.period_start = ANY(%(starts)s)
                   AND (result.scope_type = 'company' OR NOT code.is_unknown)
                   AND (NOT %(is_split)s OR NOT firm.is_unknown)
              ORDER BY result.code
                """,
                company=measure.dataset_id.warehouse_id.company_id.id or None,
                measure=measure.id,
                dataset=measure.dataset_id.id,
                calendar=calendar.id,
                grain=grain,
                starts=[period.start for period in periods],
                is_split=bool(measure.dataset_id.company_column_id),
            )
        )
        found = defaultdict(list)
        for *key, value, weight in rows:
            found[tuple(key)].append((value, weight))
        return found


def _finite(value, weight):
    """No value where it is not finite: NaN or infinity came from the warehouse."""
    is_finite = value is not None and abs(value) < float("inf")
    return (value, weight) if is_finite else (None, None)
