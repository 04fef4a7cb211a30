import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

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
# Besides what is technical: messages, which a filter on their text would read aloud.
REFUSED_MODELS = ("ir.", "base_import.", "bus.", "discuss.", "kpi.", "mail.m", "mail.n")
# What opens doors or moves money, by the names that Odoo and its apps give to it.
SECRET_FIELD = re.compile(
    r"(?:^|_)(?:acc_number|api_?key|iban|passw(?:or)?d|pin|private_key|secret|token)"
    r"(?:_|$)"
)
SECRET_MODEL = re.compile(
    r"(?:^|[._])(?:api_?keys?|credentials?|partner\.bank|secrets?|tokens?|totp)(?:[._]|$)"
)
MAX_BREAKDOWNS = 3


class KpiDefinition(models.Model):
    """KPIs computed from the records of any stored model."""

    _inherit = "kpi.definition"

    model_name = fields.Char(
        index="btree_not_null",
        help="Stored as text, so that the app it belongs to can be uninstalled.",
    )
    model_id = fields.Many2one(
        "ir.model",
        "Records",
        compute="_compute_model_id",
        inverse="_inverse_model_id",
        domain="[('transient', '=', False), ('abstract', '=', False),"
        " ('model', 'not =like', 'ir.%')]",
    )
    domain = fields.Char(
        "Filter",
        default="[]",
        help="Records that count. “today” means the last day of each period.",
    )
    kind = fields.Selection(
        [
            ("flow", "Happened in the period"),
            ("stock", "Open at the end of the period"),
            ("snapshot", "As it is when the period closes"),
        ],
        default="flow",
    )
    date_field = fields.Char(
        "Date", help="Date that puts a record into a period (stock: opened on)."
    )
    date_to_field = fields.Char(
        "Closed On", help="Date on which a record stops being open; empty = still open."
    )
    measure = fields.Selection(
        [
            ("count", "Number of records"),
            ("distinct", "Number of different values"),
            ("sum", "Sum"),
            ("average", "Average"),
            ("weighted_average", "Weighted average"),
            ("min", "Lowest"),
            ("max", "Highest"),
            ("median", "Median"),
            ("percentile", "Percentile"),
            ("share", "Share of records (%)"),
        ],
        default="count",
    )
    operand = fields.Selection(
        [
            ("field", "A field"),
            ("product", "Product of two fields"),
            ("duration", "Time between two dates"),
        ],
        "Measured On",
        default="field",
    )
    unit_notice = fields.Char(compute="_compute_unit_notice")
    measure_field = fields.Char(
        "Field", help="A stored field or path, such as partner_id.country_id."
    )
    factor_field = fields.Char("Times")
    weight_field = fields.Char("Weighted By")
    percentile = fields.Float(default=90.0, help="From 0 to 100; 50 is the median.")
    duration_from_field = fields.Char("From")
    duration_to_field = fields.Char("To")
    working_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        help="Count only these working hours; empty counts around the clock.",
    )
    numerator_domain = fields.Char(
        "Of Which",
        default="[]",
        help="Records counted above the line; the filter is what is below it.",
    )
    company_field = fields.Char(
        compute="_compute_scope_fields", store=True, readonly=False, precompute=True
    )
    department_field = fields.Char(
        help="Department kept on the record itself; empty: the department of the user"
        " on the record's date."
    )
    team_field = fields.Char(
        compute="_compute_scope_fields",
        store=True,
        readonly=False,
        precompute=True,
        help="Team kept on the record itself; empty: the teams of the user on the"
        " record's date.",
    )
    user_field = fields.Char(
        compute="_compute_scope_fields",
        store=True,
        readonly=False,
        precompute=True,
        help="Person whom a record counts for.",
    )
    breakdown_ids = fields.One2many("kpi.definition.breakdown", "definition_id")
    source_ids = fields.Many2many(
        "kpi.source",
        readonly=True,
        copy=False,
        groups="kpi_tracking.kpi_tracking_group_officer",
    )

    _percentile_range = models.Constraint(
        "CHECK (percentile BETWEEN 0 AND 100)", "A percentile goes from 0 to 100."
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

    @api.depends("model_name")
    def _compute_scope_fields(self):
        """The usual names, where the model has them; free to change."""
        usual = {"company_field": ("company_id",), "team_field": ("team_id",)}
        usual["user_field"] = ("user_id", "user_ids", "employee_id.user_id")
        for definition in self:
            for name, candidates in usual.items():
                present = [path for path in candidates if definition._has_path(path)]
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
        """Whether a field that is measured holds amounts of money."""
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
                "Amounts in several currencies are taken as they are. With the unit"
                " Currency they are converted at each record's own date."
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

    def _refused_aggregation(self, aggregation):
        reason = super()._refused_aggregation(aggregation)
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

    def _has_path(self, path):
        """Whether the model holds the stored ``path`` and the user may read it."""
        self.ensure_one()
        try:
            # Fields are proposed by a computation, which runs as superuser.
            self.sudo(False)._path_end(path)
        except ValidationError:
            return False
        return True

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

    def _records_model(self):
        """The model of the records, as the current user.

        :raises ValidationError: it is not installed or must not be measured
        """
        self.ensure_one()
        name = self.model_name
        if not name:
            raise ValidationError(
                self.env._("%s, Records: choose what is counted.", self.name)
            )
        if name not in self.env:
            raise ValidationError(
                self.env._(
                    "%(kpi)s, Records: “%(model)s” is not installed.",
                    kpi=self.name,
                    model=name,
                )
            )
        model = self.env[name]
        if model._abstract or model._transient or not self._is_measurable(name):
            raise ValidationError(
                self.env._(
                    "%(kpi)s, Records: “%(model)s” cannot be measured. Choose a"
                    " business document.",
                    kpi=self.name,
                    model=name,
                )
            )
        return model

    @api.model
    def _is_measurable(self, name):
        """Whether the model ``name`` holds business: not technical, no secrets."""
        is_key = isinstance(self.env[name], self.env.registry["res.users.apikeys"])
        return not (
            is_key or name.startswith(REFUSED_MODELS) or SECRET_MODEL.search(name)
        )

    @api.model
    def _is_reachable(self, name):
        """Whether paths may lead to the model ``name``: also to a KPI's own teams."""
        return name == "kpi.team" or self._is_measurable(name)

    def _path_end(self, path, label=""):
        """The field at the end of a dotted ``path``; every step stored and readable.

        :raises ValidationError: naming the step that does not exist, is not stored
            or must not be read by the current user
        """
        model = self._records_model()
        if not path:
            raise ValidationError(
                self.env._(
                    "%(kpi)s, %(field)s: choose a field of %(model)s.",
                    kpi=self.name,
                    field=label,
                    model=model._description,
                )
            )
        *steps, last = path.split(".")
        for step in steps:
            field = self._path_step(model, step, path, label)
            if field.type != "many2one":
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, %(field)s: “%(step)s” in “%(path)s” does not lead"
                        " to one record.",
                        kpi=self.name,
                        field=label,
                        step=step,
                        path=path,
                    )
                )
            model = self.env[field.comodel_name]
        return self._path_step(model, last, path, label)

    def _path_step(self, model, step, path, label):
        reason = self._refused_step(model, step, path)
        if reason:
            raise ValidationError(
                self.env._(
                    "%(kpi)s, %(field)s: %(reason)s",
                    kpi=self.name,
                    field=label,
                    reason=reason,
                )
            )
        return model._fields[step]

    def _refused_step(self, model, step, path):
        """Why a KPI cannot show the field ``step`` of ``model``; empty if it can."""
        field = model._fields.get(step)
        words = {"step": step, "model": model._description}
        stored = field and (field.store or self._is_joined(model, field))
        if not stored or field.type in ("binary", "properties"):
            return self.env._(
                "“%(step)s” in “%(path)s” is not a stored field of %(model)s.",
                path=path,
                **words,
            )
        if _is_secret(field):
            return self.env._(
                "“%(step)s” of %(model)s is a secret, so a KPI cannot show it.", **words
            )
        if field.company_dependent and not self.company_id:
            return self.env._(
                "each company has its own “%(step)s” of %(model)s. Give the KPI a"
                " company.",
                **words,
            )
        if field.relational and not self._is_reachable(field.comodel_name):
            return self.env._(
                "“%(step)s” of %(model)s leads to %(comodel)s, which a KPI cannot"
                " show.",
                comodel=self.env[field.comodel_name]._description,
                **words,
            )
        if not (model.has_access("read") and model._has_field_access(field, "read")):
            return self.env._(
                "you may not read “%(step)s” of %(model)s, so a KPI cannot show it.",
                **words,
            )
        return ""

    @api.model
    def _is_joined(self, model, field):
        """Whether joins can read a related field: through single records alone."""
        if not field.related or not field.compute_sudo:
            return False
        *steps, last = field.related.split(".")
        for step in steps:
            if model._fields[step].type != "many2one":
                return False
            model = self.env[model._fields[step].comodel_name]
        end = model._fields[last]
        return end.store or self._is_joined(model, end)

    def _required_paths(self):
        """Path fields that this measure needs → accepted field types."""
        self.ensure_one()
        needed = {}
        if self.kind != "snapshot":
            needed["date_field"] = ("date", "datetime")
        if self.kind == "stock" and self.date_to_field:
            needed["date_to_field"] = ("date", "datetime")
        if self.measure in OPERAND_MEASURES:
            needed.update(self._required_operand())
        if self.measure == "weighted_average":
            needed["weight_field"] = ("integer", "float", "monetary")
        return needed

    def _required_operand(self):
        numbers = ("integer", "float", "monetary")
        if self.measure == "distinct":
            return {"measure_field": None}
        if self.operand == "duration":
            dates = ("date", "datetime")
            return {"duration_from_field": dates, "duration_to_field": dates}
        if self.operand == "product":
            return {"measure_field": numbers, "factor_field": numbers}
        return {"measure_field": (*numbers, "boolean")}

    @api.constrains(
        "company_id",
        "computation",
        "model_name",
        "domain",
        "numerator_domain",
        "kind",
        "measure",
        "operand",
        "date_field",
        "date_to_field",
        "measure_field",
        "factor_field",
        "weight_field",
        "duration_from_field",
        "duration_to_field",
        *SCOPE_FIELDS,
    )
    def _check_records(self):
        """Compile with the rights of the person who saves: no reading by proxy."""
        # Odoo checks constraints as superuser, who may read everything.
        saved = self.sudo(False)
        for definition in saved.filtered(lambda kpi: kpi.computation == "records"):
            definition._records_model().check_access("read")
            definition._check_required_paths()
            definition._check_scope_paths()
            for name in ("domain", "numerator_domain"):
                definition._check_domain(name)

    def _check_required_paths(self):
        for name, types in self._required_paths().items():
            label = self._fields[name]._description_string(self.env)
            field = self._path_end(self[name], label)
            if not field.column_type:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, %(field)s: “%(path)s” holds several records; choose"
                        " a field with one value.",
                        kpi=self.name,
                        field=label,
                        path=self[name],
                    )
                )
            if types and field.type not in types:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, %(field)s: “%(path)s” is of type %(type)s; use one"
                        " of: %(types)s.",
                        kpi=self.name,
                        field=label,
                        path=self[name],
                        type=field.type,
                        types=", ".join(types),
                    )
                )

    def _check_scope_paths(self):
        comodels = {
            "company_field": ("res.company",),
            "department_field": ("hr.department",),
            "user_field": ("res.users",),
        }
        self._check_company_known()
        for name in SCOPE_FIELDS:
            if not self[name]:
                continue
            label = self._fields[name]._description_string(self.env)
            field = self._path_end(self[name], label)
            comodel = comodels.get(name)
            if not field.relational or (comodel and field.comodel_name not in comodel):
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, %(field)s: “%(path)s” does not hold a %(wanted)s.",
                        kpi=self.name,
                        field=label,
                        path=self[name],
                        wanted=name.removesuffix("_field"),
                    )
                )

    def _check_company_known(self):
        """Records count for the company of the KPI, or for one that they lead to."""
        if not self.company_id and not self.company_field:
            raise ValidationError(
                self.env._(
                    "%(kpi)s, %(field)s: a KPI without a company needs it to tell which"
                    " company a record counts for.",
                    kpi=self.name,
                    field=self._fields["company_field"]._description_string(self.env),
                )
            )

    def _check_domain(self, name):
        model = self._records_model()
        for condition in self._parsed_domain(name).iter_conditions():
            self._check_condition(condition, model, name)

    def _check_condition(self, condition, model, name):
        """Compile one condition of the filter ``name``, naming it where it fails."""
        label = self._fields[name]._description_string(self.env)
        try:
            self._check_conditions(condition, model, label)
            model._search(self._bound_to_period(condition, model), limit=1)
        except AccessError as error:
            raise ValidationError(
                self.env._(
                    "%(kpi)s, %(field)s: %(reason)s",
                    kpi=self.name,
                    field=label,
                    reason=error,
                )
            ) from error
        except (ValueError, TypeError, KeyError, NotImplementedError) as error:
            raise ValidationError(
                self.env._(
                    "%(kpi)s, %(field)s: the condition “%(path)s %(operator)s"
                    " %(value)s” does not fit %(model)s.",
                    kpi=self.name,
                    field=label,
                    path=condition.field_expr,
                    operator=condition.operator,
                    value=str(condition.value)[:200],
                    model=model._description,
                )
            ) from error


def _is_secret(field):
    """Whether values of ``field`` are secrets, or lead to them."""
    if field.relational:
        return bool(SECRET_MODEL.search(field.comodel_name))
    return bool(
        SECRET_MODEL.search(field.model_name)
        or (field.type in ("char", "text") and SECRET_FIELD.search(field.name))
    )
