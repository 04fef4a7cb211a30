from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.models.approval.people import check_works_here

STATUSES = [
    ("draft", "Draft"),
    ("in_review", "In review"),
    ("approved", "Approved"),
    ("published", "Published"),
]
TEXTS = ("executive_summary", "objectives_assessment", "benefits_analysis")


class KpiPostImplementationReview(models.Model):
    """What an initiative has brought, written down once it is in use, and approved."""

    _name = "kpi.post.implementation.review"
    _description = "Post-Implementation Review"
    _table = "post_implementation_reviews"
    _inherit = [
        "kpi.approval.mixin",
        "kpi.access.mixin",
        "kpi.audited.record.mixin",
        "kpi.initiative.part.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "review_date desc, id desc"
    _rec_name = "title"
    _rec_names_search = ["number", "title"]
    _check_company_auto = True
    _kpi_measurable = True
    _mail_post_access = "read"
    _readable_by = ("company_id", "initiative_id", "reviewer_id")
    _editable_by = ("company_id", "initiative_id")

    number = fields.Char(readonly=True, copy=False, index="trigram")
    title = fields.Char(
        compute="_compute_title",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    initiative_id = fields.Many2one(
        "kpi.initiative",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_editable_by_me', '=', True)]",
    )
    company_id = fields.Many2one(
        related="initiative_id.company_id", store=True, precompute=True, index=True
    )
    department_id = fields.Many2one(
        related="initiative_id.department_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    initiative_status = fields.Selection(
        related="initiative_id.status", exportable=False
    )
    reviewer_id = fields.Many2one(
        "res.users",
        compute="_compute_reviewer_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Approves the review: nobody who owns the initiative or owned it before.",
    )
    review_date = fields.Date(
        "Date",
        required=True,
        copy=False,
        default=fields.Date.context_today,
        tracking=True,
    )
    executive_summary = fields.Text(help="What was achieved, on half a page.")
    objectives_assessment = fields.Text(help="Which objectives were reached.")
    benefits_analysis = fields.Text(help="What came of the benefits, and why.")
    lesson_ids = fields.One2many(
        "kpi.lesson", "review_id", "Lessons Learned", copy=True
    )
    recommendation_ids = fields.One2many(
        "kpi.review.recommendation", "review_id", "Recommendations", copy=True
    )

    @api.depends("initiative_id")
    def _compute_title(self):
        for review in self:
            if not review.title and review.initiative_id:
                review.title = self.env._(
                    "Review of %s", review.initiative_id.name or ""
                )

    @api.depends("initiative_id")
    def _compute_reviewer_id(self):
        """Begin with the sponsor, who approved the business case."""
        for review in self:
            sponsor = review.initiative_id.sponsor_id
            if not review.reviewer_id and not review._is_of_owner(sponsor):
                review.reviewer_id = sponsor

    @api.depends("number", "title", "edition")
    def _compute_display_name(self):
        for review in self:
            parts = filter(None, (review.number, review.title))
            review.display_name = " · ".join(parts)
            if review.edition > 1:
                review.display_name = self.env._(
                    "%(review)s (edition %(number)s)",
                    review=review.display_name,
                    number=review.edition,
                )

    @api.constrains("reviewer_id", "initiative_id")
    def _check_reviewer(self):
        for review in self.filtered("reviewer_id"):
            check_works_here(review, "reviewer_id", review.company_id)
            if review._is_of_owner(review.reviewer_id):
                raise ValidationError(
                    self.env._(
                        "%(person)s owns %(initiative)s, or owned it before, and "
                        "cannot review it. Choose somebody else.",
                        person=review.reviewer_id.name,
                        initiative=review.initiative_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(vals_list)
        for review in reviews:
            # Everybody draws the next number, and nobody writes it.
            own = review.sudo()
            if not own.number:
                sequence = own.env["ir.sequence"].with_company(own.company_id)
                own.number = sequence.next_by_code(self._name)
        return reviews

    def write(self, vals):
        moved = vals.get("initiative_id")
        if moved and any(one.initiative_id.id != moved for one in self):
            raise UserError(
                self.env._("A review stays with its initiative. Make a new one.")
            )
        if vals.keys() & self._get_content_names():
            self._check_is_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        for review in self:
            if review.approval_round:
                raise UserError(
                    self.env._(
                        "%s was submitted and cannot be deleted.", review.display_name
                    )
                )

    @api.model
    def _get_content_names(self):
        """Names of what people write, which stays once it is submitted."""
        return {*self._approval_content(), "review_date"} - {"figure_ids"}

    def _check_is_draft(self):
        """:raises UserError: one of them is submitted, approved or published"""
        for review in self:
            if review.status != "draft":
                raise UserError(review._say_status())

    def _is_of_owner(self, user):
        """Check whether somebody owns the initiative, or owned it before."""
        return bool(user) and self.initiative_id._is_owned_before(user)

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/benefit-reviews/{self.id}"
