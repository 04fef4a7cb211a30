from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, groupby

from odoo.addons.kpi_base.engine.tabular import Moment, TargetColumn

from ...engine.due import is_locked
from ..fact.kpi_measurement import ROUNDING
from .import_references import KPI_KEYS

PART = 20_000  # facts written at once


class KpiImportMeasurement(models.AbstractModel):
    """Values of KPIs that people enter."""

    _name = "kpi.import.measurement"
    _description = "KPI Value Import"
    _inherit = ["kpi.import.reference"]

    _staging = {
        "report_id": "integer",
        "period_start": "date",
        "grain": "text",
        "value": "float8",
        "target": "float8",
    }
    _staging_key = ("report_id", "period_start")

    @api.model
    def _columns(self):
        return [
            *super()._columns(),
            TargetColumn(
                "moment",
                self.env._("Period"),
                "moment",
                aliases=("date", "month", "day"),
            ),
            TargetColumn(
                "value",
                self.env._("Value"),
                "number",
                is_required=True,
                aliases=("actual", "amount", "result"),
                has_periods=True,
            ),
            TargetColumn("target", self.env._("Target"), "number"),
        ]

    @api.model
    def _missing(self, job, keys):
        questions = super()._missing(job, keys)
        if "moment" not in keys and not job.has_periods and not job.period_day:
            questions.append(
                self.env._(
                    "Which period do the values belong to? Choose which column "
                    "is “Period”, or enter a day in the period for all rows or "
                    "per column. For columns such as OCT to SEP, enter the year "
                    "of the first month."
                )
            )
        return questions

    @api.model
    def _build_staging_rows(self, run, entries):
        fixed = run.job.period_day and Moment(run.job.period_day, "day")
        filled = []
        for entry in entries:
            if "value" in entry.values or "target" in entry.values:
                filled.append(entry)
            else:
                run.empty_count += 1
        rows = []
        kpis = self._kpis(run, filled)
        for entry, kpi in zip(filled, kpis, strict=True):
            if not kpi:
                continue
            values = entry.values
            moment = values.get("moment")
            wrong = ("moment",) if kpi.computation == "manual" else KPI_KEYS
            try:
                start = self._start_of(kpi, moment or fixed)
                wrong = ("value",)
                if "value" in values:
                    self._check_value(kpi, start, values["value"])
            except UserError as error:
                run.refuse(entry.number, str(error), wrong, moment)
                continue
            for name in values.keys() & {"value", "target"}:
                kpi.note_decimals(values[name])
            rows.append(
                (
                    entry.number,
                    kpi.report_id,
                    start,
                    kpi.frequency,
                    values.get("value"),
                    values.get("target"),
                )
            )
        return rows

    @api.model
    def _resolve_period(self, kpi, moment):
        if not moment:
            return self.env._("The row has no period.")
        if kpi.computation != "manual":
            return self.env._("%s is computed: values cannot be imported.", kpi.name)
        period = super()._resolve_period(kpi, moment)
        if isinstance(period, str):
            return period
        if period.start > kpi.today:
            return self.env._(
                "%(period)s has not started.", period=kpi.calendar._period_label(period)
            )
        if is_locked(period.stop, kpi.locked_until):
            return self.env._(
                "%(kpi)s: %(period)s is locked.",
                kpi=kpi.name,
                period=kpi.calendar._period_label(period),
            )
        return period

    @api.model
    def _check_value(self, kpi, start, value):
        if kpi.unit == "boolean" and value not in (0, 1):
            raise UserError(self.env._("%s: use 1 for yes or 0 for no.", kpi.name))

    @api.model
    def _refuse_targets(self, run):
        with self._undone():
            self._create_planned(run)
            refused = list(
                self._find_refused(self._get_targeted_report_ids(), self._store_targets)
            )
            numbers = self._numbers_by_report([report_id for report_id, _ in refused])
        for report_id, reason in refused:
            for number in numbers[report_id]:
                run.refuse(number, reason)

    @api.model
    def _describe_added(self, count):
        if count == 1:
            return self.env._("1 new value")
        return self.env._("%s new values", count)

    @api.model
    def _build_created_text(self, run):
        """Targets that stand beside the values, and as for all imports of KPIs."""
        targets = self.env["kpi.import.kpi.target"]
        staged = self._read_staged_targets(self._get_targeted_report_ids())
        new, changed = targets._count_standing(staged)
        texts = [super()._build_created_text(run)]
        if new == 1:
            texts.append(self.env._("1 new target"))
        elif new:
            texts.append(self.env._("%s new targets", new))
        if changed == 1:
            texts.append(self.env._("1 changed target"))
        elif changed:
            texts.append(self.env._("%s changed targets", changed))
        if new or changed:
            wanted = targets._find_standing(staged)
            texts.append(targets._describe_waiting(wanted))
        return ", ".join(filter(None, texts))

    @api.model
    def _counts(self, run):
        (counts,) = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FILTER (WHERE fact.id IS NULL),
                       count(*) FILTER (WHERE NOT same.is_same),
                       count(*) FILTER (WHERE same.is_same)
                  FROM %(staging)s AS staging
             LEFT JOIN kpi_measurement AS fact
                    ON fact.report_id = staging.report_id
                   AND fact.grain = staging.grain
                   AND fact.period_start = staging.period_start
     CROSS JOIN LATERAL (
                        SELECT abs(staging.value - fact.value)
                               <= %(rounding)s * abs(fact.value) AS is_same
                       ) AS same
                 WHERE staging.value IS NOT NULL
                """,
                staging=SQL.identifier(self._staging_table),
                rounding=ROUNDING,
            )
        )
        return counts

    @api.model
    def _store(self, run):
        self._create_planned(run)
        # Before the values, which are judged by what stands when they come.
        self._store_targets(self._get_targeted_report_ids())
        self._ensure_days()
        yield
        for grain, report_ids in self._parts():
            # Values are written by the engine only; who may import was checked.
            facts = self.env["kpi.measurement"].sudo()
            self._check_still_unlocked(grain, report_ids)
            facts._upsert(
                grain,
                SQL(
                    """
            SELECT report_id, period_start, value, NULL::float8 AS weight,
                   NULL::integer AS unpriced_count, NULL::integer AS parts_present,
                   NULL::integer AS parts_expected
              FROM %(staging)s
             WHERE grain = %(grain)s
               AND report_id = ANY(%(report_ids)s)
               AND value IS NOT NULL
            """,
                    staging=SQL.identifier(self._staging_table),
                    grain=grain,
                    report_ids=report_ids,
                ),
                source="import",
            )
            yield

    @api.model
    def _check_still_unlocked(self, grain, report_ids):
        """Refuse to go on where a period was locked after its row had been looked at.

        :raises UserError: naming the period and who may unlock it
        """
        # Who may import was checked; locks bind everybody.
        reports = self.env["kpi.report"].sudo().browse(report_ids)
        locked = {kpi.id: kpi for kpi, day in reports._get_lock_dates().items() if day}
        if not locked:
            return
        earliest = self.env.execute_query(
            SQL(
                """
                SELECT report_id, min(period_start)
                  FROM %s
                 WHERE grain = %s
                   AND report_id = ANY(%s)
                   AND value IS NOT NULL
              GROUP BY report_id
                """,
                SQL.identifier(self._staging_table),
                grain,
                list(locked),
            )
        )
        for report_id, start in earliest:
            report = locked[report_id]
            calendar = report.definition_id.calendar_id
            report._check_unlocked(calendar._period(grain, start))

    @api.model
    def _ensure_days(self):
        """Have the calendars cover all imported periods."""
        spans = self.env.execute_query(
            SQL(
                """
                SELECT definition.calendar_id,
                       min(staging.period_start),
                       max(staging.period_start)
                  FROM %s AS staging
                  JOIN kpi_report AS report ON report.id = staging.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
              GROUP BY definition.calendar_id
                """,
                SQL.identifier(self._staging_table),
            )
        )
        for calendar_id, first, last in spans:
            # Days are the engine's own.
            self.env["kpi.calendar"].sudo().browse(calendar_id)._ensure_days(
                first, last
            )

    @api.model
    def _parts(self):
        """``(grain, ids of reports)`` of some thousand facts each; no report twice."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT grain, report_id,
                       (sum(count(*)) OVER (PARTITION BY grain ORDER BY report_id)
                        - 1) :: integer / %s
                  FROM %s
                 WHERE value IS NOT NULL
              GROUP BY grain, report_id
              ORDER BY grain, report_id
                """,
                PART,
                SQL.identifier(self._staging_table),
            )
        )
        for (grain, _part), same in groupby(rows, key=lambda row: (row[0], row[2])):
            yield grain, [report_id for _grain, report_id, _part in same]

    @api.model
    def _get_targeted_report_ids(self):
        """Ids of the reports with targets beside their values."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT report_id FROM %s WHERE target IS NOT NULL ORDER BY 1",
                SQL.identifier(self._staging_table),
            )
        )
        return [report_id for (report_id,) in rows]

    @api.model
    def _store_targets(self, report_ids):
        """Targets that stand beside the values: valid from each period on."""
        self.env["kpi.import.kpi.target"]._write_standing(
            self._read_staged_targets(report_ids)
        )

    @api.model
    def _read_staged_targets(self, report_ids):
        """``(report id, first day)`` → number, in that order."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, target
                  FROM %s
                 WHERE target IS NOT NULL
                   AND report_id = ANY(%s)
              ORDER BY report_id, period_start
                """,
                SQL.identifier(self._staging_table),
                report_ids,
            )
        )
        return {(report_id, day): value for report_id, day, value in rows}
