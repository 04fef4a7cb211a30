from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.formatting import format_day

from ..calendar.kpi_calendar import GRAINS
from ..fact.kpi_measurement import UpsertResult
from .kpi_definition import SOURCE_FIELDS
from .kpi_method_mixin import METHOD_FIELDS

SCOPE_TYPES = ["company", "department", "team", "user"]
# What values are made of beside the method, for all periods.
FOR_ALL_PERIODS = (
    "aggregation_scope",
    "aggregation_time",
    "coarsest_grain",
    "currency_id",
    "duration_unit",
    "external_measure",
    "external_source",
    "frequency",
    "history_start",
    "unit",  # the aggregations follow it
)
COMPUTED_FROM = {
    *SOURCE_FIELDS,
    *METHOD_FIELDS,
    *FOR_ALL_PERIODS,
    "active",
    "breakdown_ids",
    "model_id",
}
WATCHED_BY = {"restatement_tolerance", "settling_days"}
MOST_DAYS = 366
MOST_PERCENT = 1000


class KpiDefinition(models.Model):
    """When values settle, which changes make them stale, and which are refused."""

    _inherit = "kpi.definition"

    computation_error = fields.Char(readonly=True, copy=False)
    settling_days = fields.Integer(
        "Settled After",
        default=5,
        required=True,
        help="Days after period end. Later changes are marked as restated.",
    )
    restatement_tolerance = fields.Float(
        "Tolerance",
        default=1.0,
        required=True,
        digits=(16, 2),
        help="Percentage by which a settled value can change without being marked "
        "as restated.",
    )

    def _recompute_changed(self, vals):
        """Have values computed anew from the first period that a change concerns."""
        names = COMPUTED_FROM & vals.keys()
        if not names:
            return

        def get_first_day(kpi):
            # A version changes nothing before its day.
            is_versioned = names.issubset(METHOD_FIELDS) and kpi.version_ids
            return kpi._get_stretch_of_today().first if is_versioned else None

        for first, same in self.grouped(get_first_day).items():
            same._link_sources(first)
            same._remove_unfilled()
            # A formula of another company may use a shared KPI.
            same.sudo()._formula_users()._mark_all_stale(first)

    def unlink(self):
        result = super().unlink()
        # Sources are the engine's own: officers define KPIs, not sources.
        self.env["kpi.source"].sudo()._sync(self.browse())
        return result

    def _link_sources(self, first=None):
        """Regroup the KPIs by what they are read from and have them computed soon.

        :param first: day before which nothing has changed; None = from the start
        """
        # Sources are the engine's own: officers define KPIs, not sources.
        self.env["kpi.source"].sudo()._sync(self.sudo())
        # So are the links between formulas.
        self.sudo()._link_components(first)
        self.env["kpi.job"]._trigger()

    def _remove_unfilled(self):
        """Take away computed values that no computation will look at any more.

        They lie before the history, in periods or at scopes that are not computed now;
        revisions tell what they were. A snapshot's stay: nothing can see them again.
        So do those of times in which other versions were in force that nobody can
        recompute.
        """
        ranges = [
            row
            for definition in self.filtered(lambda kpi: kpi._is_recomputable())
            for row in definition._list_fact_ranges()
        ]
        if not ranges:
            return
        # Facts are written by the engine only.
        facts = self.env["kpi.measurement"].sudo()
        ids, grains, starts, stops, scope_types = map(list, zip(*ranges, strict=True))
        result = UpsertResult()
        for grain, _label in GRAINS:
            rows = SQL(
                """
                SELECT fact.report_id, fact.period_start, NULL::float8 AS value,
                       NULL::float8 AS weight, NULL::integer AS unpriced_count,
                       NULL::integer AS parts_present, NULL::integer AS parts_expected
                  FROM kpi_measurement AS fact
                  JOIN kpi_report AS report ON report.id = fact.report_id
             LEFT JOIN unnest(%(ids)s::int[], %(grains)s::text[], %(starts)s::date[],
                              %(stops)s::date[], %(scope_types)s::text[])
                       AS computed(definition_id, grain, start, stop, scope_type)
                    ON computed.definition_id = report.definition_id
                   AND computed.grain = fact.grain
                   AND computed.start <= fact.period_start
                   AND computed.stop > fact.period_start
                   AND computed.scope_type = report.scope_type
                 WHERE report.definition_id = ANY(%(ids)s)
                   AND fact.grain = %(grain)s
                   AND fact.source IN ('records', 'formula')
                   AND computed.definition_id IS NULL
                """,
                ids=ids,
                grains=grains,
                starts=starts,
                stops=stops,
                scope_types=scope_types,
                grain=grain,
            )
            result += facts._upsert(
                grain,
                rows,
                source="records",
                cause="definition",
                reason=self.env._("No longer computed"),
            )
        if result.removed:
            # As above. What is asked for again later has to be computed again.
            self.sudo().source_ids._forget_fingerprints()
        self._remove_unfilled_parts()

    def _remove_unfilled_parts(self):
        """Take away parts of values that are gone, and by fields not asked for now."""
        self.env["kpi.definition.breakdown"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM kpi_measurement_breakdown AS part
                 USING kpi_report AS report
                 WHERE report.id = part.report_id
                   AND report.definition_id = ANY(%s)
                   AND (NOT EXISTS (
                         SELECT 1
                           FROM kpi_definition_breakdown AS line
                          WHERE line.definition_id = report.definition_id
                            AND line.field_path = part.field_path
                       )
                    OR NOT EXISTS (
                         SELECT 1
                           FROM kpi_measurement AS fact
                          WHERE fact.report_id = part.report_id
                            AND fact.grain = part.grain
                            AND fact.period_start = part.period_start
                       ))
                """,
                self.ids,
            )
        )
        self.env["kpi.measurement.breakdown"].invalidate_model()

    def _is_recomputable(self):
        """Return whether values computed now can be recomputed for any period."""
        self.ensure_one()
        is_computed = self.computation in ("records", "formula")
        return is_computed and not self._takes_snapshots()

    def _takes_snapshots(self):
        """Return whether records are looked at once, when a period ends."""
        return self.computation == "records" and self.kind == "snapshot"

    def _list_fact_ranges(self):
        """List what is computed: definition, grain, first and stop day, and scope.

        And what was by versions that nobody can recompute, at all scopes.
        """
        self.ensure_one()
        for stretch in self._list_stretches():
            method = stretch.method
            for grain in self._grains():
                start, stop = stretch.find_bounds(grain)
                scope_types = method._get_measured_scope_types()
                if not method._is_recomputable():
                    start, scope_types = date.min, SCOPE_TYPES
                for scope_type in scope_types:
                    yield self.id, grain, start, stop, scope_type

    def _get_measured_scope_types(self):
        """Scopes that get values: those that a field of the records leads to, or that
        the app provides.
        """
        self.ensure_one()
        source = self._get_external_source()
        if source is not None:
            return source._get_scope_types(self.external_measure)
        if self.computation != "records":
            return SCOPE_TYPES
        own = {
            "company": True,
            "department": self.department_field or self.user_field,
            "team": self.team_field or self.user_field,
            "user": self.user_field,
        }
        return [scope_type for scope_type, path in own.items() if path]

    def _mark_all_stale(self, first=None):
        """Have these formulas evaluated from a day on; None = from the start."""
        for definition in self:
            start = max(first or date.min, definition.history_start)
            definition.stale_from = min(definition.stale_from or start, start)
            definition.stale_cause = "definition"

    def _set_computation_error(self, error):
        """Say on the KPI and its reports why there are no values; empty clears it.

        Who is responsible is told once where there were some, and not again until a
        night has passed without an error: each run tries it anew.
        """
        for definition in self:
            if (definition.computation_error or "") == error:
                continue
            definition.computation_error = error
            if error and not definition.is_broken_told and definition._is_measured():
                # The engine computes for everybody.
                broken = definition.sudo()
                broken.is_broken_told = True
                subject = self.env._("No new values: %s", definition.display_name)
                broken._tell_responsible(subject, error)
            # All that are tracked, whoever may see them.
            reports = definition.with_context(active_test=False).sudo().report_ids
            self._store_reasons(dict.fromkeys(reports.ids, error))

    def action_recompute(self):
        """Compute these KPIs again from the start of their history."""
        self.check_access("write")
        # Officers may ask for a computation; jobs are the administrators'.
        jobs = self.env["kpi.job"].sudo()
        name = self.env._("Recalculate %s", ", ".join(self.mapped("name"))[:200])
        return open_form(jobs._enqueue_computation(name, "recompute", definitions=self))

    def _check_period_starts(self, grain, days):
        """Refuse days on which no period of this KPI starts.

        :raises UserError: naming the first one and the period it lies in
        """
        for day in sorted(days):
            start = self.calendar_id._period(grain, day).start
            if day != start:
                raise UserError(
                    self.env._(
                        "%(kpi)s: no period starts on %(day)s. Use %(start)s.",
                        kpi=self.name,
                        day=format_day(self.env, day),
                        start=format_day(self.env, start),
                    )
                )

    @api.constrains(*WATCHED_BY)
    def _check_settling(self):
        for definition in self:
            if not 0 <= definition.settling_days <= MOST_DAYS:
                raise ValidationError(
                    self.env._("Settled After: enter 0 to %s days.", MOST_DAYS)
                )
            if not 0 <= definition.restatement_tolerance <= MOST_PERCENT:
                raise ValidationError(
                    self.env._(
                        "The tolerance must be between 0 and %s percent.", MOST_PERCENT
                    )
                )

    def _watch_changed_tolerance(self, vals):
        """Find anew what is restated, where that was changed."""
        if WATCHED_BY.isdisjoint(vals):
            return
        for grain, definitions in self.grouped("frequency").items():
            keys = SQL(
                """
                SELECT DISTINCT revision.report_id, revision.period_start
                  FROM kpi_measurement_revision AS revision
                  JOIN kpi_report AS report ON report.id = revision.report_id
                 WHERE report.definition_id = ANY(%s) AND revision.grain = %s
                """,
                definitions.ids,
                grain,
            )
            self.env["kpi.restatement"]._watch(keys, grain)
