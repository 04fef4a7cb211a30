import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from odoo.addons.kpi_base.actions import open_list

from .kpi_performance_benchmark import INTERNAL, KEY

PART = 500  # benchmarks written at once
ALIASES = {
    "metric_key": ("metric", "kpi"),
    "asset_type": ("asset",),
    "value_numeric": ("value",),
    "value_text": ("text",),
    "sample_size": ("n", "sample", "count"),
    "effective_date": ("effective", "date", "valid from"),
}
REQUIRED = ("metric_key", "cohort", "source", "sample_size", "effective_date")


class KpiImportBenchmark(models.AbstractModel):
    """Benchmarks, one per row."""

    _name = "kpi.import.benchmark"
    _description = "Benchmark Import"
    _inherit = ["kpi.import.staged"]

    _imported_model = "kpi.performance.benchmark"
    _staging = {"version": "text", "payload": "text"}
    _staging_key = ("version",)

    @api.model
    def _note(self):
        return self.env._("Other systems can send benchmarks through the REST API.")

    @api.model
    def _columns(self):
        labels = {
            "metric_key": self.env._("Metric"),
            "asset_type": self.env._("Asset type"),
            "deal_type": self.env._("Deal type"),
            "cohort": self.env._("Benchmark Type"),
            "value_numeric": self.env._("Value"),
            "value_text": self.env._("Value as text"),
            "source": self.env._("Source"),
            "sample_size": self.env._("n"),
            "effective_date": self.env._("Valid from"),
        }
        kinds = {
            "cohort": self._choices("kpi.performance.benchmark", "cohort"),
            "value_numeric": "number",
            "sample_size": "number",
            "effective_date": "moment",
        }
        return self._build_columns(labels, REQUIRED, kinds, ALIASES)

    @api.model
    def _name_staged(self, run, staged):
        benchmarks = self.env["kpi.performance.benchmark"]
        rows = [json.loads(payload) for _number, _version, payload in staged]
        drafts, _refused = benchmarks._drafts(rows)
        new, _changed = benchmarks._compare_drafts(drafts)
        names = {}
        for place, values in enumerate(rows):
            name = benchmarks.new(values).display_name
            number = staged[place][0]
            names[number] = self.env._("New: %s", name) if place in new else name
        return names

    @api.model
    def _prepare_row(self, run, given, found):
        """The version as a text, and the fields of the benchmark of a row."""
        values = {**given, "company_id": run.job.company_id.id}
        for name in ("asset_type", "deal_type", "metric_key"):
            if name in values:
                values[name] = values[name].strip().casefold().replace(" ", "_")
        if "effective_date" in values:
            values["effective_date"] = str(values["effective_date"].day)
        _drafts, refused = self.env["kpi.performance.benchmark"]._drafts([values])
        if refused:
            raise UserError(refused[0])
        return json.dumps([values.get(name) for name in KEY]), values

    @api.model
    def _counts(self, run):
        benchmarks = self.env["kpi.performance.benchmark"]
        drafts, _refused = benchmarks._drafts(self._read_staged_values())
        new, changed = benchmarks._compare_drafts(drafts)
        return len(new), len(changed), len(drafts) - len(new) - len(changed)

    @api.model
    def _find_imported_ids(self, run):
        return []  # its action shows all benchmarks of the company

    @api.model
    def _store(self, run):
        for part in split_every(PART, self._read_staged_values(), list):
            self.env["kpi.performance.benchmark"]._ingest(part)
            yield len(part)

    @api.model
    def _read_staged_values(self):
        return [values for _number, _key, values in self._read_staged()]

    @api.model
    def _action_open(self, job):
        action = "kpi_deal_pipeline.kpi_performance_benchmark_action"
        domain = [("company_id", "=", job.company_id.id), ("cohort", "!=", INTERNAL)]
        return open_list(self.env, action, domain)
