from odoo import api, fields, models

from odoo.addons.kpi_base.roles import OFFICER

ADDITIVITY = {  # measure of flows → (over time, over scopes)
    "count": ("sum", "sum"),
    "sum": ("sum", "sum"),
    "distinct": ("none", "none"),
    "average": ("average", "average"),
    "weighted_average": ("average", "average"),
    "share": ("average", "average"),
    "min": ("min", "min"),
    "max": ("max", "max"),
    "median": ("none", "none"),
    "percentile": ("none", "none"),
}
OPERAND_MEASURES = tuple(
    measure for measure in ADDITIVITY if measure not in ("count", "share")
)
AMOUNT_MEASURES = tuple(name for name in OPERAND_MEASURES if name != "distinct")
SCOPE_FIELDS = ("company_field", "department_field", "team_field", "user_field")


class KpiDefinition(models.Model):
    """KPIs computed from the records of any stored model."""

    _inherit = "kpi.definition"

    model_name = fields.Char(index="btree_not_null")
    model_id = fields.Many2one(
        "ir.model",
        "Records",
        compute="_compute_model_id",
        inverse="_inverse_model_id",
        domain="[('transient', '=', False), ('abstract', '=', False),"
        " ('model', 'not =like', 'ir.%')]",
    )
    unit_notice = fields.Char(compute="_compute_unit_notice")
    company_field = fields.Char(
        compute="_compute_scope_fields", store=True, readonly=False, precompute=True
    )
    without_company = fields.Selection(
        compute="_compute_without_company",
        store=True,
        readonly=False,
        precompute=True,
    )
    team_field = fields.Char(
        compute="_compute_scope_fields", store=True, readonly=False, precompute=True
    )
    user_field = fields.Char(
        compute="_compute_scope_fields", store=True, readonly=False, precompute=True
    )
    breakdown_ids = fields.One2many("kpi.definition.breakdown", "definition_id")
    source_ids = fields.Many2many(
        "kpi.source",
        readonly=True,
        copy=False,
        groups=OFFICER,
    )

    @api.depends("model_name")
    def _compute_model_id(self):
        for definition in self:
            name = definition.model_name
            # Names of models are no secret; ``ir.model`` is for administrators.
            definition.model_id = name and self.env["ir.model"].sudo()._get(name)

    def _inverse_model_id(self):
        for definition in self:
            # Names of models are no secret; ``ir.model`` is for administrators.
            definition.model_name = definition.model_id.sudo().model

    @api.depends("company_id")
    def _compute_without_company(self):
        """A KPI of one company counts them for it; one that is shared does not."""
        for definition in self:
            definition.without_company = definition.without_company or (
                "every" if definition.company_id else "none"
            )

    @api.depends("model_name")
    def _compute_scope_fields(self):
        """The usual names, where the model has them; free to change."""
        usual = {"company_field": ("company_id",), "team_field": ("team_id",)}
        usual["user_field"] = ("user_id", "user_ids", "employee_id.user_id")
        for definition in self:
            for name, candidates in usual.items():
                present = [
                    path
                    for path in candidates
                    if definition._has_path(path)
                    and definition._is_scope_readable(name, path)
                ]
                definition[name] = present[0] if present else False

    @api.depends("computation", "measure", "operand", "measure_field", "factor_field")
    def _compute_unit(self):
        """Amounts of money are in a currency, unless somebody says otherwise."""
        result = super()._compute_unit()
        for definition in self:
            if definition.unit == "number" and definition._measures_amounts():
                definition.unit = "currency"
        return result

    def _measures_amounts(self):
        """Return whether a field that is measured holds amounts of money."""
        self.ensure_one()
        if self.computation != "records" or self.measure not in AMOUNT_MEASURES:
            return False
        # Fields are proposed by a computation, which runs as superuser.
        kpi = self.sudo(False)
        return any(
            path and kpi._has_path(path) and kpi._path_end(path).type == "monetary"
            for path in kpi._operand_paths()
        )

    def _operand_paths(self):
        """The fields that what is measured on a record is made of."""
        self.ensure_one()
        return {
            "product": (self.measure_field, self.factor_field),
            "duration": (self.duration_from_field, self.duration_to_field),
        }.get(self.operand, (self.measure_field,))

    @api.depends("unit", "measure", "operand", "measure_field", "factor_field")
    def _compute_unit_notice(self):
        for definition in self:
            mixed = definition.unit != "currency" and definition._measures_amounts()
            definition.unit_notice = mixed and self.env._(
                "Amounts in several currencies are used without conversion. "
                "Choose the unit Currency to convert them at each record's date."
            )

    @api.depends("measure", "kind")
    def _compute_aggregations(self):
        return super()._compute_aggregations()

    def _default_aggregations(self):
        if self.computation != "records":
            return super()._default_aggregations()
        over_time, over_scope = ADDITIVITY[self.measure or "count"]
        if self.kind in ("stock", "snapshot"):
            # What is open at the end of a quarter is so at the end of its last month.
            over_time = "last"
        return over_time, over_scope

    def _get_aggregation_refusal(self, aggregation):
        reason = super()._get_aggregation_refusal(aggregation)
        if reason or self.computation != "records" or aggregation in ("none", "last"):
            return reason
        measure = dict(self._fields["measure"]._description_selection(self.env))
        _time, allowed = ADDITIVITY[self.measure]
        if allowed != aggregation:
            return self.env._(
                "a value of “%(measure)s” cannot be combined this way without its"
                " records.",
                measure=measure[self.measure],
            )
        return ""

    def _path_fields(self):
        """Names of the fields that hold a path on the records."""
        return [
            "date_field",
            "date_to_field",
            "measure_field",
            "factor_field",
            "weight_field",
            "duration_from_field",
            "duration_to_field",
            *SCOPE_FIELDS,
        ]

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_model_name(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_model_name(vals))

    @api.model
    def _with_model_name(self, vals):
        """``vals`` where a model given by its id has its name as well.

        Odoo checks constraints before it asks ``_inverse_model_id`` for the name.
        """
        if not vals.get("model_id") or vals.get("model_name"):
            return vals
        # Names of models are no secret; ``ir.model`` is for administrators.
        model = self.env["ir.model"].sudo().browse(vals["model_id"])
        return {**vals, "model_name": model.model}
