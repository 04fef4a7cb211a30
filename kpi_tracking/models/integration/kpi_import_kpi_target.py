import json
from bisect import bisect_right
from collections import defaultdict
from contextlib import suppress
from itertools import chain, islice
from operator import itemgetter

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, groupby

from odoo.addons.kpi_base.engine.counts import list_counts, say_count
from odoo.addons.kpi_base.engine.tabular import TargetColumn
from odoo.addons.kpi_base.fields import or_none

from ...engine.zones import THRESHOLD_FIELDS
from .import_references import RefusedReference
from .kpi_import_reference import LIMITS

PART = 1_000  # targets written at once
NUMBERS = (
    "value",
    "baseline",
    "stretch",
    "range_low",
    "range_high",
    *THRESHOLD_FIELDS,
    "change_percent",
    "annual_total",
)
RULES = {
    **dict.fromkeys(("number", "a number"), "number"),
    **dict.fromkeys(
        ("previous year", "last year", "last year's value"), "previous_year"
    ),
    **dict.fromkeys(("kpi", "another kpi", "budget"), "kpi"),
    **dict.fromkeys(("annual", "total of the year", "yearly total"), "annual"),
}


class KpiImportKpiTarget(models.AbstractModel):
    """Dated targets of KPIs."""

    _name = "kpi.import.kpi.target"
    _description = "KPI Target Import"
    _inherit = ["kpi.import.reference"]

    _staging = {"report_id": "integer", "date_from": "date", "payload": "text"}
    _staging_key = ("report_id", "date_from")
    _filling = frozenset({*NUMBERS, "rule"})
    _amounts = frozenset(
        {"value", "baseline", "stretch", "range_low", "range_high", "annual_total"}
    )
    _goal_column = "value"
    _checked_columns = ("source_code", "range_low", "range_high")

    def _columns(self):
        return [
            *super()._columns(),
            TargetColumn(
                "moment",
                self.env._("Valid from"),
                "moment",
                aliases=("period", "date", "date from", "month"),
                can_group=True,
            ),
            self._get_year_column(),
            TargetColumn(
                "value",
                self.env._("Target"),
                "number",
                has_periods=True,
                named_by="kpi_name",
                has_units=True,
                has_goals=True,
            ),
            TargetColumn("baseline", self.env._("Baseline"), "number", has_units=True),
            TargetColumn("stretch", self.env._("Stretch"), "number", has_units=True),
            TargetColumn(
                "range_low", self.env._("Lowest good value"), "number", has_units=True
            ),
            TargetColumn(
                "range_high", self.env._("Highest good value"), "number", has_units=True
            ),
            *(
                TargetColumn(key, label, "number", unit="percent")
                for key, label in self._name_zones().items()
            ),
            TargetColumn("rule", self.env._("Set by"), "choice", choices=RULES),
            TargetColumn(
                "change_percent", self.env._("Change (%)"), "number", unit="percent"
            ),
            TargetColumn("source_code", self.env._("Code of the other KPI")),
            TargetColumn(
                "annual_total", self.env._("Yearly total"), "number", has_units=True
            ),
            TargetColumn("note", self.env._("Note"), aliases=("comment",)),
        ]

    def _name_zones(self):
        return {
            "threshold_1": self.env._("Best zone from (%)"),
            "threshold_2": self.env._("Second zone from (%)"),
            "threshold_3": self.env._("Third zone from (%)"),
            "threshold_4": self.env._("Fourth zone from (%)"),
        }

    def _missing(self, job, keys):
        questions = super()._missing(job, keys)
        if not keys & self._filling:
            questions.append(self.env._("Choose the “Target” column."))
        has_periods = keys & {"moment", "year"} or job.has_periods
        if not has_periods and not job.period_day:
            questions.append(
                self.env._(
                    "Choose the “Valid from” column or enter a date for all rows."
                )
            )
        return questions

    def _look_up(self, run, entries):
        codes = {}
        for text in {entry.values.get("source_code") for entry in entries} - {None}:
            with suppress(RefusedReference):  # no KPI can have such a code
                codes[text] = run.references.code_of(text)
        domain = [("code", "in", list(codes.values()))]
        found = self.env["kpi.definition"].search(domain).grouped("code")
        run.sources = {
            (text, kpi.company_id.id): kpi.id
            for text, code in codes.items()
            for kpi in found.get(code, ())
        }

    def _prepare_cells(self, run, kpi, given):
        names = (*NUMBERS, "rule", "note")
        values = {name: given[name] for name in names if name in given}
        if values.keys() & set(THRESHOLD_FIELDS):
            is_five = values.keys() & set(THRESHOLD_FIELDS[2:])
            values["zones"] = "five" if is_five else "rag"
        if "baseline" in values:
            values["has_baseline"] = True
        if code := given.get("source_code"):
            sources = run.sources
            source = sources.get((code, kpi.company_id)) or sources.get((code, False))
            if not source:
                raise UserError(self.env._("No KPI has the code “%s”.", code))
            values["source_definition_id"] = source
        low, high = values.get("range_low"), values.get("range_high")
        if low is not None and high is not None and low > high:
            raise UserError(
                self.env._(
                    "The lowest good value %(low)s exceeds the highest %(high)s.",
                    low=low,
                    high=high,
                )
            )
        return (json.dumps(values),)

    def _resolve_period(self, kpi, moment):
        if not moment:
            return self.env._("The row has no “Valid from” date.")
        return super()._resolve_period(kpi, moment)

    def _describe_added(self, count):
        one, more = self.env._("1 new target"), self.env._("%s new targets")
        return say_count(count, one, more)

    def _build_created_text(self, run):
        """As of all imports of KPIs, and how many changes wait for approval."""
        waiting = self._describe_waiting(self._read_staged_targets())
        return ", ".join(filter(None, [super()._build_created_text(run), waiting]))

    def _describe_waiting(self, targets):
        """Say how many of ``targets`` would be proposals that wait; empty: none."""
        if not self.env["kpi.target"]._is_guarding("write"):
            return ""
        new, changed = self._differences(targets)
        count = self.env["kpi.target"]._count_waiting(
            [
                {**values, "report_id": report_id, "date_from": day}
                for (report_id, day), values in new.items()
                if report_id > 0  # those that are planned wait, too
            ],
            changed,
        )
        count += sum(report_id < 0 for report_id, _day in new)
        one = self.env._("1 target waiting for approval")
        return list_counts((count, one, self.env._("%s targets waiting for approval")))

    def _counts(self, run):
        targets = self._read_staged_targets()
        planned = {key for key in targets if key[0] < 0}
        known = {key: vals for key, vals in targets.items() if key not in planned}
        new, changed = self._differences(known)
        equal = len(known) - len(new) - len(changed)
        return len(new) + len(planned), len(changed), equal

    def _store(self, run):
        yield from self._create_planned(run)
        targets = iter(self._read_staged_targets().items())
        while part := dict(islice(targets, PART)):
            self._write_targets(part)
            yield len(part)

    def _read_staged_targets(self):
        """``(report id, day)`` → values, in that order."""
        return {key: values for _number, key, values in self._read_staged_rows()}

    def _read_staged_rows(self):
        """``(row number, (report id, day), values)`` of all that is staged."""
        rows = self.env.execute_query(
            SQL(
                "SELECT number, report_id, date_from, payload"
                " FROM kpi_import_staging ORDER BY 2, 3"
            )
        )
        return [
            (number, (report_id, day), json.loads(payload))
            for number, report_id, day, payload in rows
        ]

    def _list_tried(self, run):
        """Rows, each with all of its targets."""
        rows = groupby(self._read_staged_rows(), itemgetter(0))
        return [(number, [row[1:] for row in same]) for number, same in rows]

    def _write_tried(self, run, items):
        targets = dict(chain.from_iterable(rows for _number, rows in items))
        planned = self._find_planned(run, {report_id for report_id, _day in targets})
        made = self._make_planned(run, planned, {})
        self._write_targets(
            {(made.get(one, one), day): targets[one, day] for one, day in targets}
        )
        numbers, by_report = {}, defaultdict(set)
        for number, rows in items:
            for (report_id, day), _values in rows:
                report_id = made.get(report_id, report_id)
                numbers[report_id, day] = {number}
                by_report[report_id].add(number)
        written = self._map_reports(by_report)
        for key, target in self._find_targets(numbers).items():
            written[target] = numbers.get(key, set())
        return written

    def _write_targets(self, targets):
        """Create and change targets, or propose it where that needs approval."""
        new, changed = self._differences(targets)
        reason = self.env._("Imported from a file")
        self.env["kpi.target"]._create_or_propose(
            [
                {**values, "report_id": report_id, "date_from": day}
                for (report_id, day), values in new.items()
            ],
            reason,
        )
        for target, values in changed.items():
            target._write_or_propose(values, reason)

    def _find_standing(self, targets):
        """Those of ``targets``, values by key, to write so that all hold, in order."""
        days, numbers = defaultdict(list), {}
        for (report_id, day), target in self._find_targets(targets).items():
            days[report_id].append(day)
            numbers[report_id, day] = {
                name: or_none(target[name]) for name in ("value", *LIMITS)
            }
        wanted = {}
        for (report_id, day), values in targets.items():
            position = bisect_right(days[report_id], day)
            standing = position and numbers[report_id, days[report_id][position - 1]]
            if position and standing.items() >= values.items():
                continue
            wanted[report_id, day] = values
            if not position or days[report_id][position - 1] != day:
                days[report_id].insert(position, day)
            numbers[report_id, day] = {**dict.fromkeys(("value", *LIMITS)), **values}
        return wanted

    def _differences(self, targets):
        """Find new targets, values by key, and those that differ, values by record."""
        known = self._find_targets(targets)
        new, changed = {}, {}
        for key, values in targets.items():
            target = known.get(key)
            if not target:
                new[key] = values
                continue
            stored = target._convert_to_write({name: target[name] for name in values})
            for name in stored.keys() & NUMBERS:
                stored[name] = or_none(stored[name])
            if stored != values:
                changed[target] = values
        return new, changed

    def _find_targets(self, keys):
        """``(report id, first day)`` → target of the KPIs of ``keys``, in order."""
        report_ids = list({report_id for report_id, _day in keys})
        found = self.env["kpi.target"].search(
            [("report_id", "in", report_ids)], order="report_id, date_from"
        )
        return {(one.report_id.id, one.date_from): one for one in found}
