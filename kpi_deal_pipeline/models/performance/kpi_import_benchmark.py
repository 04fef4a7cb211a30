import json

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.tabular import TargetColumn

from .kpi_performance_benchmark import INTERNAL, KEY


class KpiImportBenchmark(models.AbstractModel):
    """Benchmarks, one per row."""

    _name = "kpi.import.benchmark"
    _description = "Benchmark Import"
    _inherit = ["kpi.import.target"]

    _staging = {"version": "text", "payload": "text"}
    _staging_key = ("version",)

    @api.model
    def _note(self):
        return self.env._(
            "Other systems can send benchmarks as JSON through the REST API."
        )

    @api.model
    def _columns(self):
        return [
            TargetColumn(
                "metric_key",
                self.env._("Metric"),
                is_required=True,
                aliases=("metric", "kpi"),
            ),
            TargetColumn("asset_type", self.env._("Asset type"), aliases=("asset",)),
            TargetColumn("deal_type", self.env._("Deal type")),
            TargetColumn(
                "cohort",
                self.env._("Benchmark Type"),
                "choice",
                is_required=True,
                choices=self._choices("kpi.performance.benchmark", "cohort"),
            ),
            TargetColumn(
                "value_numeric", self.env._("Value"), "number", aliases=("value",)
            ),
            TargetColumn("value_text", self.env._("Value as text"), aliases=("text",)),
            TargetColumn("source", self.env._("Source"), is_required=True),
            TargetColumn(
                "sample_size",
                self.env._("n"),
                "number",
                is_required=True,
                aliases=("n", "sample", "count"),
            ),
            TargetColumn(
                "effective_date",
                self.env._("Valid from"),
                "moment",
                is_required=True,
                aliases=("effective", "date", "valid from"),
            ),
        ]

    @api.model
    def _missing(self, job, keys):
        self.env["kpi.performance.benchmark"].check_access("create")
        return super()._missing(job, keys)

    @api.model
    def _build_staging_rows(self, run, entries):
        benchmarks = self.env["kpi.performance.benchmark"]
        benchmarks.check_access("create")
        rows = []
        for entry in entries:
            values = self._row_values(run.job, entry.values)
            _drafts, (refused,) = benchmarks._drafts([values])
            if refused:
                run.refuse(entry.number, refused["detail"])
                continue
            version = json.dumps([values.get(name) for name in KEY])
            rows.append((entry.number, version, json.dumps(values)))
        return rows

    @api.model
    def _name_records(self, run, entries):
        benchmarks = self.env["kpi.performance.benchmark"]
        staged = {
            number: json.loads(payload)
            for number, _version, payload in self._build_staging_rows(run, entries)
        }
        drafts, _results = benchmarks._drafts(list(staged.values()))
        new, _changed = benchmarks._compare_drafts(drafts)
        names = {}
        for place, (number, values) in enumerate(staged.items()):
            name = benchmarks.new(values).display_name
            names[number] = self.env._("New: %s", name) if place in new else name
        return [names.get(entry.number) for entry in entries]

    @api.model
    def _row_values(self, job, given):
        """Fields of the benchmark that a row describes."""
        values = {**given, "company_id": job.company_id.id}
        for name in ("asset_type", "deal_type", "metric_key"):
            if name in values:
                values[name] = values[name].strip().casefold().replace(" ", "_")
        if "effective_date" in values:
            values["effective_date"] = str(values["effective_date"].day)
        return values

    @api.model
    def _read_staged_values(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT payload FROM %s ORDER BY number",
                SQL.identifier(self._staging_table),
            )
        )
        return [json.loads(payload) for (payload,) in rows]

    @api.model
    def _counts(self, run):
        benchmarks = self.env["kpi.performance.benchmark"]
        drafts, _results = benchmarks._drafts(self._read_staged_values())
        new, changed = benchmarks._compare_drafts(drafts)
        return len(new), len(changed), len(drafts) - len(new) - len(changed)

    @api.model
    def _store(self, run):
        self.env["kpi.performance.benchmark"]._ingest(self._read_staged_values())
        yield

    @api.model
    def _action_open(self, job):
        action = "kpi_deal_pipeline.kpi_performance_benchmark_action"
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(action),
            "domain": [
                ("company_id", "=", job.company_id.id),
                ("cohort", "!=", INTERNAL),
            ],
            "context": {},
        }
