import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache

from ...columns import Choices
from ..record.base import name_heirs
from .people import check_works_here

# What reading or trying a filter raises that cannot be used
UNREADABLE = (KeyError, MemoryError, RecursionError, SyntaxError, TypeError, ValueError)


class KpiApprovalWorkflow(models.Model):
    """Who has to approve documents of a kind, level by level.

    Of the workflows that fit a document the first one holds. An addon adds kinds of
    reasons to ask by ``workflow_type`` and a method ``_filter_<workflow_type>`` of its
    documents, which leaves those that the reason holds for.
    """

    _name = "kpi.approval.workflow"
    _description = "Approval Workflow"
    _inherit = ["kpi.input.mixin", "kpi.thread.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, help="The first workflow that matches a document applies."
    )
    workflow_type = fields.Selection(
        [("every_document", "All Documents")],
        "Applies To",
        required=True,
        default="every_document",
        tracking=True,
    )
    model = fields.Selection(
        lambda self: name_heirs(self.env, "kpi.approval.resolver"),
        "Document Type",
        required=True,
        tracking=True,
    )
    domain = fields.Char(
        "Filter", default="[]", tracking=True, help="Documents that need approval."
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Leave empty to apply to all companies.",
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self._default_owner_id(),
        index=True,
        tracking=True,
        help="Approves documents if no one else can.",
    )
    level_ids = fields.One2many(
        "kpi.approval.level", "workflow_id", string="Levels", copy=True
    )
    approval_levels = fields.Integer(
        "Required Approval Levels",
        compute="_compute_approval_levels",
        inverse="_inverse_approval_levels",
        store=True,
    )
    auto_approve_threshold = fields.Float(
        "Auto-Approve Below (%)",
        tracking=True,
        help="Changes below this percentage of the last manually approved value "
        "are approved automatically. 0 means never.",
    )
    escalation_timeout = fields.Integer(
        "Escalation Timeout (Hours)",
        tracking=True,
        help="Escalate to the approver's manager after this many working hours. 0 "
        "means never.",
    )
    is_decided_at_once = fields.Boolean(
        compute="_compute_is_decided_at_once",
        exportable=False,
        help="One person decides; no one receives an approval request.",
    )
    allow_self_if_alone = fields.Boolean(
        "Allow Self-Approval",
        tracking=True,
        help="Approvers can approve their own documents if no one else can.",
    )
    decision_links = fields.Selection(
        [
            ("off", "No Links"),
            ("login", "With Login"),
            ("direct", "Without Login up to a Limit"),
        ],
        required=True,
        default="login",
        tracking=True,
        help="Adds a decision link to messages for approvers.",
    )
    direct_limit = fields.Float(
        "Limit Without Login",
        tracking=True,
        help="Larger amounts and documents without an amount require a login.",
    )
    summary = fields.Char(
        compute="_compute_summary", exportable=False, compute_sudo=False
    )

    _workflow_type_choices = Choices("workflow_type")
    _levels_not_negative = models.Constraint(
        "CHECK (approval_levels BETWEEN 0 AND 50)",
        "A workflow can have up to 50 levels.",
    )
    _threshold_not_negative = models.Constraint(
        "CHECK (auto_approve_threshold BETWEEN 0 AND 1000)",
        "Enter a threshold from 0 to 1,000 percent.",
    )
    _limit_not_negative = models.Constraint(
        "CHECK (direct_limit >= 0)",
        "The limit without login cannot be negative.",
    )
    _timeout_not_negative = models.Constraint(
        "CHECK (escalation_timeout BETWEEN 0 AND 8760)",
        "Enter a timeout from 0 to 8,760 hours.",
    )

    def _default_owner_id(self):
        """Whoever makes it; of programs the administrator."""
        user = self.env.user
        return user if user.active else self.env.ref("base.user_admin")

    @api.model_create_multi
    def create(self, vals_list):
        workflows = super().create(vals_list)
        self.env.registry.clear_cache()  # of ``_is_guarding``
        return workflows

    def write(self, vals):
        result = super().write(vals)
        if {"active", "model"} & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        """A deputy for these alone would become one for all others: it ends, too."""
        # Whoever deletes a workflow need not see the deputies of others.
        deputies = self.env["kpi.approval.delegation"].sudo()
        # Workflows that are archived count, too.
        deputies = deputies.with_context(active_test=False)
        named = deputies.search([("workflow_ids", "in", self.ids)])
        named.filtered(lambda deputy: deputy.workflow_ids <= self).unlink()
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    @ormcache()
    def _is_guarding(self):
        """Whether any asks for proposals: read once, as writing asks for it."""
        guards = [("model", "=", "kpi.approval.change")]
        # It holds for everybody, whoever may see workflows.
        return bool(self.sudo().search_count(guards, limit=1))

    @api.depends("model")
    def _compute_is_decided_at_once(self):
        mixin = self.env.registry["kpi.approval.mixin"]
        for workflow in self:
            documents = self.env.get(workflow.model)
            is_known = documents is not None
            workflow.is_decided_at_once = is_known and not isinstance(documents, mixin)

    @api.depends("level_ids")
    def _compute_approval_levels(self):
        for workflow in self:
            workflow.approval_levels = len(workflow.level_ids)

    def _inverse_approval_levels(self):
        """Add levels at the end, or take away the last ones."""
        for workflow in self:
            wanted, levels = workflow.approval_levels, workflow.level_ids.sorted()
            levels[wanted:].unlink()
            kept = levels[:wanted]
            last = max(kept.mapped("sequence"), default=0)
            kept.create(
                [
                    {"workflow_id": workflow.id, "sequence": last + step}
                    for step in range(1, wanted - len(kept) + 1)
                ]
            )

    @api.constrains("owner_id", "company_id")
    def _check_owner(self):
        for workflow in self:
            check_works_here(workflow, "owner_id", workflow.company_id)

    @api.constrains("domain", "model")
    def _check_domain(self):
        field = self._fields["domain"]
        for workflow in self:
            documents = self.env[workflow.model]
            reason = self.env._(
                "use a plain filter such as [('create_uid', '!=', False)], without "
                "variables or functions."
            )
            try:
                domain = Domain(workflow._parse_domain())
                for condition in domain.iter_conditions():
                    reason = self.env._(
                        "“%(condition)s” does not apply to %(documents)s. Check "
                        "the field name and value.",
                        condition=" ".join(map(str, next(iter(condition))))[:200],
                        documents=documents._description,
                    )
                    condition.validate(documents)
                reason = self.env._(
                    "this filter does not apply to %s.", documents._description
                )
                domain.validate(documents)
            except UNREADABLE as error:
                raise workflow._refuse_input(field, reason) from error

    @api.constrains(
        "auto_approve_threshold", "escalation_timeout", "level_ids", "model"
    )
    def _check_decided_at_once(self):
        """Refuse what a decision without anybody being asked has no place for."""
        for workflow in self:
            has_more = (
                len(workflow.level_ids) > 1
                or any(level.rule != "any" for level in workflow.level_ids)
                or workflow.auto_approve_threshold
                or workflow.escalation_timeout
            )
            if has_more and workflow.is_decided_at_once:
                raise ValidationError(
                    self.env._(
                        "%s: one person decides on this document type. Use one "
                        "level with “Any Approver”, without a threshold or timeout.",
                        workflow.name,
                    )
                )

    @api.constrains("workflow_type", "model")
    def _check_workflow_type(self):
        for workflow in self:
            workflow._check_known_to_documents("filter", workflow, "workflow_type")

    def _check_known_to_documents(self, kind, rule, name):
        """Check that documents have a method for the choice of ``rule`` in ``name``."""
        documents = self.env[self.model]
        if not hasattr(documents, f"_{kind}_{rule[name]}"):
            labels = dict(rule._fields[name]._description_selection(self.env))
            raise ValidationError(
                self.env._(
                    "“%(choice)s” does not apply to %(documents)s.",
                    choice=labels[rule[name]],
                    documents=documents._description,
                )
            )

    def _parse_domain(self):
        return ast.literal_eval(self.domain or "[]")

    def _filter_documents(self, documents):
        """Those of ``documents`` that this workflow fits."""
        self.ensure_one()
        companies = documents._get_approval_companies()
        fitting = documents.filtered(
            lambda one: not self.company_id or companies[one] == self.company_id
        )
        fitting = fitting.filtered_domain(self._parse_domain())
        return getattr(fitting, f"_filter_{self.workflow_type}")()

    @api.depends_context("lang")
    @api.depends("level_ids.sequence", "level_ids.summary", "owner_id")
    def _compute_summary(self):
        for workflow in self:
            levels = workflow.level_ids.sorted("sequence")
            # Who answers for a workflow is no secret.
            alone = workflow.sudo().owner_id.name or ""
            texts = [level._describe() for level in levels] or [alone]
            text = self.env._(", then ").join(texts)
            workflow.summary = text[:1].upper() + text[1:]

    def _name_group(self, number):
        """Name of the group that alone is asked on the level ``number``; else False."""
        levels = self.level_ids.sorted()[number - 1 : number]
        approvers = levels.approver_ids
        return len(approvers) == 1 and approvers.group_id.name
