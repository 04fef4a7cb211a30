from odoo import api, models
from odoo.exceptions import AccessError, ValidationError

from .kpi_definition_records import OPERAND_MEASURES, SCOPE_FIELDS


class KpiDefinition(models.Model):
    """Checks of what a KPI computes from records: paths, types of fields, filters."""

    _inherit = "kpi.definition"

    def _get_required_paths(self):
        """Path fields that this measure needs → accepted field types."""
        self.ensure_one()
        needed = {}
        if self.kind != "snapshot":
            needed["date_field"] = ("date", "datetime")
        if self.kind == "stock" and self.date_to_field:
            needed["date_to_field"] = ("date", "datetime")
        if self.measure in OPERAND_MEASURES:
            needed.update(self._get_operand_paths())
        if self.measure == "weighted_average":
            needed["weight_field"] = ("integer", "float", "monetary")
        return needed

    def _get_operand_paths(self):
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
            definition.breakdown_ids._check_field_path()

    def _check_required_paths(self):
        for name, types in self._get_required_paths().items():
            label = self._fields[name]._description_string(self.env)
            field = self._path_end(self[name], label)
            if not field.column_type:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, %(field)s: “%(path)s” contains several "
                        "records. Choose a field with one value.",
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
                        "%(kpi)s, %(field)s: “%(path)s” does not contain a %(wanted)s.",
                        kpi=self.name,
                        field=label,
                        path=self[name],
                        wanted=name.removesuffix("_field"),
                    )
                )
            if not self._is_scope_readable(name, self[name]):
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, %(field)s: “%(path)s” holds several records; choose"
                        " a field with one value.",
                        kpi=self.name,
                        field=label,
                        path=self[name],
                    )
                )

    def _is_scope_readable(self, name, path):
        """Check whether joins lead there: to one record, or to the record's people."""
        # Fields are proposed by a computation, which runs as superuser.
        field = self.sudo(False)._path_end(path)
        if field.type == "many2one":
            return True
        is_own = "." not in path and bool(field.store)
        return name == "user_field" and field.type == "many2many" and is_own

    def _check_company_known(self):
        """Records count for the company of the KPI, or for one that they lead to."""
        if not self.company_id and not self.company_field:
            raise ValidationError(
                self.env._(
                    "%(kpi)s, %(field)s: required for a KPI without a company, "
                    "to know which company a record counts for.",
                    kpi=self.name,
                    field=self._fields["company_field"]._description_string(self.env),
                )
            )

    @api.constrains("without_company", "without_company_id", "computation")
    def _check_without_company(self):
        for definition in self:
            is_of_records = definition.computation == "records"
            is_open = definition.without_company == "one"
            if is_of_records and is_open and not definition.without_company_id:
                raise ValidationError(
                    self.env._(
                        "%s: choose the company that records without one count for.",
                        definition.name,
                    )
                )

    def _check_domain(self, name):
        model = self._records_model()
        for condition in self._parse_domain(name).iter_conditions():
            self._check_condition(condition, model, name)

    def _check_condition(self, condition, model, name):
        """Compile one condition of the filter ``name``, naming it where it fails."""
        label = self._fields[name]._description_string(self.env)
        try:
            self._check_conditions(condition, model, label)
            model._search(self._bind_to_period(condition, model), limit=1)
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
