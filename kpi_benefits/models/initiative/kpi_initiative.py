from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.rights import find_moved

LINKED = ("parent_id", "project_id")
# Parts with amounts, which are in the currency of the company.
WITH_AMOUNTS = ("cost_ids", "benefit_ids", "leakage_ids", "baseline_ids")


class KpiInitiative(models.Model):
    """A change that is to bring a benefit, from its proposal until it is proven."""

    _name = "kpi.initiative"
    _description = "Initiative"
    _table = "initiatives"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "name, id"
    _rec_names_search = ["reference", "name"]
    _check_company_auto = True
    _kpi_measurable = True
    _mail_post_access = "read"  # sponsors and followers write notes
    _readable_by = (
        "owner_id",
        "sponsor_id",
        "department_id",
        "company_id",
        "is_in_my_program",
        "message_partner_ids",
        "message_is_follower",
    )
    _editable_by = ("owner_id", "department_id", "company_id")

    active = fields.Boolean(default=True)
    name = fields.Char(required=True, tracking=True)
    reference = fields.Char(
        copy=False,
        index="trigram",
        tracking=True,
        help="Its number in the project system, by which files update it.",
    )
    description = fields.Html(help="What changes, for whom, and why.")
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.uid,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Answers for the benefits, also after the project has ended.",
    )
    sponsor_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Approves it.",
    )
    department_id = fields.Many2one(
        "hr.department",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    project_id = fields.Many2one(
        "project.project",
        copy=False,
        check_company=True,
        index="btree_not_null",
        tracking=True,
        ondelete="set null",
        groups="project.group_project_user",
    )
    gate_class = fields.Char(
        index="btree_not_null", help="Kind of approval it needs, such as “3 gates”."
    )

    _reference_uniq = models.UniqueIndex(
        "(company_id, reference) WHERE reference IS NOT NULL",
        "Another initiative of this company has this reference.",
    )

    @api.depends("name", "reference")
    def _compute_display_name(self):
        for initiative in self:
            # Files without names have references only, which are names then.
            parts = dict.fromkeys(filter(None, (initiative.reference, initiative.name)))
            initiative.display_name = " · ".join(parts)

    @api.model_create_multi
    def create(self, vals_list):
        initiatives = super().create(vals_list)
        # Defaults may link as well: what was linked is looked at, not what was given.
        initiatives._check_linked()
        initiatives.filtered("parent_id")._claim_tree()
        for initiative, vals in zip(initiatives, vals_list, strict=True):
            if "gate_ids" not in vals:
                initiative._copy_gates_of_program()
        return initiatives

    def write(self, vals):
        self._check_new_company(vals)
        self._check_new_owner(vals)
        if "parent_id" in vals:
            self._claim_tree()
            self._check_circle(vals["parent_id"])
        owners = {one: one.owner_id for one in self} if "owner_id" in vals else {}
        result = super().write(vals)
        self._check_linked([name for name in LINKED if vals.get(name)])
        self._remember_owners(owners)
        return result

    def _check_linked(self, names=LINKED):
        """Refuse to link what the user may not read, as its numbers would show here."""
        for name in names:
            # The field may be hidden; the right to what it links is the user's.
            linked = self.sudo()[name].with_env(self.env)
            linked.check_access("read")

    def _check_new_company(self, vals):
        """Refuse to move initiatives to companies of others, or without those below."""
        company = self.company_id.browse(vals.get("company_id") or ())
        # What belongs to it counts, also what the user does not see.
        moved = find_moved(self, company).sudo().with_context(active_test=False)
        if not moved:
            return
        moved._claim_tree(company)
        moved._claim_company()
        for initiative in moved.filtered("child_ids"):
            raise UserError(
                self.env._(
                    "%s has initiatives below it and stays in its company. Move those "
                    "first.",
                    initiative.display_name,
                )
            )
        for initiative in moved.filtered(
            lambda one: one.currency_id != company.currency_id
        ):
            if any(initiative[name] for name in WITH_AMOUNTS):
                raise UserError(
                    self.env._(
                        "%(initiative)s has amounts in %(currency)s and stays in its "
                        "company: the other one counts in %(other)s.",
                        initiative=initiative.display_name,
                        currency=initiative.currency_id.name,
                        other=company.currency_id.name,
                    )
                )

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/initiatives/{self.id}"
