from odoo import api, fields, models
from odoo.exceptions import UserError

from .kpi_post_implementation_review import TEXTS


class KpiPostImplementationReview(models.Model):
    """What approvals ask of a review: its reviewer decides, never an owner."""

    _inherit = "kpi.post.implementation.review"

    reviewer_note = fields.Char(
        compute="_compute_reviewer_note",
        exportable=False,
        help="Why the reviewer of a draft cannot be asked yet.",
    )

    @api.depends_context("uid", "lang")
    @api.depends("reviewer_id", "initiative_id", "status")
    def _compute_reviewer_note(self):
        for review in self:
            # What others see of an initiative is told to who sees it.
            initiative = review.initiative_id._origin
            is_told = review.status == "draft" and initiative.has_access("read")
            review.reviewer_note = is_told and review._explain_blind_reviewer()

    def _approval_content(self):
        return {
            **dict.fromkeys(("title", "initiative_id", "reviewer_id", *TEXTS)),
            "lesson_ids": {"lesson": None, "category": None},
            "recommendation_ids": {"description": None, "responsible_id": None},
            "figure_ids": {"code": None, "value": None, "text": None},
        }

    def _get_approval_facts(self):
        """What the reviewer decides on, as far as the reader of the message sees it."""
        # What it is about is said to whoever decides on it.
        initiative = self.sudo().initiative_id.display_name
        return [
            (self._fields["initiative_id"]._description_string(self.env), initiative),
            *(
                (figure.label, figure.shown)
                for figure in self.figure_ids.filtered(lambda one: one.kind == "total")
            ),
        ]

    def _get_approval_parties(self):
        """Whoever owns the initiative, or owned it, decides about no review of it."""
        parties = {}
        for review in self:
            # Who owned what is no secret; people who left are not read otherwise.
            initiative = review.sudo().with_context(active_test=False).initiative_id
            owners = initiative.owner_id | initiative.former_owner_ids
            parties[review] = owners.with_env(self.env)
        return parties

    def _find_obstacles(self, verdict):
        """Refuse who became the owner after being asked."""
        found = super()._find_obstacles(verdict)
        for review in self:
            if review._is_of_owner(self.env.user):
                found[review] = self.env._(
                    "%s: you own its initiative, or owned it before.",
                    review.display_name,
                )
        return found

    def _find_benefit_reviewer(self, _approver):
        return {review: review.reviewer_id for review in self}

    def _ask_approval(self):
        """Freeze the figures, then ask."""
        for review in self:
            review._check_can_submit()
        self._freeze_figures()
        return super()._ask_approval()

    def _approve_automatically(self, workflow):
        """Refuse: that nobody is asked approves nothing."""
        for review in self:
            raise UserError(
                self.env._(
                    "No approval workflow says who decides on %s. Ask a KPI "
                    "administrator for one.",
                    review.display_name,
                )
            )
        return super()._approve_automatically(workflow)

    def _check_can_submit(self):
        """:raises UserError: what is missing, or that the reviewer may not see it all

        The reviewer reads the frozen figures as everybody else, by what they may see.
        """
        if not self.reviewer_id:
            raise UserError(self.env._("Choose the reviewer of %s.", self.display_name))
        self._check_reviewer()
        if not (self.executive_summary or "").strip():
            raise UserError(
                self.env._("Write the executive summary of %s.", self.display_name)
            )
        reason = self._explain_blind_reviewer()
        if reason:
            raise UserError(reason)

    def _explain_blind_reviewer(self):
        """Say that the reviewer may not see all of the initiative; empty if they do."""
        reviewer, initiative = self.reviewer_id._origin, self.initiative_id._origin
        if not (reviewer and initiative) or self._is_all_seen_by(reviewer):
            return ""
        return self.env._(
            "%(person)s may not see all of %(initiative)s. Add them as a follower "
            "there and of what is below, and share the KPIs with them, or choose "
            "another reviewer.",
            person=reviewer.name,
            initiative=initiative.display_name,
        )

    def _is_all_seen_by(self, user):
        """Check whether somebody sees the initiative, its benefits, KPIs and costs."""
        # In all companies of the person; where somebody works is no secret.
        companies = user.sudo().company_ids.ids
        initiative = self.initiative_id._origin.with_context(
            allowed_company_ids=companies
        )
        # Asked as the person: their rights.
        initiative = initiative.with_user(user)
        if not initiative.has_access("read"):
            return False
        return not (
            initiative._find_hidden_benefits()
            or initiative._find_hidden_baselines()
            or initiative._find_hidden_costs()
        )
