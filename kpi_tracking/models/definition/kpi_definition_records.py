import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.roles import OFFICER

from ...engine.formula import RESERVED_NAMES
from .kpi_definition import CODE, CODE_LENGTH, NEVER_SUMMED
from .kpi_method_mixin import PATH_FIELDS

ADDITIVITY = {  # measure of flows → aggregation over time and over scopes
    "count": "sum",
    "sum": "sum",
    "distinct": "none",
    "average": "average",
    "weighted_average": "average",
    "share": "average",
    "min": "min",
    "max": "max",
    "median": "none",
    "percentile": "none",
}
AMOUNT_MEASURES = tuple(
    name for name in ADDITIVITY if name not in ("count", "share", "distinct")
)
# What is measured on a record → the fields that hold its paths
OPERANDS = {
    "field": ("measure_field",),
    "product": ("measure_field", "factor_field"),
    "duration": ("duration_from_field", "duration_to_field"),
}
DATES, NUMBERS = ("date", "datetime"), ("integer", "float", "monetary")
SCOPE_FIELDS = ("company_field", "department_field", "team_field", "user_field")
NEEDED_BY_UNIT = {
    "currency": "currency_id",
    "custom": "unit_symbol",
    "duration": "duration_unit",
}
# Besides what is technical: messages, which a filter on their text would read aloud.
TECHNICAL_MODELS = ("base_import.", "bus.", "discuss.", "ir.", "mail.m", "mail.n")
# What opens doors or moves money, by the names that Odoo and its apps give to it.
SECRET_FIELD = re.compile(
    r"(?:^|_)(?:acc_number|api_?key|iban|passw(?:or)?d|pin|private_key|secret|token)"
    r"(?:_|$)"
)
SECRET_MODEL = re.compile(
    r"(?:^|[._])(?:api_?keys?|credentials?|partner\.bank|secrets?|tokens?|totp)(?:[._]|$)"
)


