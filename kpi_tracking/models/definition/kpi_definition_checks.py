from odoo import api, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine import periods

from ...engine.formula import RESERVED_NAMES
from .kpi_definition import CODE, CODE_LENGTH

NEEDED_BY_UNIT = {
    "currency": "currency_id",
    "custom": "unit_symbol",
    "duration": "duration_unit",
}


class KpiDefinition(models.Model):
    """Checks that refuse definitions without a meaning, or with two."""

    _inherit = "kpi.definition"

    @api.constrains("code")
    def _check_code(self):
        for definition in self:
            code = definition.code or ""
            if not CODE.match(code) or len(code) > CODE_LENGTH:
                raise ValidationError(
                    self.env._(
                        "Code “%(code)s”: use up to %(length)s lower-case letters,"
                        " digits and underscores, starting with a letter.",
                        code=code,
                        length=CODE_LENGTH,
                    )
                )
            if code in RESERVED_NAMES:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, Code: “%(code)s” is reserved for formulas. "
                        "Choose another code.",
                        kpi=definition.name,
                        code=code,
                    )
                )

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
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, Code: “%(code)s” is already in use. KPIs "
                        "without a company are shared by all companies, so a "
                        "formula could mean either. Choose another code.",
                        kpi=definition.name,
                        code=definition.code,
                    )
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
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, %(field)s: required for the unit “%(unit)s”.",
                        kpi=definition.name,
                        field=definition._fields[name]._description_string(self.env),
                        unit=definition._label_of("unit"),
                    )
                )

    @api.constrains("computation", "measure", "numerator_domain")
    def _check_share(self):
        for definition in self.filtered(lambda kpi: kpi.computation == "records"):
            is_share = definition.measure == "share"
            if is_share and definition._parse_domain("numerator_domain").is_true():
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, %(field)s: add a condition. Without one, all records"
                        " are counted and the share is always 100 %%.",
                        kpi=definition.name,
                        field=definition._fields[
                            "numerator_domain"
                        ]._description_string(self.env),
                    )
                )

    def _check_leads_to(self, scope_type):
        """Refuse scopes that no field of the records leads to: no value would come."""
        self.ensure_one()
        if scope_type in self._get_measured_scope_types():
            return
        needed = {
            "department": self.env._("Department or Person"),
            "team": self.env._("Team or Person"),
            "user": self.env._("Person"),
        }
        raise ValidationError(
            self.env._(
                "%(kpi)s, %(field)s: choose the field that assigns the records, "
                "under “Records” on the definition. Without it, the KPI can "
                "only be tracked for companies.",
                kpi=self.name,
                field=needed[scope_type],
            )
        )

    @api.constrains("frequency", "coarsest_grain")
    def _check_coarsest_grain(self):
        order = list(periods.GRAINS)
        for definition in self:
            coarsest = definition.coarsest_grain or definition.frequency
            if order.index(coarsest) < order.index(definition.frequency):
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, Longest Period: “%(coarsest)s” is shorter than the"
                        " frequency “%(frequency)s”.",
                        kpi=definition.name,
                        coarsest=definition._label_of("coarsest_grain"),
                        frequency=definition._label_of("frequency"),
                    )
                )

    def _label_of(self, name):
        """The value of the selection ``name`` as people read it."""
        labels = dict(self._fields[name]._description_selection(self.env))
        return labels[self[name]]

    @api.constrains("aggregation_time", "aggregation_scope", "unit", "computation")
    def _check_aggregations(self):
        """Refuse roll-ups that would be meaningless, saying why."""
        for definition in self:
            for name in ("aggregation_time", "aggregation_scope"):
                reason = definition._get_aggregation_refusal(definition[name])
                if reason:
                    label = definition._fields[name]._description_string(self.env)
                    raise ValidationError(
                        self.env._(
                            "%(kpi)s, %(field)s: %(reason)s",
                            kpi=definition.name,
                            field=label,
                            reason=reason,
                        )
                    )
