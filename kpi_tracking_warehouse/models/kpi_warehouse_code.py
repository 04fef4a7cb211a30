from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

SCOPES = [
    ("company", "Company"),
    ("department", "Department"),
    ("team", "Team"),
    ("user", "User"),
]
# model of each, and the fields by which its records are found
FOUND_BY = {
    "company": ("res.company", ("name", "company_registry")),
    "department": ("hr.department", ("name", "complete_name")),
    "team": ("kpi.team", ("name",)),
    "user": ("res.users", ("login", "email")),
}


def _field_of(scope_type):
    """The field that holds the record which a code of this level means."""
    return (
        "mapped_company_id" if scope_type == "company" else f"{scope_type or 'user'}_id"
    )


class KpiWarehouseCode(models.Model):
    """Whom a text in a column of a dataset means: found by its name, or chosen."""

    _name = "kpi.warehouse.code"
    _description = "Warehouse Code"
    _inherit = ["kpi.input.mixin"]
    _order = "is_unknown desc, scope_type, code, id"
    _rec_name = "code"

    dataset_id = fields.Many2one(
        "kpi.warehouse.dataset", required=True, readonly=True, ondelete="cascade"
    )
    warehouse_id = fields.Many2one(
        related="dataset_id.warehouse_id", store=True, ondelete="cascade"
    )
    scope_type = fields.Selection(SCOPES, "Level", required=True, readonly=True)
    code = fields.Char(required=True, readonly=True)
    mapped_company_id = fields.Many2one(
        "res.company", "Company", index="btree_not_null", ondelete="cascade"
    )
    department_id = fields.Many2one(
        "hr.department", index="btree_not_null", ondelete="cascade"
    )
    team_id = fields.Many2one("kpi.team", index="btree_not_null", ondelete="cascade")
    user_id = fields.Many2one("res.users", index="btree_not_null", ondelete="cascade")
    is_unknown = fields.Boolean(
        "Unknown", compute="_compute_is_unknown", store=True, exportable=False
    )

    _code_uniq = models.UniqueIndex("(dataset_id, scope_type, code)")

    @api.depends("mapped_company_id", "department_id", "team_id", "user_id")
    def _compute_is_unknown(self):
        for code in self:
            code.is_unknown = not code._get_scope()

    @api.constrains(*(_field_of(scope_type) for scope_type in FOUND_BY))
    def _check_level(self):
        """Refuse a record of another level than the column's."""
        for code in self:
            others = FOUND_BY.keys() - {code.scope_type}
            if any(code[_field_of(scope_type)] for scope_type in others):
                raise ValidationError(
                    self.env._(
                        "“%s”: leave the fields of other levels empty.", code.code
                    )
                )

    def _get_scope(self):
        """The record that the code means, or an empty one."""
        return self[_field_of(self.scope_type)]

    @api.model
    def _find_all(self, dataset, found):
        """Note the codes that are new, and look for all that nobody knows.

        A name that several records have says nothing: somebody has to choose.

        :param found: set of (scope type, code)
        """
        known = {(row.scope_type, row.code): row for row in dataset.code_ids}
        new = [
            {"dataset_id": dataset.id, "scope_type": scope_type, "code": code}
            for scope_type, code in sorted(found - known.keys())
        ]
        dataset.code_ids |= self.create(new)
        unknown = dataset.code_ids.filtered("is_unknown")
        for scope_type, codes in unknown.grouped("scope_type").items():
            codes._find_by_name(scope_type, dataset.warehouse_id.company_id)

    def _find_by_name(self, scope_type, company):
        model, names = FOUND_BY[scope_type]
        texts = {text for code in self for text in (code.code, code.code.lower())}
        domain = Domain.OR([Domain(name, "in", texts) for name in names])
        if scope_type == "company" and company:
            domain &= Domain("id", "=", company.id)
        elif scope_type == "user":
            domain &= Domain("share", "=", False)
            if company:
                domain &= Domain("company_ids", "in", company.ids)
        elif company:
            domain &= Domain("company_id", "in", [company.id, False])
        named = defaultdict(set)
        for record in self.env[model].search(domain):
            for name in names:
                named[record[name]].add(record)
        field = _field_of(scope_type)
        for code in self:
            meant = named.get(code.code) or named.get(code.code.lower()) or ()
            if len(meant) == 1:
                (code[field],) = meant
