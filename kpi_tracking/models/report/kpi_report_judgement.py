from datetime import date, timedelta
from textwrap import dedent

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.formatting import format_clock, format_day
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_base.schemas.base import GivenDay, Grain, Nothing

from ...engine import status, zones
from ...engine.formula import FormulaError
from ...engine.formula.formula import find_unit_code
from ...engine.zones import THRESHOLD_FIELDS
from ..target.target_numbers import TargetEvaluation, target_numbers_sql
from .kpi_report import columns_sql

NUMBERS = ("target", "baseline", "stretch", "range_low", "range_high")
JUDGED_BY = (*NUMBERS, "zones", *THRESHOLD_FIELDS)
JUDGEMENT = ("rated_value", "achievement", "status", "band", "rated_at")


class KpiReport(models.Model):
    """Keeps what each period is judged by, and judges the periods that have closed."""

    _inherit = "kpi.report"

    def _judge_periods(self, first=None):
        """Bring the targets of open periods up to date and judge what has closed.

        :param first: leave the periods before that of this day alone
        :return: the KPIs concerned: these, and those whose targets follow from them
        """
        # Per calendar: the KPIs that there is something to judge by, the day of their
        # first target, and those with targets set by a rule.
        concerned = SQL(
            """
            WITH concerned AS (
                SELECT report_id FROM kpi_target WHERE report_id = ANY(%(ids)s)
                 UNION
                SELECT report_id FROM kpi_target_value
                 WHERE report_id = ANY(%(ids)s) AND rated_at IS NULL
                 UNION
                SELECT target.report_id
                  FROM kpi_report AS source
                  JOIN kpi_target AS target
                    ON target.source_definition_id = source.definition_id
                 WHERE source.id = ANY(%(ids)s)
            )
            SELECT array_agg(DISTINCT report.id), definition.calendar_id,
                   COALESCE(min(target.date_from), CURRENT_DATE),
                   COALESCE(array_agg(DISTINCT report.id)
                            FILTER (WHERE target.rule <> 'number'), '{}')
              FROM concerned
              JOIN kpi_report AS report ON report.id = concerned.report_id
              JOIN kpi_definition AS definition ON definition.id = report.definition_id
         LEFT JOIN kpi_target AS target ON target.report_id = report.id
          GROUP BY definition.calendar_id
            """,
            ids=self.ids,
        )
        reports, judged_ids = self, []
        for ids, calendar_id, since, ruled_ids in self.env.execute_query(concerned):
            calendar = self.env["kpi.calendar"].browse(calendar_id)
            today = calendar._today()
            calendar._ensure_days(min(since, today), today + timedelta(days=1))
            ruled = self.browse(ruled_ids)._evaluate_target_rules()
            rows = self.env.execute_query(_judgement_sql(ids, today, first, ruled))
            judged_ids += [row_id for row_id, is_judged in rows if is_judged]
            reports |= self.browse(ids)
        values = self.env["kpi.target.value"]
        values.invalidate_model()
        if judged_ids:
            self.env["kpi.event"]._periods_judged(values.browse(judged_ids))
        return reports

    def _evaluate_target_rules(self):
        """Evaluate target rules in all periods so far: lists of report ids, grains,
        first days and targets.
        """
        found = []
        for definition, reports in self.grouped("definition_id").items():
            calendar = definition.calendar_id
            first = min(reports.target_ids.mapped("date_from"))
            for grain in definition._grains():
                periods = calendar._periods(grain, first, calendar._today())
                if periods:
                    target = TargetEvaluation(reports, periods).targets().target
                    found += [
                        (reports[row].id, grain, periods[at].start, float(number))
                        for (row, at), number in np.ndenumerate(target)
                        if not np.isnan(number)
                    ]
        return [[*column] for column in zip(*found, strict=True)] or [[], [], [], []]

    @api.model
    def _find_unjudged(self):
        """KPIs of which a period has closed or begun unjudged, or runs: once a day.

        More of the target of those that run is due each day. ``_refresh_current``
        judges them; then they are not found again.
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH tracked AS NOT MATERIALIZED (
                    SELECT report.id, definition.frequency,
                           report.active AND definition.active AS active,
                           definition.aggregation_time,
                           (now() AT TIME ZONE calendar.tz)::date AS today
                      FROM kpi_report AS report
                      JOIN kpi_definition AS definition
                        ON definition.id = report.definition_id
                      JOIN kpi_calendar AS calendar
                        ON calendar.id = definition.calendar_id
                )
                SELECT stored.report_id, FALSE
                  FROM kpi_target_value AS stored
                  JOIN tracked ON tracked.id = stored.report_id
                  JOIN kpi_measurement AS fact
                    ON fact.report_id = stored.report_id
                   AND fact.grain = stored.grain
                   AND fact.period_start = stored.period_start
                 WHERE stored.rated_at IS NULL
                   AND stored.period_stop <= tracked.today
                 UNION
                SELECT report.id, FALSE
                  FROM kpi_report AS report
                  JOIN tracked ON tracked.id = report.id
                 WHERE report.active
                   AND tracked.aggregation_time = 'sum'
                   AND report.current_period_stop > tracked.today
                   AND report.target_day IS DISTINCT FROM tracked.today
                 UNION
                SELECT target.report_id, target.rule <> 'number'
                  FROM kpi_target AS target
                  JOIN tracked ON tracked.id = target.report_id
                 WHERE tracked.active
                   AND target.date_from <= tracked.today
                   AND NOT EXISTS (
                         SELECT 1
                           FROM kpi_target AS later
                          WHERE later.report_id = target.report_id
                            AND later.date_from > target.date_from
                            AND later.date_from <= tracked.today)
                   AND NOT EXISTS (
                         SELECT 1
                           FROM kpi_target_value AS stored
                          WHERE stored.report_id = target.report_id
                            AND stored.rated_at IS NULL
                            AND stored.grain = tracked.frequency
                            AND stored.period_stop > tracked.today)
                """
            )
        )
        ruled = self.browse(report_id for report_id, is_ruled in rows if is_ruled)
        others = self.browse(report_id for report_id, is_ruled in rows if not is_ruled)
        ids, grains, starts, _targets = ruled._evaluate_target_rules()
        known = set(zip(ids, grains, starts, strict=True))

        def has_begun(report):
            """The rule says a target for the period that runs now.

            Others would be found, and told to have changed, again and again.
            """
            calendar, grain = report.definition_id.calendar_id, report.frequency
            start = calendar._period(grain, calendar._today()).start
            return (report.id, grain, start) in known

        return others | ruled.filtered(has_begun)

    def action_explain(self):
        """Open what explains the value of the form's period, by default the latest."""
        period = self._find_asked_period()
        return self.action_explain_period(self.frequency, period and period.start)

    def action_explain_period(self, grain: Grain, period_start: GivenDay):
        """Open what explains the value of one period.

        :param period_start: first day of a period of ``grain``
        """
        self.ensure_one()
        if not period_start:
            raise UserError(
                self.computation_error
                or self.env._("%s has no value to explain yet.", self.name)
            )
        return open_dialog(
            self.env["kpi.explanation"],
            self.env._("Value Explanation"),
            default_report_id=self.id,
            default_grain=grain,
            default_period_start=str(fields.Date.to_date(period_start)),
        )

    @api.readonly
    def get_explanation(
        self, period_start: GivenDay | Nothing = None, grain: Grain | Nothing = None
    ):
        """Explain what one value was computed from, as far as the user may see it.

        :param period_start: first day of the period; default: the latest value
        :param grain: period length; default: the KPI's own
        :return: dict with ``value`` (None = no value), ``method`` (a sentence),
            ``filter`` (model and domains, if the user may read the model), ``share``
            (counts), ``records`` (model, ids the user may read, count of all),
            ``parts`` (formula: text, value, unit), ``sql`` (officers), ``revisions``,
            ``restatement`` (None, or as of ``_explain_restatement``)
        """
        if len(self.exists()) != 1:
            raise UserError(self.env._("Choose one KPI to explain."))
        self.check_access("read")
        grain = grain or self.frequency
        start = fields.Date.to_date(period_start) or self.current_period_start
        if not start:
            return {"value": None, "method": self.computation_error or ""}
        period = self.definition_id.calendar_id._period(grain, start)
        fact = self.env["kpi.measurement"].search(self._in_period(period))
        known = self._values(grain, period.start, period.start)[self]
        # How a value was computed is known to whoever sees it.
        stretch = self.sudo().definition_id._get_stretch(period)
        explain = getattr(self, f"_explain_{stretch.method.computation}")
        explanation = explain(period, fact)
        return {
            "value": known.get(period.start),
            "period_start": period.start,
            "period_stop": period.stop,
            "source": fact.source,
            "recorded_at": fact.recorded_at,
            "recorded_by": fact.recorded_by_id.display_name or "",
            "unpriced_count": fact.unpriced_count,
            "revisions": self._list_revisions(period),
            "restatement": self._explain_restatement(period, explanation),
            **explanation,
        }

    def _list_revisions(self, period):
        revisions = self.env["kpi.measurement.revision"]
        causes = dict(revisions._fields["cause"]._description_selection(self.env))
        return [
            {
                "id": revision.id,
                "old_value": revision.old_value,
                "new_value": None if revision.is_removal else revision.new_value,
                "replaced_at": revision.replaced_at,
                "replaced_by": revision.replaced_by_id.display_name or "",
                "cause": revision.cause or "",
                "cause_text": causes.get(revision.cause, ""),
                "reason": revision.reason or "",
            }
            for revision in revisions.search(self._in_period(period))
        ]

    def _explain_manual(self, period, fact):
        if not fact:
            return {"method": self.env._("No value entered for this period.")}
        local = fields.Datetime.context_timestamp(self, fact.recorded_at)
        return {
            "method": self.env._(
                "Entered by %(user)s on %(day)s, %(time)s.",
                user=fact.recorded_by_id.display_name or self.env._("the system"),
                day=format_day(self.env, local),
                time=format_clock(self.env, local),
            )
        }

    def _explain_external(self, period, fact):
        """Asks what handed the value over."""
        source = self.definition_id._get_external_source()
        if source is None or not fact:
            return {"method": self.env._("Provided by another app.")}
        return source._explain(self, period)

    def _read_formula_parts(self, definition, period, reports):
        """Values of the parts of a formula, of the formula last, in one period.

        :param reports: this scope's reports of the parts, empty where they are hidden
        :return: as of ``formula.explain``; whether the user may not know the parts
        """
        # The engine evaluates for everybody; what is shown is decided by whoever asks.
        kpi = self.sudo().definition_id
        evaluation = kpi._evaluation(period.grain, period.start, period.start)
        scope = (self.scope_type, self.scope_id, self.company_id.id)
        parts, is_below = evaluation.explain_parts(definition, scope)
        # Who leads the people below may see what they add up to.
        may_see_all = self.is_managed_by_me or self.env.user.has_group(OFFICER)
        return parts, not may_see_all and (is_below or not all(reports))

    def _explain_formula(self, period, fact):
        """The formula and what its parts were worth.

        A part that the viewer may not see has no number here either, nor has anything
        it could be worked out from.
        """
        # How a value was computed is known to whoever sees it.
        definition = self.sudo().definition_id._get_stretch(period).method
        by_code = definition._components_by_code()
        reports = {code: self._report_of(kpi) for code, kpi in by_code.items()}
        try:
            (*parts, total), is_hidden = self._read_formula_parts(
                definition, period, reports.values()
            )
        except FormulaError as error:
            return {"method": definition._translate_error(error)}
        rows = [
            {
                "text": text,
                "label": definition._name_codes(text, by_code),
                "value": None if not_shown else value,
                # None where it is not that of one KPI
                "unit": code and by_code[code]._unit_description(),
                "is_hidden": not_shown,
                "name": by_code[text].name if text in by_code else "",
                "report_id": reports[text].id if text in reports else False,
            }
            for (text, value), not_shown in [
                *((part, is_hidden) for part in parts),
                (total, False),
            ]
            for code in [find_unit_code(text, by_code)]
        ]
        rows[-1]["unit"] = definition._unit_description()
        return {
            "method": self.env._(
                "%(formula)s, computed from the totals of its parts.",
                formula=definition._name_codes(definition.formula, by_code),
            ),
            "parts": rows,
        }

    def _report_of(self, definition):
        """The same scope's report of another KPI, if the user may see it."""
        return self.search(
            [
                ("definition_id", "=", definition.id),
                ("scope_type", "=", self.scope_type),
                ("scope_id", "=", self.scope_id),
                ("company_id", "=", self.company_id.id),
            ],
            limit=1,
        )

    def _explain_records(self, period, fact):
        # The engine's way of counting; the records are looked up as the user.
        stretch = self.sudo().definition_id._get_stretch(period)
        definition = stretch.method
        if not fact and period.stop <= definition.history_start:
            first = format_day(self.env, definition.history_start)
            return {"method": self.env._("Values are computed from %s.", first)}
        if not fact and (reason := self._explain_not_begun(stretch, period)):
            return {"method": reason}
        # As above.
        select = self.sudo()._explaining_select(stretch, period)
        if not select:
            # Why nobody can say any more how it was counted.
            return {"method": stretch.error}
        records = self.env[definition.model_name].with_context(active_test=False)
        is_share, may_read = definition.measure == "share", records.has_access("read")
        explanation = {"filter": None, "share": None}
        explanation["method"] = definition._method_sentence(period)
        if may_read:
            explanation["filter"] = {
                "model": definition.model_name,
                "domain": definition.domain,
                "numerator_domain": is_share and definition.numerator_domain,
            }
        if is_share and fact:  # as many as there were when it was computed
            explanation["share"] = {
                "numerator": round(fact.value * fact.weight / 100),
                "base": round(fact.weight),
            }
        if definition._has_moved_on(period):
            return explanation
        # Ids only; those that the user may not read are counted, not shown.
        ((_value, ids),) = self.env.execute_query(select)
        readable = records.search([("id", "in", ids or [])]).ids if may_read else []
        text = ""
        if self.env.user.has_group(OFFICER):  # they wrote what it says
            text = self.env.cr.mogrify(select.code, select.params).decode()
        lines = dedent(text).strip().splitlines()
        return {
            **explanation,
            "records": {
                "model": definition.model_name,
                "ids": readable,
                "readable_count": len(readable),
                "count": len(ids or []),
            },
            "sql": "\n".join(map(str.rstrip, lines)),
        }

    def _explain_not_begun(self, stretch, period):
        """Say that there are no records yet up to a period; empty where there are."""
        methods = self.env["kpi.source"]._prepare_method_values(stretch.method)
        keys = [key for key, values in methods if values["grain"] == period.grain]
        # How a value is computed is known to whoever sees it.
        source = self.env["kpi.source"].sudo().search([("key", "in", keys)])
        if self.company_id.id not in source._list_not_begun(period):
            return ""
        words = {"records": stretch.method.model_label, "company": self.company_id.name}
        day = source.first_days[str(self.company_id.id)]
        if not day:
            return self.env._("%(company)s has no “%(records)s” records yet.", **words)
        return self.env._(
            "The first “%(records)s” record of %(company)s is dated %(day)s.",
            day=format_day(self.env, day),
            **words,
        )

    def _explaining_select(self, stretch, period):
        """The value of ``period`` and the ids of its records, as one statement."""
        sources = self.env["kpi.source"]
        values = sources._prepare_source_values(stretch.method)
        if not values:
            return None
        tracked = {"definition_ids": self.definition_id.ids}
        source = sources.new({**values, **tracked, "grain": period.grain})
        self.definition_id.calendar_id._ensure_days(period.start, period.stop)
        statement = source._statement([stretch])
        return statement and statement.explanation_sql(stretch.method, self, period)


