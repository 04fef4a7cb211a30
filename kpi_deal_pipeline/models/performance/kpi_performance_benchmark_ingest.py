import math
import re
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.postgres import is_finite

from .kpi_performance_benchmark import INTERNAL

KEY = (
    "metric_key",
    "cohort",
    "source",
    "effective_date",
    "asset_type",
    "deal_type",
    "company_id",
)
VALUES = ("value_numeric", "value_text", "sample_size")
METRIC = re.compile(r"[a-z][a-z0-9_]{0,62}")
MOST = 1e15


class KpiPerformanceBenchmark(models.Model):
    """Benchmarks as files and programs bring them, many at once."""

    _inherit = "kpi.performance.benchmark"

    @api.model
    def _ingest(self, rows, is_all_or_nothing=False):
        """Take in what can be taken of ``rows``; say of each what became of it.

        The same rows again change nothing. The number of queries to find out does not
        grow with the rows.

        :param rows: dicts of fields; those of ``KEY`` identify a version
        :return: dict with the number of each outcome and ``results`` by row
        :raises AccessError: the user may not enter benchmarks
        """
        self.check_access("create")
        drafts, results = self._drafts(rows)
        if is_all_or_nothing and any(results):
            detail = self.env._("Not imported, because another row has an error.")
            drafts = {}
            results = [
                found or {"index": index, "outcome": "refused", "detail": detail}
                for index, found in enumerate(results)
            ]
        new, changed = self._compare_drafts(drafts)
        self.create([drafts[index] for index in new])
        for index, benchmark in changed.items():
            benchmark.write({name: drafts[index][name] for name in VALUES})
        for index in drafts:
            outcome = "added" if index in new else "unchanged"
            outcome = "changed" if index in changed else outcome
            results[index] = {"index": index, "outcome": outcome}
        counts = Counter(result["outcome"] for result in results)
        outcomes = ("added", "changed", "unchanged", "refused")
        return {**{name: counts[name] for name in outcomes}, "results": results}

    @api.model
    def _drafts(self, rows):
        """Index → values of good rows, and results of all: None where still unknown."""
        drafts, results, seen = {}, [None] * len(rows), {}
        for index, row in enumerate(rows):
            try:
                values = self._validate_row(row)
                key = tuple(values[name] for name in KEY)
                if key in seen:
                    raise UserError(
                        self.env._("The same version is given in row %s.", seen[key])
                    )
            except UserError as error:
                detail = str(error)
                results[index] = {
                    "index": index,
                    "outcome": "refused",
                    "detail": detail,
                }
                continue
            seen[key] = index + 1
            drafts[index] = values
        return drafts, results

    @api.model
    def _validate_row(self, row):
        """Values of a row, empty ones as False.

        :raises UserError: what makes no benchmark, named
        """
        values = {name: row.get(name) or False for name in KEY}
        values["effective_date"] = fields.Date.to_date(values["effective_date"])
        values["value_numeric"] = row.get("value_numeric")
        if values["value_numeric"] is None:
            values["value_numeric"] = False
        values["value_text"] = row.get("value_text") or False
        values["sample_size"] = row.get("sample_size") or 0
        reason = self._get_refusal(values)
        if reason:
            raise UserError(reason)
        return values

    @api.model
    def _get_refusal(self, values):
        """Find the reason why these values make no benchmark; empty if they do."""
        company_id = values["company_id"]
        if company_id and company_id not in self.env.companies.ids:
            return self.env._("There is no company %s.", company_id)
        if not METRIC.fullmatch(values["metric_key"] or ""):
            return self.env._(
                "“%s” is not a valid metric name: use lowercase letters, digits "
                "and underscores.",
                values["metric_key"] or "",
            )
        if values["cohort"] == INTERNAL:
            return self.env._(
                "Company averages are calculated automatically and cannot be entered."
            )
        return self._get_text_refusal(values) or self._get_number_refusal(values)

    @api.model
    def _get_text_refusal(self, values):
        for name in ("cohort", "source", "effective_date"):
            if not str(values[name] or "").strip():
                return self.env._(
                    "“%s” is empty.", self._fields[name]._description_string(self.env)
                )
        for name in ("cohort", "asset_type", "deal_type"):
            field = self._fields[name]
            if values[name] and values[name] not in field.get_values(self.env):
                return self.env._(
                    "“%(value)s” is not a valid %(field)s.",
                    value=values[name],
                    field=field._description_string(self.env),
                )
        return ""

    @api.model
    def _get_number_refusal(self, values):
        number, sample = values["value_numeric"], values["sample_size"]
        if number is False and not values["value_text"]:
            return self.env._("The row has no value.")
        if number is not False and not (is_finite(number) and abs(number) < MOST):
            return self.env._("%s is not a valid number.", number)
        if not (0 < sample < 2**31 and sample == int(sample)):
            return self.env._(
                "“n” is the sample size: use a whole number of 1 or more."
            )
        return ""

    @api.model
    def _compare_drafts(self, drafts):
        """Indexes of new rows; index → benchmark of those that differ."""
        metrics = list({draft["metric_key"] for draft in drafts.values()})
        known = {
            tuple(
                each[name].id if name == "company_id" else each[name] for name in KEY
            ): each
            for each in self.search([("metric_key", "in", metrics)])
        }
        new, changed = [], {}
        for index, draft in drafts.items():
            benchmark = known.get(tuple(draft[name] for name in KEY))
            if not benchmark:
                new.append(index)
            elif any(_differs(benchmark[name], draft[name]) for name in VALUES):
                changed[index] = benchmark
        return new, changed


def _differs(known, given):
    if known is False or given is False or isinstance(given, str):
        return known != given
    return not math.isclose(known, given, rel_tol=1e-12, abs_tol=5e-9)
