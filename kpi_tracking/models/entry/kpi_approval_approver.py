import numpy as np

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.approval import change_percent

from ...engine.formula import EvalContext, FormulaError, evaluate, parse

NAMES = frozenset({"amount", "change"})


class KpiApprovalWorkflow(models.Model):
    """Reasons to ask about an entry, and before a target or a formula changes."""

    _inherit = "kpi.approval.workflow"

    workflow_type = fields.Selection(
        selection_add=[
            ("target_change", "Target Change"),
            ("formula_modification", "Formula or Filter Change"),
            ("below_threshold", "Off-Track Values (Reason Required)"),
            ("exceptional_submission", "Unusual, Late, or Entered for Others"),
        ],
        ondelete={
            **dict.fromkeys(("target_change", "formula_modification"), "cascade"),
            **dict.fromkeys(
                ("below_threshold", "exceptional_submission"), "set default"
            ),
        },
    )


class KpiApprovalApprover(models.Model):
    """Approvers by what a document says of a KPI, and by how much it is about."""

    _inherit = "kpi.approval.approver"

    whom = fields.Selection(
        selection_add=[
            ("kpi_owner", "Person Responsible for the KPI"),
            ("kpi_managers", "Managers of the KPI's Department"),
            ("team_leader", "Leader of the KPI's Team"),
        ],
        ondelete=dict.fromkeys(("kpi_owner", "kpi_managers", "team_leader"), "cascade"),
    )
    condition = fields.Char(
        help="Asks this approver only if the condition is met or a number is "
        "unknown. “change” is the percent change since the last approved "
        "value. Leave empty to always ask."
    )

    @api.constrains("condition")
    def _check_condition(self):
        for approver in self.filtered("condition"):
            try:
                formula = parse(approver.condition)
            except FormulaError as error:
                raise ValidationError(error.translate_with(self.env._)) from error
            unknown = formula.codes | formula.target_codes | formula.baseline_codes
            unknown = sorted(unknown - NAMES)
            if unknown:
                raise ValidationError(
                    self.env._(
                        "Condition: unknown variable %s. Use “amount” or “change”.",
                        ", ".join(unknown),
                    )
                )

    def _describe(self):
        text = super()._describe()
        if not self.condition:
            return text
        return self.env._(
            "%(people)s (if %(condition)s)", people=text, condition=self.condition
        )

    def _filter_documents(self, documents):
        """Those of ``documents`` that the condition holds for, or is not known of."""
        documents = super()._filter_documents(documents)
        if not self.condition or not documents:
            return documents
        amounts = documents._get_approval_amounts()
        last = documents._get_last_approved_amounts()
        numbers = {
            "amount": [amounts[one] for one in documents],
            "change": [change_percent(amounts[one], last[one]) for one in documents],
        }
        arrays = {name: np.array([row], float).T for name, row in numbers.items()}
        context = EvalContext(len(documents), np.array([1]), np.array([0]))
        values = evaluate(parse(self.condition), arrays, context).values[:, 0]
        holds = np.isnan(values) | (values != 0)
        return documents.browse(
            one for one, met in zip(documents._ids, holds, strict=True) if met
        )


class KpiApprovalLevel(models.Model):
    """Levels say on which condition somebody is asked."""

    _inherit = "kpi.approval.level"

    @api.depends("approver_ids.condition")
    def _compute_summary(self):
        return super()._compute_summary()
