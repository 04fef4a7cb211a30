from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import is_html_empty

from odoo.addons.kpi_base import roles
from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.fields import OptionalMonetary, RichText
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.models.approval.people import check_works_here
from odoo.addons.kpi_base.rights import find_moved, search_by

from ...fields import Colleague, Status

# Parts with amounts, which are in the currency of the company.
WITH_AMOUNTS = ("cost_ids", "benefit_ids", "leakage_ids", "baseline_ids")
STATUSES = [
    ("proposed", "Proposed"),
    ("approved", "Approved"),
    ("in_delivery", "In Delivery"),
    ("live", "Live"),
    ("reviewed", "Reviewed"),
    ("closed", "Closed"),
]
# What may follow on what.
FOLLOWING = {
    "proposed": {"approved", "closed"},
    "approved": {"in_delivery", "proposed", "closed"},
    "in_delivery": {"live", "closed"},
    "live": {"reviewed", "in_delivery"},
    "reviewed": {"closed", "live"},
    "closed": {"proposed"},
}


class KpiInitiative(models.Model):
    """A change that is to bring a benefit, from its proposal until it is proven."""

    _name = "kpi.initiative"
    _description = "Initiative"
    _table = "initiatives"
    _inherit = [
        "kpi.access.mixin",
        "kpi.findable.mixin",
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
    _parent_store = True

    active = fields.Boolean(default=True)
    name = fields.Char(required=True, tracking=True)
    reference = fields.Char(
        copy=False,
        index="trigram",
        tracking=True,
        help="Number in the project system. Imports match initiatives by it.",
    )
    description = RichText(help="Planned change, affected people and reason.")
    owner_id = Colleague(
        required=True,
        default=lambda self: self.env.uid,
        index=True,
        tracking=True,
        check_company=True,
        help="Responsible for benefits, even after the project ends.",
    )
    sponsor_id = Colleague(
        index="btree_not_null",
        tracking=True,
        check_company=True,
        help="Approves the initiative.",
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
        index="btree_not_null", help="Required approval type, e.g. “3 gates”."
    )
    parent_id = fields.Many2one(
        "kpi.initiative",
        "Program",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("kpi.initiative", "parent_id", "Sub-Initiatives")
    child_count = fields.Integer(
        "Initiatives", compute="_compute_counts", exportable=False
    )
    is_in_my_program = fields.Boolean(
        compute="_compute_is_in_my_program",
        search=search_by("_get_program_domain"),
        compute_sudo=True,
        recursive=True,
        exportable=False,
        help="Part of a program the user owns or sponsors.",
    )
    status = Status(STATUSES, default="proposed")
    approved_on = fields.Date(readonly=True, copy=False)
    approved_by = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    was_approved = fields.Boolean(
        readonly=True,
        copy=False,
        exportable=False,
        help="Approved once, even if withdrawn later.",
    )
    planned_go_live_date = fields.Date("Planned Go-Live", tracking=True)
    go_live_date = fields.Date(
        "Go-Live",
        copy=False,
        tracking=True,
    )
    can_approve = fields.Boolean(compute="_compute_can_approve", exportable=False)
    former_owner_ids = fields.Many2many(
        "res.users",
        "kpi_initiative_former_owner_rel",
        string="Former Owners",
        readonly=True,
        copy=False,
        exportable=False,
        help="Former owners cannot approve the initiative.",
    )
    gate_ids = fields.One2many(
        "kpi.initiative.gate", "initiative_id", "Gates", copy=True
    )
    next_gate = fields.Char(compute="_compute_next_gate", exportable=False)
    next_gate_date = fields.Date(
        "Next Gate Due", compute="_compute_next_gate", exportable=False
    )
    has_description = fields.Boolean(compute="_compute_case", exportable=False)
    case_note = fields.Char(
        "Next Step",
        compute="_compute_case",
        exportable=False,
    )
    cost_ids = fields.One2many(
        "kpi.initiative.cost", "initiative_id", "Costs", copy=True
    )
    planned_cost = OptionalMonetary(compute="_compute_planned_cost", store=True)
    forecast_cost = OptionalMonetary(compute="_compute_planned_cost", store=True)
    entered_cost = OptionalMonetary(
        "Entered Actual Cost", compute="_compute_planned_cost", store=True
    )
    actual_cost = OptionalMonetary(
        compute="_compute_actual_cost",
        compute_sudo=True,
        exportable=False,
        help="From the project's analytic account, otherwise as entered or imported.",
    )
    is_actual_cost_booked = fields.Boolean(
        compute="_compute_actual_cost",
        compute_sudo=True,
        exportable=False,
        help="From the project's analytic account.",
    )
    program_planned_cost = OptionalMonetary(
        "Program Planned Cost", compute="_compute_program_cost", exportable=False
    )
    program_forecast_cost = OptionalMonetary(
        "Program Forecast Cost", compute="_compute_program_cost", exportable=False
    )
    program_actual_cost = OptionalMonetary(
        "Program Actual Cost", compute="_compute_program_cost", exportable=False
    )
    is_program_cost_partial = fields.Boolean(
        compute="_compute_program_cost",
        exportable=False,
        help="The program has initiatives you cannot access.",
    )
    project_status = fields.Selection(
        related="project_id.last_update_status", exportable=False
    )
    project_progress = fields.Integer(
        "Progress (%)",
        related="project_id.last_update_id.progress",
        exportable=False,
        help="From the last project update.",
    )

    _reference_uniq = models.UniqueIndex(
        "(company_id, reference) WHERE reference IS NOT NULL",
        "This reference is already used in this company.",
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
        initiatives.filtered("parent_id")._claim_tree()
        for initiative, vals in zip(initiatives, vals_list, strict=True):
            if "gate_ids" not in vals:
                # Begin with the gates that the programme has, without their days. Who
                # may create below a programme may know which gates it has.
                gates = initiative.parent_id.sudo().gate_ids
                names = ("sequence", "name", "approving_body")
                initiative.gate_ids = [
                    Command.create({name: gate[name] for name in names})
                    for gate in gates
                ]
        return initiatives

    def write(self, vals):
        self._check_new_company(vals)
        self._check_new_owner(vals)
        if "parent_id" in vals:
            self._claim_tree()
            # What lies between may be hidden; it is counted, and not named then.
            path = self.sudo().browse(vals["parent_id"] or ())._list_path()
            for initiative in self.filtered(lambda one: one.id in path):
                way = path[path.index(initiative.id) :]
                circle = self.browse([initiative.id, *reversed(way)])
                names = " → ".join(one._name_if_visible() for one in circle)
                raise UserError(self.env._("Circular hierarchy: %s.", names))
        owners = {one: one.owner_id for one in self} if "owner_id" in vals else {}
        result = super().write(vals)
        for initiative, owner in owners.items():
            if owner and owner != initiative.owner_id:
                # Nobody sets this by hand; the new owner was checked above.
                initiative.sudo().former_owner_ids |= owner
        return result

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
                    "%s has sub-initiatives. Move those first.",
                    initiative.display_name,
                )
            )
        for initiative in moved.filtered(
            lambda one: one.currency_id != company.currency_id
        ):
            if any(initiative[name] for name in WITH_AMOUNTS):
                raise UserError(
                    self.env._(
                        "%(initiative)s has amounts in %(currency)s, but the "
                        "chosen company uses %(other)s.",
                        initiative=initiative.display_name,
                        currency=initiative.currency_id.name,
                        other=company.currency_id.name,
                    )
                )

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/initiatives/{self.id}"

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("child_ids", "baseline_ids.active", "review_ids")
    def _compute_counts(self):
        for name, model, link in (
            ("child_count", "kpi.initiative", "parent_id"),
            ("baseline_count", "kpi.baseline", "initiative_id"),
            ("review_count", "kpi.post.implementation.review", "initiative_id"),
        ):
            groups = self.env[model]._read_group(
                [(link, "in", self._origin.ids)], [link], ["__count"]
            )
            counts = dict(groups)
            for initiative in self:
                initiative[name] = counts.get(initiative._origin, 0)

    @api.depends_context("uid")
    @api.depends(
        "parent_id.owner_id", "parent_id.sponsor_id", "parent_id.is_in_my_program"
    )
    def _compute_is_in_my_program(self):
        for initiative in self:
            above = initiative.parent_id
            is_mine = self.env.uid in (above.owner_id.id, above.sponsor_id.id)
            initiative.is_in_my_program = is_mine or above.is_in_my_program

    @api.model
    def _get_program_domain(self):
        """Return the domain of what lies below the user's own initiatives."""
        mine = Domain("owner_id", "=", self.env.uid) | Domain(
            "sponsor_id", "=", self.env.uid
        )
        # Rules ask for this: it looks at the user's own only.
        everything = self.sudo().with_context(active_test=False)
        owned = everything.search(mine & Domain("child_ids", "!=", False))
        if not owned:
            return Domain.FALSE
        return Domain("parent_id", "child_of", owned.ids)

    def _get_tree_domain(self):
        """Return the domain of these, and of what is below and not archived."""
        ids = self._origin.ids
        # Which ones are programmes, whoever sees what is below: rules decide on that.
        everything = self.sudo().with_context(active_test=False)
        programs = everything.search([("parent_id", "in", ids)]).parent_id
        below = Domain("id", "child_of", programs.ids) & Domain("active", "=", True)
        return Domain("id", "in", ids) | below

    def _group_tree(self):
        """Initiative → itself and what counts below it, as far as the user reads it."""
        return self._group_by_program(self.search(self._get_tree_domain()))

    def _group_by_program(self, records):
        """Initiative → those of ``records`` that belong to it, or to one below it."""
        found = defaultdict(list)
        for record in records:
            initiative = record if record._name == self._name else record.initiative_id
            # Where it lies is looked at; owners of benefits need not see more of it.
            initiative = initiative.sudo()
            # What is archived counts for itself alone.
            path = initiative._list_path() if initiative.active else initiative.ids
            for above in path:
                found[above].append(record.id)
        known = records._prefetch_ids
        return {
            one: records.browse(found[one._origin.id]).with_prefetch(known)
            for one in self
        }

    def _list_path(self):
        """Ids from the highest programme down to this initiative."""
        return [int(one) for one in (self.parent_path or "").split("/") if one]

    def unlink(self):
        """Delete also what lies below: all of it has to be a proposal yet.

        Refusals come first, then what has messages and activities of its own: the
        database would delete the rows only.
        """
        self.check_access("unlink")
        below = self.with_context(active_test=False)
        everything = self | below.search([("id", "child_of", self.ids)])
        everything._unlink_except_reviewed()
        everything.review_ids.unlink()
        everything._unlink_except_approved()
        everything._unlink_except_history()
        # Whoever may delete the initiative deletes all that belongs to it; values stay.
        own = everything.sudo().with_context(active_test=False)
        own.benefit_ids.unlink()
        own.baseline_ids.unlink()
        own.leakage_ids.unlink()
        return super(KpiInitiative, everything).unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        for initiative in self:
            if initiative.was_approved or initiative.status != "proposed":
                raise UserError(
                    self.env._(
                        "%s was approved or closed. Archive it instead.",
                        initiative.display_name,
                    )
                )

    def _claim_tree(self, *companies):
        """Let nobody else move initiatives of these companies meanwhile: no circles.

        Two moves at once would each see a tree that the other one changes.

        :param companies: where they are to be, beside those where they are
        """
        own = self.company_id.union(*companies)
        keys = {f"initiatives of company {each.id}" for each in own}
        self.env["kpi.claim"]._claim(*keys)

    def _claim_company(self):
        """Let nobody move these to another company, or add anything to them, meanwhile.

        Parts take on the company of their initiative, as far as it is seen.
        """
        keys = (f"company of initiative {id_}" for id_ in self.ids)
        self.env["kpi.claim"]._claim(*keys)

    def _name_if_visible(self):
        if self.has_access("read"):
            return self.display_name
        return self.env._("a hidden initiative")

    def action_open_children(self):
        """Show the initiatives of this programme."""
        return self._open_list(
            "kpi_initiative_action",
            [("parent_id", "=", self.id)],
            default_parent_id=self.id,
            default_company_id=self.company_id.id,
        )

    def _open_list(self, action, domain, **context):
        """Show a list of what belongs to this initiative, under its name."""
        self.ensure_one()
        xml_id, values = f"kpi_benefits.{action}", {"display_name": self.name}
        return open_list(self.env, xml_id, domain, context=context, **values)

    @api.constrains("go_live_date")
    def _check_go_live_date(self):
        today = fields.Date.context_today(self)
        for one in self.filtered("go_live_date"):
            if one.go_live_date > today:
                raise ValidationError(
                    self.env._(
                        "%(initiative)s: the go-live %(day)s is in the future. "
                        "Enter it as planned go-live.",
                        initiative=one.display_name,
                        day=format_day(self.env, one.go_live_date),
                    )
                )

    @api.depends_context("uid")
    @api.depends("owner_id", "former_owner_ids", "sponsor_id", "department_id")
    def _compute_can_approve(self):
        is_officer = self.env.user.has_group(roles.OFFICER)
        for initiative in self:
            is_asked = (
                is_officer
                or initiative.sponsor_id == self.env.user
                or initiative.department_id.is_managed_by_me
            )
            is_own = initiative._is_owned_before(self.env.user)
            initiative.can_approve = is_asked and not is_own

    @api.depends("status", "description", "cost_ids", "gate_ids", "benefit_ids")
    @api.depends("planned_go_live_date", "sponsor_id", "department_id")
    def _compute_case(self):
        for initiative in self:
            initiative.has_description = not is_html_empty(initiative.description)
            initiative.case_note = initiative._say_next_step()

    def _say_next_step(self):
        """Say how the next status is reached, and what a proposal still lacks."""
        self.ensure_one()
        planned = self.planned_go_live_date
        day = planned and format_day(self.env, planned)
        if self.status == "proposed":
            parts = {
                self.env._("reason"): self.has_description,
                self.env._("costs"): self.cost_ids,
                self.env._("benefits"): self.benefit_ids,
                self.env._("gates"): self.gate_ids,
            }
            missing = ", ".join(name for name, part in parts.items() if not part)
            if missing:
                return self.env._("Add before approval: %s.", missing)
        return {
            "proposed": self.env._(
                "Ready for approval by %s, a department manager or a KPI officer.",
                # Who sees an initiative reads who sponsors it.
                self.sudo().sponsor_id.name or self.env._("its sponsor"),
            ),
            "approved": self.env._("Choose “Start Delivery” when work starts."),
            "in_delivery": self.env._(
                "Choose “Go Live” on the first day of use (planned: %s).",
                day or self.env._("no date yet"),
            ),
            "live": self.env._(
                "Compare benefits with the plan, then choose “Mark as Reviewed”."
            ),
            "reviewed": self.env._(
                "Choose “Close” when no more benefits are expected."
            ),
            "closed": self.env._("“Reopen” returns it to Proposed."),
        }[self.status]

    def action_add_gates(self):
        """Add the gates that the latest initiative of the same class has, else usual
        ones; what is there stays.
        """
        self.ensure_one()
        self.check_access("write")
        same = [("gate_class", "=", self.gate_class), ("gate_ids", "!=", False)]
        pattern = self.search([*same, ("id", "!=", self.id)], order="id desc", limit=1)
        rows = [(gate.name, gate.approving_body) for gate in pattern.gate_ids]
        usual = (
            self.env._("Idea"),
            self.env._("Business case"),
            self.env._("Go-live"),
            self.env._("Benefits review"),
        )
        known = set(self.gate_ids.mapped("name"))
        for number, (name, body) in enumerate(rows or [(one, False) for one in usual]):
            if name not in known:
                values = {"sequence": 10 * number, "name": name, "approving_body": body}
                self.gate_ids = [Command.create(values)]

    def action_approve(self):
        """Approve these initiatives: its sponsor, its managers or an officer does."""
        self._check_approvers()
        today = fields.Date.context_today(self)
        who = self.env.uid
        self._move("approved", approved_on=today, approved_by=who, was_approved=True)

    def action_withdraw_approval(self):
        """Make these proposals again; who may approve may take that back."""
        self._check_approvers()
        self._move("proposed", approved_on=False, approved_by=False)

    def action_start(self):
        """Begin to deliver these initiatives, or go on with it: none is live then."""
        self.check_access("write")
        live = self.filtered(lambda one: one.status == "live")
        self._move("in_delivery")
        live.go_live_date = False

    def action_go_live(self):
        """Say that these initiatives are in use; from today, if no day was entered."""
        self.check_access("write")
        undated = self.filtered(lambda one: not one.go_live_date)
        undated.go_live_date = fields.Date.context_today(self)
        self._move("live")

    def action_review(self):
        """Say that the benefits of these initiatives were reviewed."""
        self.check_access("write")
        self._move("reviewed")

    def action_close(self):
        """Close these initiatives."""
        self.check_access("write")
        self._move("closed")

    def action_reopen(self):
        """Make closed ones proposals again."""
        self.check_access("write")
        self._move("proposed", approved_on=False, approved_by=False)

    def _check_approvers(self):
        self.check_access("read")
        for initiative in () if self.env.su else self:
            if not initiative.can_approve:
                raise AccessError(
                    self.env._(
                        "%s needs approval by its sponsor, a department manager or "
                        "a KPI officer who never owned it.",
                        initiative.display_name,
                    )
                )

    def _move(self, status, **values):
        """Set the status, where it may follow."""
        labels = dict(self._fields["status"]._description_selection(self.env))
        for initiative in self:
            if status not in FOLLOWING[initiative.status]:
                raise UserError(
                    self.env._(
                        "%(initiative)s is “%(before)s” and cannot change to "
                        "“%(after)s”.",
                        initiative=initiative.display_name,
                        before=labels[initiative.status],
                        after=labels[status],
                    )
                )
        # The right to was checked by the caller; only methods set the status.
        self.sudo().write({**values, "status": status})

    @api.constrains("owner_id", "sponsor_id", "company_id")
    def _check_people(self):
        for initiative in self:
            check_works_here(initiative, "owner_id", initiative.company_id)
            if initiative.sponsor_id:
                check_works_here(initiative, "sponsor_id", initiative.company_id)

    def _check_new_owner(self, vals):
        """Refuse an owner who approved the initiative before."""
        for initiative in self if "owner_id" in vals else ():
            approver = initiative.approved_by
            if approver and approver.id == vals["owner_id"] != initiative.owner_id.id:
                raise UserError(
                    self.env._(
                        "%(person)s approved %(initiative)s and cannot own it. "
                        "Choose someone else.",
                        person=approver.name,
                        initiative=initiative.display_name,
                    )
                )

    def _is_owned_before(self, user):
        """Check whether somebody owned the initiative, now or earlier."""
        # Who owned what is no secret; people who left are not read otherwise.
        own = self.sudo().with_context(active_test=False)
        return user in own.owner_id | own.former_owner_ids

    @api.depends("gate_ids.actual_date", "gate_ids.due_date", "gate_ids.sequence")
    def _compute_next_gate(self):
        for initiative in self:
            gates = initiative.gate_ids.sorted("sequence")
            coming = gates.filtered(lambda gate: not gate.actual_date)[:1]
            initiative.next_gate = coming.name
            initiative.next_gate_date = coming.due_date

    @api.depends("cost_ids.planned", "cost_ids.forecast", "cost_ids.actual")
    def _compute_planned_cost(self):
        for one in self:
            one.planned_cost = add_known(one.cost_ids, "planned")
            one.forecast_cost = add_known(one.cost_ids, "forecast")
            one.entered_cost = add_known(one.cost_ids, "actual")

    @api.depends("entered_cost", "company_id", "project_id.account_id.line_ids.amount")
    def _compute_actual_cost(self):
        # Without invoices to customers. Amounts of other companies are in other
        # currencies, and not its cost.
        rows = self.env["account.analytic.line"]._read_group(
            [
                ("account_id", "in", self.project_id.account_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("category", "!=", "invoice"),
            ],
            ["account_id", "company_id"],
            ["amount:sum"],
        )
        booked = {(account, company): amount for account, company, amount in rows}
        for initiative in self:
            account = initiative.project_id.account_id
            amount = booked.get((account, initiative.company_id))
            initiative.is_actual_cost_booked = amount is not None
            # Costs are below 0 in analytic accounts.
            initiative.actual_cost = (
                initiative.entered_cost if amount is None else -amount
            )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("planned_cost", "forecast_cost", "actual_cost", "child_ids")
    def _compute_program_cost(self):
        # Only that there are others is said, nothing of them.
        everything = self.sudo()._group_tree()
        for initiative, own in self._group_tree().items():
            hidden = everything[initiative].with_env(self.env) - own
            initiative.is_program_cost_partial = bool(hidden)
            for name in ("planned_cost", "forecast_cost", "actual_cost"):
                initiative[f"program_{name}"] = add_known(own, name)


def add_known(records, name):
    """Sum of the amounts that were entered; False where none was, as 0 is an amount."""
    amounts = [one[name] for one in records if one[name] is not False]
    return sum(amounts) if amounts else False
