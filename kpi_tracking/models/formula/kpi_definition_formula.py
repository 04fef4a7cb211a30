from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.engine.postgres import is_storable
from odoo.addons.kpi_base.roles import OFFICER

from ...engine import formula as formulas

UNIT_KINDS = {"boolean": "bool"}


class KpiDefinition(models.Model):
    """KPIs computed from other KPIs; the language is described in docs/formulas.md."""

    _inherit = "kpi.definition"

    formula = fields.Text(tracking=True)
    formula_error = fields.Char(compute="_compute_formula_check", exportable=False)
    formula_error_position = fields.Json(
        compute="_compute_formula_check",
        help="Where formula_error is: {line, column} from 1; empty for all of it.",
        exportable=False,
    )
    formula_warnings = fields.Text(compute="_compute_formula_check", exportable=False)
    formula_preview = fields.Json(
        compute="_compute_formula_preview",
        groups=OFFICER,
        help="Values of the last periods for the company: {label, value, reason}.",
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
                definition.formula_preview = definition._preview_values()
            except (formulas.FormulaError, ValidationError):
                # Said by formula_error; there is nothing to show yet.
                definition.formula_preview = False

    def _translate_error(self, error):
        """The error in the reader's language, with its position."""
        has_lines = "\n" in (self.formula or "").strip()
        return error.translate_with(self.env._, has_lines=has_lines)

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

    def _parse_checked_formula(self):
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
                raise formulas.FormulaError(text, **formula.locate_code(code))

    def _grain_misfit(self, component):
        """Return why the periods of a part do not make up those of the formula."""
        if component.calendar_id != self.calendar_id:
            return self.env._(
                "%(kpi)s uses another calendar with different periods.",
                kpi=component.name,
            )
        grains = dict(self._fields["coarsest_grain"]._description_selection(self.env))
        spec = self.calendar_id._spec()
        if not calendars.nests(spec, component.frequency, self.frequency):
            return self.env._(
                "%(kpi)s has one value per %(grain)s, which does not fit into a "
                "%(own)s. Use a KPI with the same or shorter periods.",
                kpi=component.name,
                grain=grains[component.frequency].lower(),
                own=grains[self.frequency].lower(),
            )
        lacking = component._lacking_grains(self._get_shown_grains())
        if lacking:
            return self.env._(
                "%(kpi)s has no value per %(grain)s, because its values cannot "
                "be combined over time. Choose a longer “Longest Period” for "
                "it, or a shorter one here.",
                kpi=component.name,
                grain=grains[lacking[0]].lower(),
            )
        return None

    def _lacking_grains(self, grains):
        """The period lengths in which this part has no value of its own."""
        if self.aggregation_time != "none":
            return []
        stored = self._grains()
        return [grain for grain in grains if grain not in stored]

    def _codes_in_reach(self):
        """Code → KPI that a formula of this company can name."""
        domain = Domain("company_id", "=", False)
        if self.company_id:
            domain |= Domain("company_id", "=", self.company_id.id)
        definitions = self.env["kpi.definition"].search(domain)
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
        return {kpi.code: kpi for kpi in everything.search(domain)}

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
                "The formula of %(kpi)s uses archived or deleted KPIs: "
                "%(codes)s. Restore them or change the formula.",
                kpi=self.name,
                codes=", ".join(lacking),
            )
            raise formulas.FormulaError(formulas.Text(misfit))
        return components

    def _find_components(self, stretch):
        """The parts of a version; those of past ones may have been archived since.

        :raises FormulaError: as ``_get_active_components``
        """
        if stretch.stop and stretch.stop <= self.calendar_id._today():
            return self._components_by_code()
        return self._get_active_components()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_storable(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_storable(vals)
        if "active" in vals and not vals["active"]:
            self.with_context(active_test=True)._check_unused_in_formulas(in_force=True)
        return super().write(vals)

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
        for definition in self:
            # A formula of another company counts as well.
            users = definition.sudo().user_ids - self
            if in_force:
                users = users.filtered(
                    lambda kpi, code=definition.code: kpi._names_code(code)
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

    def _names_code(self, code):
        """Whether the formula names a KPI now, or will."""
        today = self.calendar_id._today()
        return any(
            code in _codes_of(formulas.parse(stretch.method.formula or ""))
            for stretch in self._list_stretches()
            if not stretch.stop or stretch.stop > today
        )

    @api.model
    def _claim_formulas(self):
        """Change codes, formulas and what these name in one transaction at a time."""
        self.env["kpi.claim"]._claim("formulas")

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
        formula_kpis = self.filtered(lambda kpi: kpi.computation == "formula")
        if formula_kpis:
            self._claim_formulas()
        for definition in formula_kpis:
            try:
                definition._parse_checked_formula()
            except formulas.FormulaError as error:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, Formula: %(reason)s",
                        kpi=definition.name,
                        reason=definition._translate_error(error),
                    )
                ) from error

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


def _codes_of(formula):
    return formula.codes | formula.target_codes | formula.baseline_codes
