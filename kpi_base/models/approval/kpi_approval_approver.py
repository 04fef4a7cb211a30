from odoo import api, fields, models

from .people import check_works_here


class KpiApprovalApprover(models.Model):
    """People who are asked on a level, found for each document.

    An addon adds ways to find them by ``whom`` and a method ``_find_<whom>`` of its
    documents, which takes this record and returns dict document → users.
    """

    _name = "kpi.approval.approver"
    _description = "Approver"
    _order = "level_id, sequence, id"
    _rec_name = "whom"

    level_id = fields.Many2one(
        "kpi.approval.level", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    whom = fields.Selection(
        [
            ("user", "Person"),
            ("group", "Group Members"),
            ("department_head", "Submitter's Department Head"),
            ("manager", "Submitter's Manager"),
        ],
        "Approver",
        required=True,
        default="manager",
    )
    user_id = fields.Many2one(
        "res.users", "Person", index="btree_not_null", ondelete="restrict"
    )
    group_id = fields.Many2one("res.groups", ondelete="restrict")
    steps_up = fields.Integer(
        "Levels Up", default=1, help="1 means the manager, 2 the manager's manager."
    )

    _person_named = models.Constraint(
        "CHECK (whom <> 'user' OR user_id IS NOT NULL)", "Choose the person."
    )
    _group_named = models.Constraint(
        "CHECK (whom <> 'group' OR group_id IS NOT NULL)", "Choose the group."
    )
    _steps_in_range = models.Constraint(
        "CHECK (whom <> 'manager' OR steps_up BETWEEN 1 AND 10)",
        "“Levels Up” must be from 1 to 10.",
    )

    @api.constrains("whom", "level_id")
    def _check_whom(self):
        for approver in self:
            workflow = approver.level_id.workflow_id
            workflow._check_known_to_documents("find", approver, "whom")

    @api.constrains("user_id", "level_id")
    def _check_user(self):
        for approver in self.filtered("user_id"):
            company = approver.level_id.workflow_id.company_id
            check_works_here(approver, "user_id", company)

    def _filter_documents(self, documents):
        """Those of ``documents`` that these people are asked about."""
        return documents

    def _describe(self):
        """Who it is, in words: for summaries of workflows."""
        self.ensure_one()
        if self.whom == "user":
            # Names of approvers are no secret.
            return self.sudo().user_id.name or ""
        if self.whom == "group":
            # What a group is called is no secret either.
            return self.env._("any member of “%s”", self.sudo().group_id.name or "")
        if self.whom == "manager" and self.steps_up > 1:
            return self.env._("submitter's manager, %s levels up", self.steps_up)
        labels = dict(self._fields["whom"]._description_selection(self.env))
        label = labels.get(self.whom, "")
        if not (self.env.lang or "en").startswith("en"):
            return label
        # Title Case is for labels, this is part of a sentence; acronyms keep theirs
        return " ".join(
            word if word[:2].isupper() else word.lower() for word in label.split()
        )
