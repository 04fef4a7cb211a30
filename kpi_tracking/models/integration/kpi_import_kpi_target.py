import json
from bisect import bisect_right
from collections import defaultdict
from itertools import islice

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.tabular import Moment, TargetColumn
from .kpi_import_target import STAGING

PART = 1_000  # targets written at once
NUMBERS = ("value", "baseline", "stretch", "range_low", "range_high")


class KpiImportKpiTarget(models.AbstractModel):
    """Dated targets of KPIs."""

    _name = "kpi.import.kpi.target"
    _description = "Import of KPI Targets"
    _inherit = ["kpi.import.reference"]

    _staging = {"report_id": "integer", "date_from": "date", "payload": "text"}
    _staging_key = ("report_id", "date_from")

    @api.model
    def _columns(self):
        _ = self.env._
        return [
            *super()._columns(),
            TargetColumn(
                "moment",
                _("Valid from"),
                "moment",
                aliases=("period", "date", "date from", "month"),
            ),
            TargetColumn("value", _("Target"), "number", has_periods=True),
            TargetColumn("baseline", _("Baseline"), "number"),
            TargetColumn("stretch", _("Stretch"), "number"),
            TargetColumn("range_low", _("Lowest good value"), "number"),
            TargetColumn("range_high", _("Highest good value"), "number"),
            TargetColumn("note", _("Note"), aliases=("comment",)),
        ]

    @api.model
    def _missing(self, job, keys):
        questions = super()._missing(job, keys)
        if not keys & {"value", "range_low", "range_high"}:
            questions.append(self.env._("Choose the column that is “Target”."))
        if "moment" not in keys and not job.has_periods and not job.period_day:
            questions.append(
                self.env._(
                    "From when on are the targets valid? Choose the column that is"
                    " “Valid from”, or a day for all rows."
                )
            )
        return questions

    @api.model
    def _staged_rows(self, run, entries):
        fixed = run.job.period_day and Moment(run.job.period_day, "day")
        names = (*NUMBERS, "note", *self._more_names())
        filled = [entry for entry in entries if entry.values.keys() & set(names[:-1])]
        run.empty_count += len(entries) - len(filled)
        rows = []
        kpis = self._kpis(run, filled)
        for entry, kpi in zip(filled, kpis, strict=True):
            if not kpi:
                continue
            values = {n: entry.values[n] for n in names if n in entry.values}
            try:
                start = self._start_of(kpi, entry.values.get("moment") or fixed)
                self._check_values(kpi, values)
            except UserError as error:
                run.refuse(entry.number, str(error))
                continue
            rows.append((entry.number, kpi.report_id, start, json.dumps(values)))
        return rows

    @api.model
    def _more_names(self):
        return ()

    @api.model
    def _checked_start(self, kpi, moment):
        if not moment:
            return self.env._("The row does not say from when on it is valid.")
        return super()._checked_start(kpi, moment)

    @api.model
    def _check_values(self, kpi, values):
        low, high = values.get("range_low"), values.get("range_high")
        if low is not None and high is not None and low > high:
            raise UserError(
                self.env._(
                    "The lowest good value %(low)s is above the highest %(high)s.",
                    low=low,
                    high=high,
                )
            )

    @api.model
    def _counts(self, run):
        targets = self._staged_targets()
        planned = {key for key in targets if key[0] < 0}
        known = {key: vals for key, vals in targets.items() if key not in planned}
        new, changed = self._differences(known)
        equal = len(known) - len(new) - len(changed)
        return len(new) + len(planned), len(changed), equal

    @api.model
    def _store(self, run):
        self._create_planned(run)
        yield
        targets = iter(self._staged_targets().items())
        while part := dict(islice(targets, PART)):
            self._write_targets(part)
            yield

    @api.model
    def _staged_targets(self):
        """``(report id, day)`` → values, in that order."""
        rows = self.env.execute_query(
            SQL(
                "SELECT report_id, date_from, payload FROM %s ORDER BY 1, 2",
                SQL.identifier(STAGING),
            )
        )
        return {
            (report_id, day): json.loads(payload) for report_id, day, payload in rows
        }

    @api.model
    def _write_targets(self, targets):
        """Create and change targets.

        :param targets: ``(report id, first day)`` → values
        """
        new, changed = self._differences(targets)
        self.env["kpi.target"].create(
            [
                {
                    **self._target_values(values),
                    "report_id": report_id,
                    "date_from": day,
                }
                for (report_id, day), values in new.items()
            ]
        )
        for target, values in changed.items():
            target.write(self._target_values(values))

    @api.model
    def _write_standing(self, targets):
        """Targets that are given period by period: kept where they change.

        :param targets: ``(report id, first day)`` → number, in that order
        """
        report_ids = list({report_id for report_id, _day in targets})
        known = self.env["kpi.target"].search(
            [("report_id", "in", report_ids)], order="report_id, date_from"
        )
        days, numbers = defaultdict(list), {}
        for target in known:
            days[target.report_id.id].append(target.date_from)
            numbers[target.report_id.id, target.date_from] = target.value
        wanted = {}
        for (report_id, day), number in targets.items():
            place = bisect_right(days[report_id], day)
            standing = place and numbers[report_id, days[report_id][place - 1]]
            if place and standing == number:
                continue
            wanted[report_id, day] = {"value": number}
            if not place or days[report_id][place - 1] != day:
                days[report_id].insert(place, day)
            numbers[report_id, day] = number
        self._write_targets(wanted)

    @api.model
    def _target_values(self, values):
        """Values to write of what a row says."""
        if "baseline" in values:
            return {**values, "has_baseline": True}
        return values

    @api.model
    def _differences(self, targets):
        """What of ``targets`` is new, and what another target from that day on.

        :return: values by ``(report id, first day)``; values by record
        """
        report_ids = {report_id for report_id, _day in targets}
        known = self.env["kpi.target"].search([("report_id", "in", list(report_ids))])
        by_key = {(t.report_id.id, t.date_from): t for t in known}
        new, changed = {}, {}
        for key, values in targets.items():
            target = by_key.get(key)
            if not target:
                new[key] = values
            elif any(target[name] != value for name, value in values.items()):
                changed[target] = values
        return new, changed