def _judgement_sql(report_ids, today, first, ruled):
    """The statement that keeps targets and judgements of KPIs of one calendar.

    :param ruled: what ``_evaluate_target_rules`` found
    """
    reached, band = zones.status_and_band_sql(
        "achievement", "rated_value", "zones", THRESHOLD_FIELDS
    )
    achieved = status.achievement_sql(
        "due.rated_value",
        "due.target",
        "due.baseline",
        direction="due.direction",
        range_low="due.range_low",
        range_high="due.range_high",
    )
    stored = ("report_id", "grain", "period_start", "period_stop")
    columns = (*stored, *JUDGED_BY, *JUDGEMENT)
    changing = columns[3:]
    # All texts are made from names in code: nothing a user wrote. ``held``: targets
    # with the day from which the next one holds. ``wanted``: each beside the periods at
    # whose end it holds, all of the KPI's own, and longer ones that have values of
    # their own; none has 400 days. ``due``: open periods, closed ones that nothing was
    # stored of, and those whose value has come late, which are judged by what was
    # stored.
    return SQL(
        """
        WITH held AS MATERIALIZED (
            SELECT target.report_id, target.rule, target.date_from,
                   COALESCE(lead(target.date_from) OVER (
                              PARTITION BY target.report_id ORDER BY target.date_from),
                            'infinity') AS next_from,
                   definition.direction, definition.frequency, calendar.shape,
                   definition.aggregation_time,
                   %(numbers)s
              FROM kpi_target AS target
              JOIN kpi_report AS report ON report.id = target.report_id
              JOIN kpi_definition AS definition ON definition.id = report.definition_id
              JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
             WHERE target.report_id = ANY(%(ids)s)
        ),
        starts AS MATERIALIZED (
            SELECT grain, period_start, period_stop
              FROM kpi_calendar_day
             WHERE shape IN (SELECT shape FROM held)
               AND grain IN (SELECT frequency FROM held)
               AND day = period_start
               AND day <= %(today)s
               AND day > GREATEST(%(first)s, (SELECT min(date_from) FROM held)) - 400
        ),
        wanted AS (
            SELECT held.*, start.grain, start.period_start, start.period_stop
              FROM held
              JOIN starts AS start ON start.grain = held.frequency
             WHERE start.period_stop > %(first)s
               AND held.date_from < start.period_stop
               AND held.next_from >= start.period_stop
             UNION ALL
            SELECT held.*, fact.grain, fact.period_start, day.period_stop
              FROM held
              JOIN kpi_measurement AS fact
                ON fact.report_id = held.report_id
               AND fact.grain <> held.frequency
              JOIN kpi_calendar_day AS day
                ON day.shape = held.shape
               AND day.grain = fact.grain
               AND day.day = fact.period_start
             WHERE held.aggregation_time IN ('formula', 'none')
               AND fact.period_start <= %(today)s
               AND day.period_stop > %(first)s
               AND held.date_from < day.period_stop
               AND held.next_from >= day.period_stop
        ),
        due AS MATERIALIZED (
            SELECT wanted.report_id, wanted.grain, wanted.period_start,
                   wanted.period_stop, wanted.direction,
                   COALESCE(wanted.target, ruled.target) AS target, %(wanted)s,
                   CASE WHEN wanted.period_stop <= %(today)s
                        THEN fact.value END AS rated_value
              FROM wanted
         LEFT JOIN unnest(%(ruled_ids)s::int[], %(grains)s::varchar[],
                          %(starts)s::date[], %(targets)s::float8[])
                   AS ruled(report_id, grain, period_start, target)
                ON ruled.report_id = wanted.report_id
               AND ruled.grain = wanted.grain
               AND ruled.period_start = wanted.period_start
               AND wanted.rule <> 'number'
         LEFT JOIN kpi_target_value AS stored
                ON stored.report_id = wanted.report_id
               AND stored.grain = wanted.grain
               AND stored.period_start = wanted.period_start
         LEFT JOIN kpi_measurement AS fact
                ON fact.report_id = wanted.report_id
               AND fact.grain = wanted.grain
               AND fact.period_start = wanted.period_start
             WHERE COALESCE(wanted.target, ruled.target, wanted.range_low,
                            wanted.range_high) IS NOT NULL
               AND (stored.id IS NULL
                    OR stored.rated_at IS NULL AND stored.period_stop > %(today)s)
             UNION ALL
            SELECT stored.report_id, stored.grain, stored.period_start,
                   stored.period_stop, definition.direction, stored.target, %(stored)s,
                   fact.value
              FROM kpi_target_value AS stored
              JOIN kpi_report AS report ON report.id = stored.report_id
              JOIN kpi_definition AS definition ON definition.id = report.definition_id
              JOIN kpi_measurement AS fact
                ON fact.report_id = stored.report_id
               AND fact.grain = stored.grain
               AND fact.period_start = stored.period_start
             WHERE stored.report_id = ANY(%(ids)s)
               AND stored.rated_at IS NULL
               AND stored.period_stop <= %(today)s
               AND stored.period_stop > %(first)s
        ),
        scored AS MATERIALIZED (
            SELECT due.*, %(achieved)s AS achievement FROM due
        ),
        judged AS MATERIALIZED (
            SELECT scored.*,
                   CASE WHEN rated_value IS NOT NULL THEN %(reached)s END AS status,
                   %(band)s AS band,
                   CASE WHEN rated_value IS NOT NULL
                        THEN now() AT TIME ZONE 'UTC' END AS rated_at
              FROM scored
        ),
        removed AS (
            DELETE FROM kpi_target_value AS stored
             WHERE stored.report_id = ANY(%(ids)s)
               AND stored.rated_at IS NULL
               AND stored.period_stop > %(today)s
               AND NOT EXISTS (
                     SELECT 1
                       FROM judged
                      WHERE judged.report_id = stored.report_id
                        AND judged.grain = stored.grain
                        AND judged.period_start = stored.period_start)
        )
        INSERT INTO kpi_target_value (%(columns)s)
        SELECT %(columns)s FROM judged
      ORDER BY report_id, grain, period_start
            ON CONFLICT (report_id, grain, period_start) DO UPDATE
           SET (%(changing)s) = ROW(%(incoming)s)
         WHERE kpi_target_value.rated_at IS NULL
           AND (%(current)s) IS DISTINCT FROM (%(incoming)s)
     RETURNING id, rated_at IS NOT NULL
        """,
        numbers=target_numbers_sql(),
        wanted=columns_sql(JUDGED_BY[1:], "wanted"),
        stored=columns_sql(JUDGED_BY[1:], "stored"),
        ruled_ids=ruled[0],
        grains=ruled[1],
        starts=ruled[2],
        targets=ruled[3],
        achieved=SQL(achieved),
        reached=SQL(reached),
        band=SQL(band),
        ids=report_ids,
        today=today,
        first=first or date.min,
        columns=columns_sql(columns),
        changing=columns_sql(changing),
        incoming=columns_sql(changing, "excluded"),
        current=columns_sql(changing, "kpi_target_value"),
    )
