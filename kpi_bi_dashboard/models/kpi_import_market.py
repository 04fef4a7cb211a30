import json

from odoo import models
from odoo.fields import Domain

from odoo.addons.kpi_base.engine.tabular import Amount, TargetColumn, TargetOption
from odoo.addons.kpi_base.formatting import format_significant
from odoo.addons.kpi_base.names import NameIndex

from .kpi_bi_market import RANGES

KINDS = {
    **dict.fromkeys(("float", "integer", "monetary"), "number"),
    "date": "moment",
    "selection": "choice",
}


def _find_unit(name, field):
    """The unit that numbers of a column may have; None: money or percent."""
    if name in RANGES:
        return "percent"
    return "money" if field.type == "monetary" else None


class KpiImportKnown(models.AbstractModel):
    """What is known of markets: each row is a record, as if somebody typed it.

    An empty cell changes nothing.
    """

    _name = "kpi.import.known"
    _description = "Market Data Import"
    _inherit = ["kpi.import.bi"]

    _staging = {"named": "text", "known": "text"}  # JSON
    _staging_key = ("named",)
    _upsert_key = ()  # fields that tell records of a company apart
    _upsert_values = ()  # other fields

    def _columns(self):
        return [
            TargetColumn(
                name,
                f"{label} (%)" if name in RANGES else label,
                KINDS.get(field.type, "text"),
                field.required and name != "date",  # today
                (label, name.removesuffix("_id")),
                self._choices(self._stored_model, name)
                if field.type == "selection"
                else {},
                unit=_find_unit(name, field),
            )
            for name in (*self._upsert_key, *self._upsert_values)
            for field in [self.env[self._stored_model]._fields[name]]
            for label in [field._description_string(self.env)]
        ]

    def _options(self, job):
        if not any(key in RANGES for key in self._upsert_values):
            return []
        choices = [
            ("ask", self.env._("Ask")),
            ("percent", self.env._("Percent (0.03 = 0.03%)")),
            ("ratio", self.env._("Ratios (0.03 = 3%)")),
        ]
        label = self.env._("Values Below 1 in Percent Columns")
        return [
            TargetOption(
                "small", label, "choice", "ask", choices=choices, is_remembered=False
            )
        ]

    def _suggest_choices(self, run):
        small = getattr(run, "small", ())
        if small and run.options["small"] == "ask":
            for choice in ("ratio", "percent"):
                yield "small", choice, len(small)

    def _note(self):
        return self.env._(
            "One row per record; shares and growth in percent. The file updates "
            "existing records."
        )

    def _build_staging_rows(self, run, entries):
        keys, rows = [*self._upsert_key, *self._upsert_values], []
        entries = list(entries)
        run.named = self._find_named(run, entries, keys)
        run.small = getattr(run, "small", set())
        for entry in self._list_complete(run, entries):
            values = {
                key: self._read(run, entry, key, entry.values[key])
                for key in keys
                if entry.values.get(key) not in (None, "")
            }
            rows.append((entry.number, self._build_key(values), json.dumps(values)))
        return rows

    def _find_named(self, run, entries, keys):
        """(key of a column, text) → id of the record that it names.

        The first of several; all texts of a column are looked up at once.
        """
        named = {}
        for key in keys:
            if self.env[self._stored_model]._fields[key].type == "many2one":
                found = self._find_named_ids(run, entries, key)
                named |= {(key, text): ids[0] for text, ids in found.items()}
        return named

    def _make_names(self, job, key):
        field = self.env[self._stored_model]._fields.get(key)
        if not field or field.type != "many2one":
            return None
        records, domain = self.env[field.comodel_name], Domain.TRUE
        if "company_id" in records:
            domain = Domain("company_id", "=", job.company_id.id)
        return NameIndex(records, ("name",), "name", domain), bool

    def _read(self, run, entry, name, value):
        """What a cell says, as a record has it."""
        field = self.env[self._stored_model]._fields[name]
        if field.type == "date":
            return str(value.day)
        if field.type == "integer":
            return int(value)
        if KINDS.get(field.type) == "number":
            return self._read_number(run, entry, name, value)
        if field.type != "many2one":
            return value.strip()
        found = run.named.get((name, value))
        if not found:
            reason = self.env._("“%s” not found.", value)
            run.refuse_unknown(entry.number, reason, name, value)
        return found

    def _read_number(self, run, entry, name, value):
        """A number as a record has it: ratios where the file has percents. One below 1
        without a sign may be a ratio already: that is asked."""
        number, how = float(value), run.options.get("small")
        if name not in RANGES:
            return number
        has_sign = isinstance(value, Amount) and not value.is_titled
        if has_sign or not 0 < abs(number) < 1:
            return number / 100
        run.small.add(entry.number)
        if how == "ask":
            reason = self.env._(
                "%(column)s %(value)s: choose whether this is %(value)s%% or "
                "%(ratio)s%%.",
                column=self.env[self._stored_model]
                ._fields[name]
                ._description_string(self.env),
                value=format_significant(self.env, number, 6),
                ratio=format_significant(self.env, 100 * number, 6),
            )
            run.refuse(entry.number, reason, (name,))
        return number if how == "ratio" else number / 100

    def _build_key(self, values):
        return "|".join(str(values.get(key) or "").lower() for key in self._upsert_key)

    def _list_tried(self, run):
        """(number of the row, the record or none, its values) of what is staged."""
        records, company = self.env[self._stored_model], run.job.company_id.id
        own = records.search([("company_id", "=", company)])
        known = {
            self._build_key(
                one._convert_to_write({key: one[key] for key in self._upsert_key})
            ): one
            for one in own
        }
        fixed = {} if records._fields["company_id"].related else {"company_id": company}
        self.env.cr.execute("SELECT * FROM kpi_import_staging ORDER BY number")
        return [
            (number, known.get(named, records), {**json.loads(values), **fixed})
            for number, named, values in self.env.cr.fetchall()
        ]

    def _write_tried(self, run, items):
        known = [item for item in items if item[1]]
        for _number, record, values in known:
            record.write(values)
        new = [item for item in items if not item[1]]
        records = self.env[self._stored_model].create([values for *_, values in new])
        written = {record: {number} for number, record, _values in known}
        numbers = [{number} for number, *_rest in new]
        return written | dict(zip(records, numbers, strict=True))

    def _counts(self, run):
        counts = [0, 0, 0]
        for _number, record, values in self._list_tried(run):
            fresh = record.new(values)
            is_same = all(fresh[name] == record[name] for name in values)
            counts[bool(record) + bool(record and is_same)] += 1
        return counts

    def _store(self, run):
        self._check_may_import()
        items = self._list_tried(run)
        self._write_tried(run, items)
        yield len(items)


