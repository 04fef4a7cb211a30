from datetime import date

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL, groupby

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.engine.postgres import is_storable
from odoo.addons.kpi_base.roles import OFFICER

from ...engine import formula as formulas
from ...engine.period_report import TO_DATE
from ...engine.series import as_json_numbers
from ..definition.kpi_definition import NEVER_SUMMED
from ..fact.kpi_measurement import CAUSES, UpsertResult
from .formula_values import PERIODS_PER_YEAR, FormulaEvaluation

PREVIEW_PERIODS = 12
# What looks at other periods, or at their length, means something else over a year.
OF_PERIODS = frozenset({"days_in_period", "prev", "rolling", "ytd"})


class KpiDefinition(models.Model):
    """KPIs computed from other KPIs; the language is described in docs/formulas.md."""

    _inherit = "kpi.definition"

    formula = fields.Text(tracking=True)
    formula_error = fields.Char(compute="_compute_formula_check", exportable=False)
    formula_error_position = fields.Json(
        compute="_compute_formula_check",
        exportable=False,
    )
    formula_warnings = fields.Text(compute="_compute_formula_check", exportable=False)
    formula_preview = fields.Json(
        compute="_compute_formula_preview",
        groups=OFFICER,
        exportable=False,
    )
    component_ids = fields.Many2many(
        "kpi.definition",
        "kpi_definition_component_rel",
        "definition_id",
        "component_id",
        "Consists Of",
        readonly=True,
        copy=False,
    )
    user_ids = fields.Many2many(
        "kpi.definition",
        "kpi_definition_component_rel",
        "component_id",
        "definition_id",
        "Used In",
        readonly=True,
        copy=False,
    )
    stale_from = fields.Date(
        readonly=True,
        copy=False,
        help="First day to recalculate. Without changes, this is the first day of "
        "the next period.",
        exportable=False,
    )
    stale_cause = fields.Selection(
        CAUSES,
        readonly=True,
        copy=False,
        exportable=False,
    )

    @api.depends(
        "formula", "unit", "currency_id", "duration_unit", "unit_symbol", "code"
    )
    def _compute_formula_check(self):
        for definition in self:
            definition.formula_error = definition.formula_warnings = False
            definition.formula_error_position = False
            if definition.computation != "formula" or not definition.formula:
                continue
            try:
                formula = definition._parse_checked_formula()
            except formulas.FormulaError as error:
                definition.formula_error = definition._translate_error(error)
                definition.formula_error_position = error.column and {
                    "line": error.line,
                    "column": error.column,
                }
                continue
            warnings = formulas.check_units(
                formula,
                {
                    code: component._formula_unit()
                    for code, component in definition._components_by_code().items()
                },
                definition._formula_unit(),
            )
            definition.formula_warnings = "\n".join(
                formulas.sentences(warning.texts, self.env._) for warning in warnings
            )

    @api.depends("formula", "code", "calendar_id", "frequency")
    def _compute_formula_preview(self):
        for definition in self:
            definition.formula_preview = False
            if definition.computation != "formula" or not definition.formula:
                continue
            try:
                definition._parse_checked_formula()
                # the first KPI of a company has a calendar once it is saved
                if definition.calendar_id:
                    definition.formula_preview = definition._preview_values()
            except (formulas.FormulaError, ValidationError):
                # Said by formula_error; there is nothing to show yet.
                definition.formula_preview = False

    def _translate_error(self, error):
        """The error in the reader's language, with its position."""
        has_lines = "\n" in (self.formula or "").strip()
        return error.translate_with(self.env._, has_lines=has_lines)

    def _formula_unit(self):
        codes = {
            "currency": self.currency_id.name,
            "duration": self.duration_unit,
            "custom": self.unit_symbol,
        }
        code = codes.get(self.unit) or ""
        is_unknown = self.unit in codes and not code
        return formulas.Unit("number" if is_unknown else self.unit, code)

    def _parse_checked_formula(self):
        """The formula, read, with codes that exist and without going in circles.

        :raises FormulaError: with the column of what is wrong
        """
        self.ensure_one()
        formula = formulas.parse(self.formula or "")
        reach = Domain("company_id", "in", [False, self.company_id.id])
        known = {kpi.code: kpi for kpi in self.env["kpi.definition"].search(reach)}
        if self.code:
            known[self.code] = self
        formulas.check_codes(formula, list(known))
        edges = {
            definition.code: (definition.component_ids - definition).mapped("code")
            for definition in known.values()
            if definition.computation == "formula" and definition != self._origin
        }
        # A formula may look at its own target, which nobody computes from it.
        edges[self.code or ""] = _codes_of(formula) - (
            {self.code} if self.code not in formula.codes else set()
        )
        formulas.check_cycles(formula, self.code or "", edges)
        for code in sorted(formula.codes):
            misfit = self._grain_misfit(known[code])
            if misfit:
                text = formulas.Text(misfit)
                raise formulas.FormulaError(text, **formula.locate_code(code))
        return formula

    def _grain_misfit(self, component):
        """Return why the periods of a part do not make up those of the formula."""
        if component.calendar_id != self.calendar_id:
            return self.env._(
                "%(kpi)s uses a different calendar.",
                kpi=component.name,
            )
        grains = dict(self._fields["coarsest_grain"]._description_selection(self.env))
        spec = self.calendar_id._spec()
        if not calendars.nests(spec, component.frequency, self.frequency):
            return self.env._(
                "%(kpi)s has one value per %(grain)s, not per %(own)s. Use a KPI "
                "with equal or shorter periods.",
                kpi=component.name,
                grain=grains[component.frequency].lower(),
                own=grains[self.frequency].lower(),
            )
        lacking = []
        if component.aggregation_time == "none":
            shown, stored = self._get_shown_grains(), component._grains()
            lacking = [grain for grain in shown if grain not in stored]
        if lacking:
            return self.env._(
                "%(kpi)s has no value per %(grain)s. Choose a longer “Longest "
                "Period” for that KPI or a shorter one for this.",
                kpi=component.name,
                grain=grains[lacking[0]].lower(),
            )
        return None

    def _components_by_code(self):
        """The KPIs that the formula names, archived ones too."""
        self.ensure_one()
        codes = _codes_of(formulas.parse(self.formula))
        everything = self.env["kpi.definition"].with_context(active_test=False)
        found = everything.search(
            [
                ("code", "in", list(codes)),
                ("company_id", "in", [False, self.company_id.id]),
            ]
        )
        return {kpi.code: kpi for kpi in found}

    def _get_active_components(self):
        """As ``_components_by_code``, where all of them are there to be evaluated.

        :raises FormulaError: naming those that are archived or gone
        """
        components = self._components_by_code()
        lacking = [
            code
            for code in sorted(_codes_of(formulas.parse(self.formula)))
            if code not in components or not components[code].active
        ]
        if lacking:
            misfit = self.env._(
                "%(kpi)s uses archived or deleted KPIs: %(codes)s. Restore them or "
                "change the formula.",
                kpi=self.name,
                codes=", ".join(lacking),
            )
            raise formulas.FormulaError(formulas.Text(misfit))
        return components

    @api.model
    def _check_storable(self, vals):
        """Refuse what PostgreSQL cannot keep: constraints are asked too late for it."""
        text = vals.get("formula")
        if not isinstance(text, str) or is_storable(text):
            return
        try:
            formulas.parse(text)
        except formulas.FormulaError as error:
            raise ValidationError(
                self.env._("Formula: %s", error.translate_with(self.env._))
            ) from error

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_formulas(self):
        self.with_context(active_test=False)._check_unused_in_formulas()

    def _check_unused_in_formulas(self, in_force=False):
        """Refuse to take away what formulas beside these KPIs are made of.

        :param in_force: only what they are made of now or will be
        """
        self._claim_formulas()

        def names_code(kpi, code):
            today = kpi.calendar_id._today()
            return any(
                code in _codes_of(formulas.parse(stretch.method.formula or ""))
                for stretch in kpi._list_stretches()
                if not stretch.stop or stretch.stop > today
            )

        for definition in self:
            # A formula of another company counts as well.
            users = definition.sudo().user_ids - self
            if in_force:
                users = users.filtered(
                    lambda kpi, code=definition.code: names_code(kpi, code)
                )
            if users:
                raise UserError(
                    self.env._(
                        "%(kpi)s is used in the formulas of %(users)s. Change "
                        "these first.",
                        kpi=definition.name,
                        users=", ".join(users.mapped("name")),
                    )
                )

    @api.model
    def _claim_formulas(self):
        """Change codes, formulas and what these name in one transaction at a time."""
        self.env["kpi.claim"]._claim("formulas")

    def _reach(self, find_next):
        """These KPIs and those that steps from KPIs to others lead to."""
        found, todo = self, self
        while todo:
            todo = find_next(todo) - found
            found |= todo
        return found

    def _formula_users(self):
        """Formulas that name one of these KPIs, over any number of steps."""
        return self.user_ids._reach(lambda kpis: kpis.user_ids)

    def _with_components(self):
        """These KPIs and all that their formulas stand on."""
        return self._reach(lambda kpis: kpis.component_ids)

    def _find_first_days(self):
        """Find since when there can be values, by what was there at the last looks.

        :return: dict definition id → dict company id → day of its first record, of a
            formula that of the last part that it needs, ``date.max`` while there is
            none. What is left out can have values from the start of its history on.
        """
        self.flush_model(["code", "component_ids", "computation", "formula"])
        self.env["kpi.source"].flush_model(["definition_ids", "first_days"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE used AS (
                    SELECT unnest(%s::int[]) AS id
                     UNION
                    SELECT part.component_id
                      FROM used
                      JOIN kpi_definition_component_rel AS part
                        ON part.definition_id = used.id
                )
                SELECT definition.id, definition.code,
                       CASE WHEN definition.computation = 'formula'
                            THEN definition.formula END,
                       ARRAY(SELECT component_id
                               FROM kpi_definition_component_rel
                              WHERE definition_id = definition.id
                                AND component_id <> definition.id),
                       (SELECT json_object_agg(own.company_id, own.day)
                          FROM (
                            SELECT begun.company_id,
                                   min(COALESCE(begun.day, '9999-12-31')) AS day
                              FROM kpi_definition_kpi_source_rel AS link
                              JOIN kpi_source AS source
                                ON source.id = link.kpi_source_id
                               AND source.grain = definition.frequency
                        CROSS JOIN jsonb_each_text(
                                     CASE WHEN source.kind = 'external'
                                          THEN source.first_days -> definition.id::text
                                          ELSE source.first_days END)
                                   AS begun(company_id, day)
                             WHERE link.kpi_definition_id = definition.id
                          GROUP BY begun.company_id
                          ) AS own)
                  FROM used
                  JOIN kpi_definition AS definition ON definition.id = used.id
                """,
                self.ids,
            )
        )
        parts = {id_: others for id_, *others in rows}
        found = {}
        for id_ in self.ids:
            _combine_first_days(id_, parts, found)
        return {id_: found[id_] for id_ in self.ids}

    @api.constrains("formula", "computation", "code", "frequency", "calendar_id")
    def _check_formula(self):
        formula_kpis = self.filtered(lambda kpi: kpi.computation == "formula")
        if formula_kpis:
            self._claim_formulas()
        for definition in formula_kpis:
            try:
                definition._parse_checked_formula()
            except formulas.FormulaError as error:
                reason = definition._translate_error(error)
                raise definition._refuse("formula", reason) from error

    def _link_components(self, first=None):
        """Remember which KPIs the formulas name, and evaluate them anew.

        :param first: day before which nothing has changed; None = from the start
        """
        for definition in self:
            components = self.browse()
            if definition.computation == "formula" and definition.formula:
                for stretch in definition._list_stretches():
                    for component in stretch.method._components_by_code().values():
                        components |= component
            if definition.component_ids != components:
                definition.component_ids = [Command.set(components.ids)]
            if definition.computation == "formula":
                definition._mark_all_stale(first)
        formula_kpis = self.filtered(lambda kpi: kpi.computation == "formula")
        (formula_kpis | self._formula_users())._follow_parts()

    def _follow_parts(self):
        """Have formulas add up over time where all that they are made of does.

        Their running periods are compared with the share of the target that is due.
        Archived ones follow once they are restored: their parts may be archived, too.
        """
        for definition in self.filtered("active")._in_order():
            aggregation = "sum" if definition._adds_up() else "formula"
            if definition.aggregation_time != aggregation:
                definition._write_in_place({"aggregation_time": aggregation})

    def _adds_up(self):
        """Return whether the formula adds up over time, in all its versions."""
        if self.unit in NEVER_SUMMED:
            return False
        for stretch in self._list_stretches():
            method = stretch.method
            try:
                formula = formulas.parse(method.formula or "")
            except formulas.FormulaError:
                return False  # refused with its reason where it is saved
            additive_codes = {
                code
                for code, part in method._components_by_code().items()
                if part.aggregation_time == "sum"
            }
            if not formulas.is_additive(formula, additive_codes):
                return False
        return True

    @api.model
    def _mark_stale(self, report_ids, first_period, cause):
        """Have the formulas that use these reports evaluated from a period on.

        :param cause: why, a key of ``CAUSES``
        """
        if self.env["kpi.job"]._settles_later(report_ids, first_period, cause):
            return
        self.flush_model(
            [
                "component_ids",
                "computation",
                "history_start",
                "stale_cause",
                "stale_from",
            ]
        )
        self.env["kpi.target"].flush_model(["definition_id", "source_definition_id"])
        if not self._stands_below_others(report_ids):
            return
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE changed AS (
                    SELECT DISTINCT definition_id AS id
                      FROM kpi_report
                     WHERE id = ANY(%(reports)s)
                ),
                link AS (
                    SELECT component_id, definition_id
                      FROM kpi_definition_component_rel
                     UNION
                    SELECT source_definition_id, definition_id
                      FROM kpi_target
                     WHERE source_definition_id IS NOT NULL
                ),
                touched AS (
                    SELECT link.definition_id AS id
                      FROM link
                      JOIN changed ON changed.id = link.component_id
                     UNION
                    SELECT link.definition_id
                      FROM link
                      JOIN touched ON touched.id = link.component_id
                )
                UPDATE kpi_definition AS definition
                   SET stale_from = LEAST(
                         definition.stale_from,
                         GREATEST(%(first)s::date, definition.history_start)),
                       stale_cause = CASE
                         WHEN definition.stale_cause <> %(cause)s THEN 'several'
                         ELSE %(cause)s
                       END
                  FROM touched
                 WHERE definition.id = touched.id
                   AND definition.computation = 'formula'
                   AND (definition.stale_from IS NULL
                        OR definition.stale_from > %(first)s
                        OR COALESCE(definition.stale_cause, '')
                           NOT IN (%(cause)s, 'several'))
                """,
                reports=report_ids,
                first=first_period,
                cause=cause,
            )
        )
        self.invalidate_model(["stale_cause", "stale_from"])

    @api.model
    def _stands_below_others(self, report_ids):
        """Return whether formulas or targets are made of any of these reports.

        Asked first: a recursion takes milliseconds even where there is nothing in it.
        """
        found = self.env.execute_query(
            SQL(
                """
                SELECT 1
                  FROM kpi_report AS report
                 WHERE report.id = ANY(%s)
                   AND (EXISTS (
                            SELECT 1
                              FROM kpi_definition_component_rel AS part
                             WHERE part.component_id = report.definition_id)
                        OR EXISTS (
                            SELECT 1
                              FROM kpi_target AS target
                             WHERE target.source_definition_id = report.definition_id))
                 LIMIT 1
                """,
                report_ids,
            )
        )
        return bool(found)

    @api.model
    def _recompute_formulas(self, first=None, last=None, asked=None):
        """Evaluate the formulas whose parts changed or whose next period has begun.

        :param first, last: evaluate all formulas over these days instead; what is
            stale outside of them stays so for the next run
        :param asked: only these, what they stand on and what stands on that; empty:
            all
        :return: ``UpsertResult``
        """
        self.flush_model()
        # The engine evaluates for everybody; what is shown follows the rules.
        kpis = self.sudo()
        domain = Domain("computation", "=", "formula")
        if first and asked:
            recomputed = asked._with_components()
            domain &= Domain("id", "in", (recomputed | recomputed._formula_users()).ids)
        stale = kpis.search(domain)
        if not first:
            stale = stale.filtered(lambda kpi: kpi._is_stale())
        result = UpsertResult()
        sound = stale._refuse_cycles()
        for definitions in sound.grouped("calendar_id").values():
            for grain in calendars.GRAINS:
                group = definitions.filtered(
                    lambda kpi, grain=grain: grain in kpi._grains()
                )
                if group:
                    start = first or min(group.mapped("stale_from"))
                    result += group._evaluate_formulas(grain, start, last)
        # Again when their next period begins, which may have values, such as those of
        # ``prev(…)``, without a part that changes.
        for definition in stale.filtered(lambda kpi: kpi._is_covered(first, last)):
            calendar = definition.calendar_id
            running = calendar._period(definition.frequency, calendar._today())
            definition.stale_from = running.stop
            definition.stale_cause = False
        return result

    def _is_stale(self):
        """Return whether something is to evaluate now, not only on a later day."""
        return bool(self.stale_from) and self.stale_from <= self.calendar_id._today()

    def _is_covered(self, first, last):
        """Return whether evaluating from ``first`` to ``last`` leaves nothing stale."""
        if not first:
            return True
        reaches_now = not last or last >= self.calendar_id._today()
        return reaches_now and bool(self.stale_from) and self.stale_from >= first

    def _evaluate_formulas(self, grain, first, last):
        """Evaluate these formulas in one grain and record what came out."""
        ordered = self._in_order()
        evaluation = ordered._evaluation(grain, first, last)
        evaluation.preload(ordered.component_ids)
        offset = next(
            index
            for index, period in enumerate(evaluation.periods)
            if period.stop > first
        )
        rows, reasons = [], {}
        for definition in ordered:
            reports = definition.with_context(active_test=False).report_ids
            scopes = [(r.scope_type, r.scope_id, r.company_id.id) for r in reports]
            if not scopes:
                continue
            try:
                result, found = evaluation.evaluate(definition, scopes)
            except formulas.FormulaError as error:
                definition._set_computation_error(definition._translate_error(error))
                continue
            definition._set_computation_error("")
            evaluation.remember(definition, scopes, found)
            rows.append((definition, reports, found))
            if grain == definition.frequency:
                reasons.update(definition._reasons(reports, result))
        # Facts are written by the engine only.
        facts = self.env["kpi.measurement"].sudo()
        result = UpsertResult()
        for cause, same in groupby(
            rows, lambda row: row[0].stale_cause or "recomputed"
        ):
            found = _fact_rows(same, evaluation.periods, offset)
            result += facts._upsert(grain, found, source="formula", cause=cause)
        self._store_reasons(reasons)
        return result

    def _in_order(self):
        """These formulas, each after those it stands on; none that needs itself."""
        by_key = {str(kpi.id): kpi for kpi in self}  # one that is not saved has a key
        edges = {}
        for key, kpi in by_key.items():
            # what the formula names, and what sets the targets that it names
            parts, targeted = kpi.component_ids, self.browse()
            for formula in kpi._parse_versions():
                targeted |= kpi._find_parts(formula.target_codes)
            parts |= targeted._target_sources()
            edges[key] = {str(part.id) for part in parts - kpi}
        cycles = formulas.cycles(edges).keys()
        order = formulas.dependency_order(
            {key: parts - cycles for key, parts in edges.items() if key not in cycles}
        )
        return self.browse().union(*[by_key[key] for key in order if key in by_key])

    def _parse_versions(self):
        """The formulas of all versions."""
        texts = [stretch.method.formula for stretch in self._list_stretches()]
        return [formulas.parse(text) for text in texts if text]

    def _find_parts(self, codes):
        """The parts of the formula with these codes."""
        return self.component_ids.filtered(lambda part: part.code in codes)

    def _evaluation(self, grain, first, last):
        """An evaluation over the periods from ``first`` with the history needed."""
        calendar = self[:1].calendar_id
        today = calendar._today()
        newest = calendar._period(grain, min(last or today, today))
        oldest = (
            calendar._period(grain, first)
            if first
            else calendar._period_before(newest, PREVIEW_PERIODS - 1)
        )
        periods_per_year = PERIODS_PER_YEAR[grain]
        look_back = {}
        by_last_year = self.env["kpi.target"]._definitions_by_last_year()
        formula_kpis = self._with_components().filtered(
            lambda kpi: kpi.computation == "formula"
        )
        for definition in formula_kpis._in_order():
            own = 0
            for formula in definition._parse_versions():
                back = formulas.window(formula).earlier_periods(periods_per_year)
                if definition._find_parts(formula.target_codes) & by_last_year:
                    # The full year before that of the earliest target.
                    back += 2 * periods_per_year
                own = max(own, back)
            look_back[definition] = own + max(
                (look_back.get(part, 0) for part in definition.component_ids), default=0
            )
        earlier = max(look_back.values(), default=0)
        oldest = self._get_lookback_period(calendar, oldest, earlier)
        periods = calendar._periods(grain, oldest.start, newest.start)
        calendar._ensure_days(oldest.start, newest.stop)
        # Parts count whether or not the person who waits may see them.
        return FormulaEvaluation(self.sudo().env, calendar, grain, periods)

    def _evaluation_back_to(self, periods):
        """An evaluation over ``periods`` and what lies between, back to a year before.

        :param periods: of one grain, the first and last of them at the ends
        """
        calendar = self.calendar_id
        first = calendar._period("year", periods[0].start)
        first = calendar._period_before(first) or first
        grain = periods[0].grain
        every = calendar._periods(grain, first.start, periods[-1].start)
        # Parts count whether or not the person who asks may see them.
        return FormulaEvaluation(self.sudo().env, calendar, grain, every)

    def _get_lookback_period(self, calendar, oldest, earlier):
        """The period ``earlier`` periods before, but none before all that is known."""
        self.env["kpi.definition"].flush_model()
        self.env["kpi.report"].flush_model(["definition_id"])
        self.env["kpi.target"].flush_model(["date_from", "report_id"])
        # What is not computed may be known from before the history.
        (days,) = self.env.execute_query(
            SQL(
                """
                SELECT min(definition.history_start),
                       min(target.day),
                       min(fact.day)
                  FROM kpi_definition AS definition
             LEFT JOIN kpi_report AS report ON report.definition_id = definition.id
             LEFT JOIN LATERAL (
                    SELECT min(date_from) AS day
                      FROM kpi_target
                     WHERE report_id = report.id
                  ) AS target ON TRUE
             LEFT JOIN LATERAL (
                    SELECT min(period_start) AS day
                      FROM kpi_measurement
                     WHERE report_id = report.id
                       AND grain = definition.frequency
                       AND definition.computation IN ('manual', 'external')
                  ) AS fact ON TRUE
                 WHERE definition.calendar_id = %s
                """,
                calendar.id,
            )
        )
        known = calendar._period(
            oldest.grain, min(filter(None, [*days, *self.mapped("history_start")]))
        )
        if oldest.start <= known.start:
            return oldest
        first = calendar._period_before(oldest, earlier) or known
        return max(first, known, key=lambda period: period.start)

    def _reasons(self, reports, result):
        """Report id → why its latest value is missing; empty where it is not."""
        by_code, last = self._components_by_code(), result.values.shape[1] - 1
        return {
            report.id: self._reason_text(result, row, last, by_code)
            for row, report in enumerate(reports)
        }

    def _reason_text(self, result, row, at, by_code):
        """Say why a value is missing, in words; empty where it is not."""
        is_missing = np.isnan(result.values[row, at])
        reason = result.reasons.at(row, at) if is_missing else None
        if not reason:
            return ""
        subject = self._name_codes(reason.subject, by_code)
        return reason.text(subject).translate_with(self.env._)

    @api.model
    def _store_reasons(self, reasons):
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_report AS report
                   SET computation_error = NULLIF(given.reason, '')
                  FROM unnest(%s::int[], %s::text[]) AS given(report_id, reason)
                 WHERE report.id = given.report_id
                   AND report.computation_error IS DISTINCT FROM
                       NULLIF(given.reason, '')
                """,
                list(reasons),
                list(reasons.values()),
            )
        )
        self.env["kpi.report"].invalidate_model(["computation_error"])

    def _preview_values(self):
        """The last periods at company scope, computed but not stored."""
        company = self.company_id or self.env.company
        # For officers only (see the field), who see all values of their companies.
        evaluation = self.sudo()._evaluation(self.frequency, None, None)
        scope = ("company", company.id, company.id)
        # As above.
        result, _parts = evaluation.evaluate(self.sudo(), [scope])
        by_code = self._components_by_code()
        shown = evaluation.periods[-PREVIEW_PERIODS:]
        offset = len(evaluation.periods) - len(shown)
        return [
            {
                "period": fields.Date.to_string(period.start),
                "value": value,
                "reason": self._reason_text(result, 0, index, by_code),
            }
            for index, (period, value) in enumerate(
                zip(shown, as_json_numbers(result.values[0, offset:]), strict=True),
                start=offset,
            )
        ]

    def _is_carried_to_date(self):
        """Return whether the value to date follows from those of the periods."""
        self.ensure_one()
        if self.computation != "formula":
            return self.aggregation_time in TO_DATE
        formula = formulas.parse(self.formula)
        if formula.functions & OF_PERIODS or formula.target_codes:
            return False
        return not formula.baseline_codes and all(
            part._is_carried_to_date() for part in self.component_ids
        )


def _combine_first_days(id_, parts, found):
    """Company id → first day of a KPI, put into ``found`` with those that it needs.

    :param parts: definition id → code, formula or None, ids of its parts, and company
        id → first day in its own sources, as JSON has them
    """
    if id_ in found:
        return found[id_]
    _code, formula, ids, own = parts[id_]
    # A formula has sources, too, where it was computed from records before.
    days = found[id_] = {
        int(company_id): date.fromisoformat(day)
        for company_id, day in (own or {}).items()
    }
    if formula:
        used = {parts[part][0]: _combine_first_days(part, parts, found) for part in ids}
        for company_id in set().union(*used.values()):
            known = {
                code: of[company_id] for code, of in used.items() if company_id in of
            }
            day = formulas.find_first_day(formulas.parse(formula), known)
            if day > date.min:
                days[company_id] = min(day, days.get(company_id, day))
    return days


def _codes_of(formula):
    return formula.codes | formula.target_codes | formula.baseline_codes


def _fact_rows(evaluated, periods, offset):
    """Rows for ``_upsert``; a missing value removes the fact that was there."""
    for definition, reports, found in evaluated:
        for row, report in enumerate(reports):
            for index, period in enumerate(periods[offset:], start=offset):
                if period.stop <= definition.history_start:
                    continue
                value = float(found.values[row, index])
                expected = int(found.parts_expected[row, index])
                yield (
                    report.id,
                    period.start,
                    None if value != value else value,
                    None,
                    int(found.unpriced[row, index]) or None,
                    int(found.parts_present[row, index]) if expected else None,
                    expected or None,
                )