class Base(models.AbstractModel):
    """Properties of a model that decide how KPIs read it.

    ``_kpi_measurable``: whether KPIs count and sum its records. ``None``: yes, but for
    the models of these addons; technical models and keys never are::

        class Visit(models.Model):
            _name = "kpi.visit"
            _description = "Visit"
            _kpi_measurable = True
    """

    _inherit = "base"

    _kpi_measurable: bool | None = None


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
        compute="_compute_without_company", store=True, readonly=False, precompute=True
    )
    team_field = fields.Char(
        compute="_compute_scope_fields", store=True, readonly=False, precompute=True
    )
    user_field = fields.Char(
        compute="_compute_scope_fields", store=True, readonly=False, precompute=True
    )
    breakdown_ids = fields.One2many("kpi.definition.breakdown", "definition_id")
    source_ids = fields.Many2many(
        "kpi.source", readonly=True, copy=False, groups=OFFICER
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
        """Paths of the fields that what is measured on a record is made of."""
        self.ensure_one()
        return tuple(self[name] for name in OPERANDS[self.operand or "field"])

    @api.depends("unit", "measure", "operand", "measure_field", "factor_field")
    def _compute_unit_notice(self):
        for definition in self:
            mixed = definition.unit != "currency" and definition._measures_amounts()
            definition.unit_notice = mixed and self.env._(
                "Amounts are not converted. Choose the unit “Currency” to convert "
                "them at each record's date."
            )

    @api.depends("computation", "measure", "kind", "unit")
    def _compute_aggregations(self):
        """Additivity by kind of computation; never a guess for averages."""
        for kpi in self:
            over_time = over_scope = "sum"
            if kpi.computation == "formula":
                over_time = over_scope = "formula"
            elif kpi.computation == "records":
                over_time = over_scope = ADDITIVITY[kpi.measure or "count"]
                # What is open at the end of a quarter is so at that of its last month.
                if kpi.kind in ("stock", "snapshot"):
                    over_time = "last"
            elif kpi.unit in ("percent", "score", "boolean", "duration"):
                over_time = over_scope = "average"
            kpi.aggregation_time, kpi.aggregation_scope = over_time, over_scope

    def _get_aggregation_refusal(self, name):
        """Return why the aggregation ``name`` is meaningless for this KPI, or empty."""
        self.ensure_one()
        aggregation = self[name]
        if aggregation == "sum" and self.unit in NEVER_SUMMED:
            return self.env._(
                "percentages, scores and yes/no values cannot be summed. Use the "
                "weighted average."
            )
        is_total = name == "aggregation_time" and aggregation == "sum"
        if is_total and self.computation == "formula":
            text = self.env._("the results of this formula do not add up.")
            return "" if self._adds_up() else text
        if (aggregation == "formula") != (self.computation == "formula"):
            return self.env._("only formulas can use the totals of their parts.")
        allowed = ("none", "last", ADDITIVITY[self.measure or "count"])
        if self.computation == "records" and aggregation not in allowed:
            return self.env._(
                "“%s” values cannot be combined this way. Choose another option.",
                self._label_of("measure"),
            )
        return ""

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

    @api.constrains("code")
    def _check_code(self):
        for definition in self:
            code = definition.code or ""
            if not CODE.match(code) or len(code) > CODE_LENGTH:
                raise ValidationError(
                    self.env._(
                        "Code “%(code)s”: use up to %(length)s lowercase letters, "
                        "digits or underscores; start with a letter.",
                        code=code,
                        length=CODE_LENGTH,
                    )
                )
            if code in RESERVED_NAMES:
                reason = self.env._(
                    "“%s” is reserved for formulas. Choose another code.", code
                )
                raise definition._refuse("code", reason)

    @api.constrains("code", "company_id")
    def _check_code_not_shadowed(self):
        """In a formula, a code means the same KPI for every company that sees it."""
        self._claim_formulas()
        # A code is taken also where the officer does not see who uses it.
        everywhere = self.sudo().with_context(active_test=False)
        same = everywhere.search([("code", "in", self.mapped("code"))])
        for definition in self:
            others = same.filtered(
                lambda other, kpi=definition: (
                    other.code == kpi.code
                    and other != kpi
                    and not (kpi.company_id and other.company_id)
                )
            )
            if others:
                reason = self.env._(
                    "“%s” is already in use, possibly by another company. Choose "
                    "another code.",
                    definition.code,
                )
                raise definition._refuse("code", reason)

    @api.constrains("name", "company_id", "active")
    def _check_name_not_alike(self):
        """No two KPIs that a company sees have names that differ only in case.

        Equal names are allowed, and listed for officers: formulas know KPIs by code.
        """
        self._claim_formulas()
        # Also a KPI that the officer does not see.
        self.flush_model(["name", "code", "company_id", "active"])
        chosen = SQL(
            "%s AND other.name ->> 'en_US' <> kpi.name ->> 'en_US'"
            " AND kpi.id = ANY(%s) LIMIT 1",
            self._same_names_sql(),
            self.ids,
        )
        for (kpi_id,) in self.env.execute_query(chosen):
            raise ValidationError(
                self.env._(
                    "“%s” differs from the name of another KPI only in case. Choose a"
                    " different name.",
                    self.browse(kpi_id).name,
                )
            )

    def _search_has_same_name(self, operator, value):
        if operator != "in":
            return NotImplemented
        same = self._same_names_sql()
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "%s IN (%s)", SQL.identifier(alias, "id"), same
            )
        )

    @api.model
    def _same_names_sql(self):
        """Ids of active KPIs beside another one that a company sees under the same name
        or one that differs only in case.

        A company's own and the shared definition of one code are one KPI.
        """
        return SQL(
            """
            SELECT kpi.id
              FROM kpi_definition kpi
              JOIN kpi_definition other
                ON lower(other.name ->> 'en_US') = lower(kpi.name ->> 'en_US')
               AND other.id <> kpi.id
               AND other.code <> kpi.code
               AND (other.company_id = kpi.company_id
                    OR other.company_id IS NULL OR kpi.company_id IS NULL)
             WHERE kpi.active AND other.active
            """
        )

    @api.constrains("company_id")
    def _check_used_by_own_company(self):
        """A shared KPI is not taken away from the other companies that use it."""
        self._claim_company()
        for definition in self.filtered("company_id"):
            # Also where the officer does not see who uses it.
            everywhere = definition.sudo().with_context(active_test=False)
            users = everywhere.report_ids.company_id | everywhere.user_ids.company_id
            others = users - definition.company_id
            if others:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s is used by %(others)s and cannot be limited to "
                        "%(company)s.",
                        kpi=definition.name,
                        others=", ".join(others.mapped("name")),
                        company=definition.company_id.name,
                    )
                )

    def _claim_company(self):
        """Track a KPI, or limit it to a company, in one transaction at a time."""
        self.env["kpi.claim"]._claim(*(f"company of KPI {id_}" for id_ in self.ids))

    @api.constrains("unit", "currency_id", "duration_unit", "unit_symbol")
    def _check_unit(self):
        for definition in self:
            name = NEEDED_BY_UNIT.get(definition.unit)
            if name and not definition[name]:
                unit = definition._label_of("unit")
                reason = self.env._("required for the unit “%s”.", unit)
                raise definition._refuse(name, reason)

    @api.constrains("computation", "measure", "numerator_domain")
    def _check_share(self):
        for definition in self.filtered(lambda kpi: kpi.computation == "records"):
            is_share = definition.measure == "share"
            if is_share and definition._parse_domain("numerator_domain").is_true():
                reason = self.env._(
                    "add a condition. Without one, the share is always 100%."
                )
                raise definition._refuse("numerator_domain", reason)

    def _check_leads_to(self, scope_type):
        """Refuse scopes that no field of the records leads to: no value would come."""
        self.ensure_one()
        if scope_type in self._get_measured_scope_types():
            return
        if self.computation == "external":
            labels = dict(
                self.env["kpi.report"]
                ._fields["scope_type"]
                ._description_selection(self.env)
            )
            known = [labels[each] for each in self._get_measured_scope_types()]
            reason = self.env._("values are only provided for: %s.", ", ".join(known))
            raise self._refuse(labels[scope_type], reason)
        needed = {
            "department": self.env._("Department or Person"),
            "team": self.env._("Team or Person"),
            "user": self.env._("Person"),
        }
        reason = self.env._(
            "choose a field for it under “Records” on the definition. Without one, "
            "only companies have values."
        )
        raise self._refuse(needed[scope_type], reason)

    @api.constrains("frequency", "coarsest_grain")
    def _check_coarsest_grain(self):
        order = list(periods.GRAINS)
        for definition in self:
            coarsest = definition.coarsest_grain or definition.frequency
            if order.index(coarsest) < order.index(definition.frequency):
                reason = self.env._(
                    "“%(coarsest)s” is shorter than the frequency “%(frequency)s”.",
                    coarsest=definition._label_of("coarsest_grain"),
                    frequency=definition._label_of("frequency"),
                )
                raise definition._refuse("coarsest_grain", reason)

    def _label_of(self, name):
        """The value of the selection ``name`` as people read it."""
        labels = dict(self._fields[name]._description_selection(self.env))
        return labels[self[name]]

    @api.constrains("aggregation_time", "aggregation_scope", "unit", "computation")
    def _check_aggregations(self):
        """Refuse roll-ups that would be meaningless, saying why."""
        for definition in self:
            for name in ("aggregation_time", "aggregation_scope"):
                reason = definition._get_aggregation_refusal(name)
                if reason:
                    raise definition._refuse(name, reason)

    @api.constrains(
        "company_id",
        "computation",
        "model_name",
        "domain",
        "numerator_domain",
        "kind",
        "measure",
        "operand",
        *PATH_FIELDS,
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
                for condition in definition._parse_domain(name).iter_conditions():
                    definition._check_condition(condition, name)
            definition.breakdown_ids._check_field_path()

    def _check_required_paths(self):
        """Check the fields that this measure needs, and of which types they are."""
        needed = {}
        if self.kind != "snapshot":
            needed["date_field"] = DATES
        if self.kind == "stock" and self.date_to_field:
            needed["date_to_field"] = DATES
        if self.measure == "distinct":
            needed["measure_field"] = None
        elif self.measure in AMOUNT_MEASURES:
            types = {"duration": DATES, "product": NUMBERS}
            types = types.get(self.operand, (*NUMBERS, "boolean"))
            needed |= dict.fromkeys(OPERANDS[self.operand or "field"], types)
        if self.measure == "weighted_average":
            needed["weight_field"] = NUMBERS
        for name, types in needed.items():
            field = self._path_end(self[name], name)
            if not field.column_type:
                reason = self.env._(
                    "“%s” contains several records. Choose a single-value field.",
                    self[name],
                )
                raise self._refuse(name, reason)
            if types and field.type not in types:
                reason = self.env._(
                    "“%(path)s” is of type %(type)s; use one of: %(types)s.",
                    path=self[name],
                    type=field.type,
                    types=", ".join(types),
                )
                raise self._refuse(name, reason)

    def _check_scope_paths(self):
        comodels = {
            "company_field": "res.company",
            "department_field": "hr.department",
            "user_field": "res.users",
        }
        if not self.company_id and not self.company_field:
            reason = self.env._("required for a KPI without a company.")
            raise self._refuse("company_field", reason)
        for name in SCOPE_FIELDS:
            if not self[name]:
                continue
            field = self._path_end(self[name], name)
            comodel = comodels.get(name, field.comodel_name)
            if not field.relational or field.comodel_name != comodel:
                scopes = self.env["kpi.report"]._fields["scope_type"]
                labels = dict(scopes._description_selection(self.env))
                reason = self.env._(
                    "“%(path)s” is not a field of type “%(scope)s”.",
                    path=self[name],
                    scope=labels[name.removesuffix("_field")],
                )
                raise self._refuse(name, reason)
            if not self._is_scope_readable(name, self[name]):
                reason = self.env._(
                    "“%s” contains several records. Choose a single-value field.",
                    self[name],
                )
                raise self._refuse(name, reason)

    def _is_scope_readable(self, name, path):
        """Check whether joins lead there: to one record, or to the record's people."""
        # Fields are proposed by a computation, which runs as superuser.
        field = self.sudo(False)._path_end(path)
        if field.type == "many2one":
            return True
        is_own = "." not in path and bool(field.store)
        return name == "user_field" and field.type == "many2many" and is_own

    @api.constrains("without_company", "without_company_id", "computation")
    def _check_without_company(self):
        for definition in self.filtered(lambda kpi: kpi.computation == "records"):
            is_open = definition.without_company == "one"
            if is_open and not definition.without_company_id:
                raise ValidationError(
                    self.env._(
                        "%s: choose the company for records without a company.",
                        definition.name,
                    )
                )

    def _check_condition(self, condition, name):
        """Compile one condition of the filter ``name``, naming it where it fails."""
        model = self._records_model()
        try:
            self._check_conditions(condition, model, name)
            model._search(self._bind_to_period(condition, model), limit=1)
        except AccessError as error:
            raise self._refuse(name, error) from error
        except (ValueError, TypeError, KeyError, NotImplementedError) as error:
            reason = self.env._(
                "“%(path)s %(operator)s %(value)s” is not a valid condition for "
                "%(model)s.",
                path=condition.field_expr,
                operator=condition.operator,
                value=str(condition.value)[:200],
                model=model._description,
            )
            raise self._refuse(name, reason) from error

    def _has_path(self, path):
        """Return whether the model stores ``path`` and the user may read it."""
        self.ensure_one()
        try:
            # Fields are proposed by a computation, which runs as superuser.
            self.sudo(False)._path_end(path)
        except ValidationError:
            return False
        return True

    def _records_model(self):
        """The model of the records, as the current user.

        :raises ValidationError: it is not installed or must not be measured
        """
        self.ensure_one()
        name = self.model_name
        if not name:
            raise self._refuse("model_id", self.env._("choose the records to count."))
        if name not in self.env:
            raise self._refuse("model_id", self.env._("“%s” is not installed.", name))
        model = self.env[name]
        if model._abstract or model._transient or not self._is_measurable(name):
            reason = self.env._(
                "“%s” cannot be measured. Choose a business document.", name
            )
            raise self._refuse("model_id", reason)
        return model

    @api.model
    def _is_measurable(self, name):
        """Return whether the model ``name`` holds business: not technical, no secrets.

        Our own models say it themselves, by ``_kpi_measurable``; so can others.
        """
        model = self.env.registry[name]
        is_key = issubclass(model, self.env.registry["res.users.apikeys"])
        if is_key or name.startswith(TECHNICAL_MODELS) or SECRET_MODEL.search(name):
            return False
        if model._kpi_measurable is None:
            return not name.startswith("kpi.")
        return model._kpi_measurable

    def _refuse(self, name, reason):
        """The error that names this KPI and one of its fields, or what stands for it.

        :param name: of a field, or in words
        """
        field = self._fields.get(name)
        label = field._description_string(self.env) if field else name
        return ValidationError(
            self.env._(
                "%(kpi)s, %(field)s: %(reason)s",
                kpi=self.name,
                field=label,
                reason=reason,
            )
        )

    def _path_end(self, path, name=""):
        """The field at the end of a dotted ``path``; every step stored and readable.

        :param name: of the field that holds the path, as for ``_refuse``
        :raises ValidationError: naming the step that does not exist, is not stored
            or must not be read by the current user
        """
        model = self._records_model()
        if not path:
            reason = self.env._("choose a field of %s.", model._description)
            raise self._refuse(name, reason)
        *steps, last = path.split(".")
        for step in steps:
            field = self._path_step(model, step, path, name)
            if field.type != "many2one":
                reason = self.env._(
                    "“%(step)s” in “%(path)s” does not link to a single record.",
                    step=step,
                    path=path,
                )
                raise self._refuse(name, reason)
            model = self.env[field.comodel_name]
        return self._path_step(model, last, path, name)

    def _path_step(self, model, step, path, name):
        """The field ``step`` of ``model``; refuse one that a KPI cannot show."""
        field = model._fields.get(step)
        words = {"step": step, "model": model._description}
        stored = field and (field.store or self._is_joined(model, field))
        if not stored or field.type in ("binary", "properties"):
            reason = self.env._(
                "“%(step)s” in “%(path)s” is not a stored field of %(model)s.",
                path=path,
                **words,
            )
        elif _is_secret(field):
            reason = self.env._(
                "“%(step)s” of %(model)s is confidential.",
                **words,
            )
        elif field.company_dependent and not self.company_id:
            reason = self.env._(
                "“%(step)s” of %(model)s is company-specific. Set a company on the "
                "KPI.",
                **words,
            )
        elif field.relational and not (
            field.comodel_name == "kpi.team" or self._is_measurable(field.comodel_name)
        ):
            reason = self.env._(
                "“%(step)s” of %(model)s links to %(comodel)s, which KPIs cannot use.",
                comodel=self.env[field.comodel_name]._description,
                **words,
            )
        elif not (model.has_access("read") and model._has_field_access(field, "read")):
            reason = self.env._(
                "you do not have access to “%(step)s” of %(model)s.",
                **words,
            )
        else:
            return field
        raise self._refuse(name, reason)

    @api.model
    def _is_joined(self, model, field):
        """Return whether joins can read a related field: by single records alone."""
        if not field.related or not field.compute_sudo:
            return False
        *steps, last = field.related.split(".")
        for step in steps:
            if model._fields[step].type != "many2one":
                return False
            model = self.env[model._fields[step].comodel_name]
        end = model._fields[last]
        return end.store or self._is_joined(model, end)


def _is_secret(field):
    """Return whether values of ``field`` are secrets, or lead to them."""
    if field.relational:
        return bool(SECRET_MODEL.search(field.comodel_name))
    return bool(
        SECRET_MODEL.search(field.model_name)
        or (field.type in ("char", "text") and SECRET_FIELD.search(field.name))
    )