class KpiImportMarket(models.AbstractModel):
    """Markets by name and year."""

    _name = "kpi.import.market"
    _description = "Market Import"
    _inherit = ["kpi.import.known"]

    _stored_model = "kpi.bi.market"
    _list = "kpi_bi_market_action"
    _upsert_key = ("name", "year")
    _upsert_values = ("size", "growth", "category_id", "source", "date")


class KpiImportCompetitor(models.AbstractModel):
    """Competitors by name and market, of its newest year."""

    _name = "kpi.import.competitor"
    _description = "Competitor Import"
    _inherit = ["kpi.import.known"]

    _stored_model = "kpi.bi.competitor"
    _list = "kpi_bi_competitor_action"
    _upsert_key = ("market_id", "name")
    _upsert_values = (
        "share", "growth", "overlap", "price_advantage", "source", "date"
    )  # fmt: skip

    def _write_tried(self, run, items):
        """Shares of a market add up: a row is refused for those that stay, not for
        others that are refused as well."""
        super()._write_tried(run, items)
        return {}


class KpiImportBenchmark(models.AbstractModel):
    """Benchmarks by measure, product category, first day and source."""

    _name = "kpi.import.bi.benchmark"
    _description = "Benchmark Import"
    _inherit = ["kpi.import.known"]

    _stored_model = "kpi.bi.benchmark"
    _list = "kpi_bi_benchmark_action"
    _upsert_key = ("measure", "category_id", "date_from", "source")
    _upsert_values = ("middle", "best")
