import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ...engine import formula as formulas
from ...engine import periods as calendars
from .kpi_definition_explain import in_words
from .kpi_formula_evaluation import PERIODS_PER_YEAR, FormulaEvaluation
from .kpi_measurement import UpsertResult

PREVIEW_PERIODS = 12
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
UNIT_KINDS = {"boolean": "bool"}


class KpiDefinition(models.Model):
    """KPIs computed from other KPIs; the language is described in docs/formulas.md."""

    _inherit = "kpi.definition"

    formula = fields.Text(
        tracking=True,
        help="Codes of KPIs, numbers, + - * / and functions such as prev(…), ytd(…).",
    )
    formula_error = fields.Char(compute="_compute_formula_check")
    formula_error_place = fields.Json(
        compute="_compute_formula_check",
        help="Where formula_error is: {line, column} from 1; empty for the whole.",
    )
    formula_warnings = fields.Text(compute="_compute_formula_check")
    formula_preview = fields.Json(
        compute="_compute_formula_preview",
        groups="kpi_tracking.kpi_tracking_group_officer",
        help="Values of the last periods for the company: {label, value, reason}.",
    )
    component_ids = fields.Many2many(
        "kpi.definition",
        "kpi_definition_component_rel",
        "definition_id",
        "component_id",
        "Made Of",
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
        help="First day from which the formula has to be evaluated again.",
    )

    @api.depends(
        "formula", "unit", "currency_id", "duration_unit", "unit_symbol", "code"
    )
    def _compute_formula_check(self):
        for definition in self:
            definition.formula_error = definition.formula_warnings = False
            definition.formula_error_place = False
            if definition.computation != "formula" or not definition.formula:
                continue
            try:
                formula = definition._checked_formula()
            except formulas.FormulaError as error:
                definition.formula_error = definition._translated(error)
                definition.formula_error_place = error.column and {
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
                definition._checked_formula()
                definition.formula_preview = definition._preview_values()
            except (formulas.FormulaError, ValidationError):
                # Said by formula_error; there is nothing to show yet.
                definition.formula_preview = False

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
        preview = []
        for place, period in enumerate(shown, start=offset):
            value = float(result.values[0, place])
            missing = value != value
            reason = result.reasons.at(0, place) if missing else None
            preview.append(
                {
                    "period": fields.Date.to_string(period.start),
                    "value": None if missing else value,
                    "reason": self._reason_text(reason, by_code),
                }
            )
        return preview

    def _translated(self, error):
        """The error in the reader's language, with its place."""
        has_lines = "\n" in (self.formula or "").strip()
        return error.translated(self.env._, has_lines=has_lines)

    def _formula_unit(self):
        kind = UNIT_KINDS.get(self.unit, self.unit)
        codes = {
            "currency": self.currency_id.name,
            "duration": self.duration_unit,
            "custom": self.unit_symbol,
        }
        code = codes.get(kind, "")
        if kind in codes and not code:
            kind = "number"
        return formulas.Unit(kind, code or "")

    def _checked_formula(self):
        """The formula, read, with codes that exist and without going in circles.

        :raises FormulaError: with the column of what is wrong
        """
        self.ensure_one()
        formula = formulas.parse(self.formula or "")
        known = self._codes_in_reach()
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
        self._check_component_grains(formula, known)
        return formula

    def _check_component_grains(self, formula, known):
        """Refuse parts whose periods do not make up those of the formula."""
        for code in sorted(formula.codes):
            misfit = self._grain_misfit(known[code])
            if misfit:
                text = formulas.Text(misfit)
                raise formulas.FormulaError(text, **formula.place_of_code(code))

    def _grain_misfit(self, component):
        """Why the periods of a part do not make up those of the formula, if so."""
        if component.calendar_id != self.calendar_id:
            return self.env._(
                "%(kpi)s follows another calendar: its periods are not the same.",
                kpi=component.name,
            )
        grains = dict(self._fields["coarsest_grain"]._description_selection(self.env))
        spec = self.calendar_id._spec()
        if not calendars.nests(spec, component.frequency, self.frequency):
            return self.env._(
                "%(kpi)s has a value for each %(grain)s, which does not fit into a"
                " %(own)s. Use a KPI of the same or shorter periods.",
                kpi=component.name,
                grain=grains[component.frequency].lower(),
                own=grains[self.frequency].lower(),
            )
        lacking = component._lacking_grains(self._shown_grains())
        if lacking:
            return self.env._(
                "%(kpi)s cannot be combined over time and has no value for each"
                " %(grain)s. Choose a longer “longest period” for it, or a shorter one"
                " here.",
                kpi=component.name,
                grain=grains[lacking[0]].lower(),
            )
        return None

    def _lacking_grains(self, grains):
        """The period lengths in which this part has no value of its own."""
        if self.aggregation_time != "none":
            return []
        kept = self._grains()
        return [grain for grain in grains if grain not in kept]

    def _codes_in_reach(self):
        """Code → KPI that a formula of this company can name; its own before shared."""
        domain = Domain("company_id", "=", False)
        if self.company_id:
            domain |= Domain("company_id", "=", self.company_id.id)
        definitions = self.env["kpi.definition"].search(
            domain, order="company_id NULLS FIRST"
        )
        known = {definition.code: definition for definition in definitions}
        known.pop(self.code, None)
        if self.code:
            known[self.code] = self
        return known

    def _components_by_code(self):
        """The KPIs that the formula names, archived ones too."""
        self.ensure_one()
        codes = _codes_of(formulas.parse(self.formula))
        domain = Domain("code", "in", list(codes)) & (
            Domain("company_id", "=", False)
            | Domain("company_id", "=", self.company_id.id)
        )
        everything = self.env["kpi.definition"].with_context(active_test=False)
        definitions = everything.search(domain, order="active, company_id NULLS FIRST")
        return {definition.code: definition for definition in definitions}

    def _checked_components(self):
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
                "The formula of %(kpi)s names what is archived or deleted: %(codes)s."
                " Bring it back or change the formula.",
                kpi=self.name,
                codes=", ".join(lacking),
            )
            raise formulas.FormulaError(formulas.Text(misfit))
        return components

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_storable(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_storable(vals)
        if "active" in vals and not vals["active"]:
            self.with_context(active_test=True)._check_unused_in_formulas()
        return super().write(vals)

    @api.model
    def _check_storable(self, vals):
        """Refuse what PostgreSQL cannot keep: constraints are asked too late for it."""
        text = vals.get("formula")
        if not isinstance(text, str) or not UNSTORABLE.search(text):
            return
        try:
            formulas.parse(text)
        except formulas.FormulaError as error:
            raise ValidationError(
                self.env._("Formula: %s", error.translated(self.env._))
            ) from error

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_formulas(self):
        self.with_context(active_test=False)._check_unused_in_formulas()

    def _check_unused_in_formulas(self):
        """Refuse to take away what formulas beside these KPIs are made of."""
        for definition in self:
            # A formula of another company counts as well.
            users = definition.sudo().user_ids - self
            if users:
                raise UserError(
                    self.env._(
                        "%(kpi)s is part of the formulas of %(users)s. Change these"
                        " first.",
                        kpi=definition.name,
                        users=", ".join(users.mapped("name")),
                    )
                )

    def _formula_users(self):
        """Formulas that name one of these KPIs, over any number of steps."""
        users, todo = self.browse(), self
        while todo:
            todo = todo.user_ids - users
            users |= todo
        return users

    def _with_components(self):
        """These KPIs and all that their formulas stand on."""
        known, todo = self, self
        while todo:
            todo = todo.component_ids - known
            known |= todo
        return known

    @api.constrains("formula", "computation", "code", "frequency", "calendar_id")
    def _check_formula(self):
        for definition in self.filtered(lambda kpi: kpi.computation == "formula"):
            try:
                definition._checked_formula()
            except formulas.FormulaError as error:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, Formula: %(reason)s",
                        kpi=definition.name,
                        reason=definition._translated(error),
                    )
                ) from error

    def _link_components(self):
        """Remember which KPIs the formulas name, and evaluate them anew."""
        for definition in self:
            components = self.browse()
            if definition.computation == "formula" and definition.formula:
                for component in definition._components_by_code().values():
                    components |= component
            if definition.component_ids != components:
                definition.component_ids = [Command.set(components.ids)]
            if definition.computation == "formula":
                definition.stale_from = definition.history_start

    # Evaluation

    @api.model
    def _mark_stale(self, report_ids, first_period):
        """Have the formulas that use these reports evaluated from a period on."""
        self.flush_model(["component_ids", "history_start", "stale_from"])
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE changed AS (
                    SELECT DISTINCT definition_id AS id
                      FROM kpi_report
                     WHERE id = ANY(%(reports)s)
                ),
                touched AS (
                    SELECT link.definition_id AS id
                      FROM kpi_definition_component_rel AS link
                      JOIN changed ON changed.id = link.component_id
                     UNION
                    SELECT link.definition_id
                      FROM kpi_definition_component_rel AS link
                      JOIN touched ON touched.id = link.component_id
                )
                UPDATE kpi_definition AS definition
                   SET stale_from = GREATEST(%(first)s::date, definition.history_start)
                  FROM touched
                 WHERE definition.id = touched.id
                   AND (definition.stale_from IS NULL
                        OR definition.stale_from > %(first)s)
                """,
                reports=report_ids,
                first=first_period,
            )
        )
        self.invalidate_model(["stale_from"])

    @api.model
    def _recompute_formulas(self, first=None, last=None, asked=None):
        """Evaluate the formulas whose parts have changed.

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
        if not first:
            domain &= Domain("stale_from", "!=", False)
        elif asked:
            recomputed = asked._with_components()
            domain &= Domain("id", "in", (recomputed | recomputed._formula_users()).ids)
        stale = kpis.search(domain)
        result = UpsertResult()
        for calendar, definitions in stale.grouped("calendar_id").items():
            for grain in calendars.GRAINS:
                kept = definitions.filtered(
                    lambda kpi, grain=grain: grain in kpi._grains()
                )
                if kept:
                    start = first or min(kept.mapped("stale_from"))
                    result += kept._evaluate_formulas(calendar, grain, start, last)
        stale.filtered(lambda kpi: kpi._is_covered(first, last)).stale_from = False
        return result

    def _is_covered(self, first, last):
        """Whether evaluating from ``first`` to ``last`` leaves nothing stale."""
        if not first:
            return True
        reaches_now = not last or last >= self.calendar_id._today()
        return reaches_now and bool(self.stale_from) and self.stale_from >= first

    def _evaluate_formulas(self, calendar, grain, first, last):
        """Evaluate these formulas in one grain and record what came out."""
        ordered = self._in_order()
        evaluation = ordered._evaluation(grain, first, last)
        evaluation.preload(ordered.component_ids)
        offset = next(
            place
            for place, period in enumerate(evaluation.periods)
            if period.stop > first
        )
        rows, reasons = [], {}
        for definition in ordered:
            reports = definition.with_context(active_test=False).report_ids
            scopes = [(r.scope_type, r.scope_id, r.company_id.id) for r in reports]
            if not scopes:
                continue
            try:
                result, parts = evaluation.evaluate(definition, scopes)
            except formulas.FormulaError as error:
                definition._set_computation_error(definition._translated(error))
                continue
            definition._set_computation_error("")
            evaluation.remember(definition, scopes, result.values)
            rows.append((definition, reports, result.values, parts))
            if grain == definition.frequency:
                reasons.update(definition._reasons(reports, result))
        # Facts are written by the engine only.
        facts = self.env["kpi.measurement"].sudo()
        upserted = facts._upsert(
            grain, _fact_rows(rows, evaluation.periods, offset), source="formula"
        )
        self._store_reasons(reasons)
        return upserted

    def _in_order(self):
        """These formulas, each after those it stands on."""
        by_key = {str(kpi.id): kpi for kpi in self}  # one that is not saved has a key
        edges = {
            key: [str(part.id) for part in kpi.component_ids - kpi]
            for key, kpi in by_key.items()
        }
        order = formulas.dependency_order(edges)
        return self.browse().union(*[by_key[key] for key in order if key in by_key])

    def _evaluation(self, grain, first, last):
        """An evaluation over the periods from ``first`` with the history needed."""
        calendar = self[:1].calendar_id
        today = calendar._today()
        spec = calendar._spec()
        newest = calendar._period(grain, min(last or today, today))
        oldest = (
            calendar._period(grain, first)
            if first
            else calendars.previous(spec, newest, PREVIEW_PERIODS - 1)
        )
        earlier = max(self._look_back(PERIODS_PER_YEAR[grain]).values(), default=0)
        oldest = self._looked_back(calendar, oldest, earlier)
        periods = calendar._periods(grain, oldest.start, newest.start)
        calendar._ensure_days(oldest.start, newest.stop)
        # Parts count whether or not the person who waits may see them.
        return FormulaEvaluation(self.sudo().env, calendar, grain, periods)

    def _looked_back(self, calendar, oldest, earlier):
        """The period ``earlier`` places before, but none before all that is known."""
        known = calendar._period(oldest.grain, self._first_known_day(calendar))
        if oldest.start <= known.start:
            return oldest
        try:
            first = calendars.previous(calendar._spec(), oldest, earlier)
        except calendars.PeriodError:  # the calendar begins in 1900
            return known
        return max(first, known, key=lambda period: period.start)

    def _first_known_day(self, calendar):
        """Day before which no KPI of the calendar has a value or a target."""
        kpis = self.env["kpi.definition"].with_context(active_test=False)
        [(start,)] = kpis._read_group(
            [("calendar_id", "=", calendar.id)], [], ["history_start:min"]
        )
        [(target,)] = self.env["kpi.target"]._read_group(
            [("report_id.definition_id.calendar_id", "=", calendar.id)],
            [],
            ["date_from:min"],
        )
        return min(filter(None, [start, target, *self.mapped("history_start")]))

    def _look_back(self, periods_per_year):
        """KPI → earlier periods it stands on, those of its parts added."""
        look_back = {}
        formula_kpis = self._with_components().filtered(
            lambda kpi: kpi.computation == "formula"
        )
        for definition in formula_kpis._in_order():
            own = formulas.window(formulas.parse(definition.formula))
            look_back[definition] = own.earlier_periods(periods_per_year) + max(
                (look_back.get(part, 0) for part in definition.component_ids), default=0
            )
        return look_back

    def _reasons(self, reports, result):
        """Report id → why its latest value is missing; empty where it is not."""
        by_code = self._components_by_code()
        reasons = {}
        for row, report in enumerate(reports):
            value = result.values[row, -1]
            reason = result.reasons.at(row, -1) if value != value else None
            reasons[report.id] = self._reason_text(reason, by_code)
        return reasons

    def _reason_text(self, reason, by_code):
        """Why a value is missing, in words; empty where it is not."""
        if not reason:
            return ""
        return reason.text(in_words(reason.subject, by_code)).translated(self.env._)

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


def _codes_of(formula):
    return formula.codes | formula.target_codes | formula.baseline_codes


def _fact_rows(evaluated, periods, offset):
    """Rows for ``_upsert``; a missing value removes the fact that was there."""
    for definition, reports, values, parts in evaluated:
        for row, report in enumerate(reports):
            for place, period in enumerate(periods[offset:], start=offset):
                if period.stop <= definition.history_start:
                    continue
                value = float(values[row, place])
                expected = int(parts.parts_expected[row, place])
                yield (
                    report.id,
                    period.start,
                    None if value != value else value,
                    None,
                    None,
                    int(parts.parts_present[row, place]) if expected else None,
                    expected or None,
                )
