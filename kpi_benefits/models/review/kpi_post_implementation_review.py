from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL, format_list

from odoo.addons.kpi_base.actions import open_dialog, open_form
from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.models.approval.people import check_works_here

from ...engine.review_figures import CODES, hash_figures
from ...fields import Colleague, Status

STATUSES = [
    ("draft", "Draft"),
    ("in_review", "In Review"),
    ("approved", "Approved"),
    ("published", "Published"),
]
TEXTS = ("executive_summary", "objectives_assessment", "benefits_analysis")
BY_APPROVAL = {
    "none": "draft",
    "pending": "in_review",
    "approved": "approved",
    "rejected": "draft",
    "returned": "draft",
}
ADDED_UP = ("type", "status")
LESSONS = SQL(
    """
    (SELECT jsonb_agg(jsonb_build_array(lesson.lesson, lesson.category)
                      ORDER BY lesson.id)::text
       FROM kpi_lesson AS lesson
      WHERE lesson.review_id = held.id)
    """
)
RECOMMENDATIONS = SQL(
    """
    (SELECT jsonb_agg(jsonb_build_array(advice.description, advice.due_date)
                      ORDER BY advice.id)::text
       FROM kpi_review_recommendation AS advice
      WHERE advice.review_id = held.id)
    """
)


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
    _audited_model = "kpi.post.implementation.review"
    _audited_events = "review_"

    number = fields.Char(readonly=True, copy=False, index="trigram")
    title = fields.Char(
        compute="_compute_title",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    initiative_id = fields.Many2one(domain="[('is_editable_by_me', '=', True)]")
    department_id = fields.Many2one(
        related="initiative_id.department_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    initiative_status = fields.Selection(
        string="Initiative Status",
        related="initiative_id.status",
        exportable=False,
    )
    reviewer_id = Colleague(
        compute="_compute_reviewer_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
        check_company=True,
        help="Approves the review. Current and former initiative owners are excluded.",
    )
    review_date = fields.Date(
        "Date",
        required=True,
        copy=False,
        default=fields.Date.context_today,
        tracking=True,
    )
    executive_summary = fields.Text()
    objectives_assessment = fields.Text()
    benefits_analysis = fields.Text()
    lesson_ids = fields.One2many(
        "kpi.lesson", "review_id", "Lessons Learned", copy=True
    )
    recommendation_ids = fields.One2many(
        "kpi.review.recommendation", "review_id", "Recommendations", copy=True
    )
    empty_parts = fields.Char(compute="_compute_empty_parts", exportable=False)
    status = Status(STATUSES, default="draft")
    published_at = fields.Datetime("Published", readonly=True, copy=False)
    edition = fields.Integer(readonly=True, default=1, copy=False, aggregator=None)
    previous_id = fields.Many2one(
        "kpi.post.implementation.review",
        "Previous Edition",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    next_ids = fields.One2many(
        "kpi.post.implementation.review", "previous_id", readonly=True
    )
    is_latest = fields.Boolean(
        "Latest Edition",
        readonly=True,
        default=True,
        copy=False,
    )
    reviewer_note = fields.Char(
        compute="_compute_reviewer_note",
        exportable=False,
        help="Why the reviewer cannot be asked yet.",
    )
    figure_ids = fields.One2many(
        "kpi.review.figure", "review_id", "Figures", readonly=True, copy=False
    )
    frozen_at = fields.Datetime("Figures as of", readonly=True, copy=False)
    figures_hash = fields.Char(
        "Fingerprint",
        readonly=True,
        copy=False,
        help="SHA-256 of the frozen figures, also in the audit log.",
    )
    has_hidden_figures = fields.Boolean(
        compute="_compute_has_hidden_figures", exportable=False
    )
    changed_figure_count = fields.Integer(
        compute="_compute_changed_figure_count", exportable=False
    )

    _status_choices = Choices("status")
    _previous_uniq = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "A newer edition already exists.",
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
                        "%(person)s owns or owned %(initiative)s. Choose another "
                        "reviewer.",
                        person=review.reviewer_id.name,
                        initiative=review.initiative_id.display_name,
                    )
                )

    @api.depends(*TEXTS, "lesson_ids", "recommendation_ids", "status")
    def _compute_empty_parts(self):
        """Name what readers look for and nobody has written, until it is published."""
        for review in self:
            written = {
                **{name: (review[name] or "").strip() for name in TEXTS},
                "lesson_ids": review.lesson_ids,
                "recommendation_ids": review.recommendation_ids,
            }
            names = [
                self._fields[name]._description_string(self.env)
                for name, content in written.items()
                if not content
            ]
            is_open = bool(names) and review.status != "published"
            review.empty_parts = is_open and format_list(self.env, names)

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
                self.env._(
                    "The initiative of a review cannot be changed. Create a new review."
                )
            )
        # What people write stays once it is submitted.
        content = {*self._approval_content(), "review_date"} - {"figure_ids"}
        if vals.keys() & content:
            self._check_status("draft")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        for name in self.filtered("approval_round").mapped("display_name"):
            raise UserError(self.env._("%s was submitted and cannot be deleted.", name))

    def _check_status(self, status):
        """:raises UserError: one of them has another status"""
        for review in self.filtered(lambda one: one.status != status):
            raise UserError(review._say_status())

    def _check_live(self):
        """:raises UserError: an initiative, and all below it, was never live"""
        # Whoever writes the review need not see all that is below.
        initiatives = self.env["kpi.initiative"].sudo()
        for review in self:
            below = initiatives.search([("id", "child_of", review.initiative_id.id)])
            if not below.filtered(
                lambda one: one.go_live_date or one.status in ("live", "reviewed")
            ):
                raise UserError(
                    self.env._(
                        "%(review)s needs a go-live date. Enter it on "
                        "%(initiative)s first.",
                        initiative=review.initiative_id.display_name,
                        review=review.display_name,
                    )
                )

    def _is_of_owner(self, user):
        """Check whether somebody owns the initiative, or owned it before."""
        return bool(user) and self.initiative_id._is_owned_before(user)

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/benefit-reviews/{self.id}"

    def action_submit(self):
        """Submit these reviews: their figures are frozen, the reviewers are asked."""
        self.action_ask_approval()

    def action_withdraw(self):
        """Take these reviews back, as long as nobody has decided."""
        self.action_recall()

    def action_ask_publish(self):
        """Ask before publishing, naming the parts that are empty."""
        self.ensure_one()
        self.check_access("write")
        dialog = self.env["kpi.review.publication"]
        return open_dialog(dialog, self.env._("Publish"), default_review_id=self.id)

    def action_publish(self):
        """Publish what was approved: it stays as it is, its lessons are offered."""
        self.check_access("write")
        self._hold_approval()
        self._check_status("approved")
        self._check_live()
        # The right to was checked above; only methods set the status.
        own = self.sudo()
        own._write_pending(
            {"status": "published", "published_at": fields.Datetime.now()}
        )
        own.previous_id._write_pending({"is_latest": False})
        self._log_record("review_published")

    def action_new_edition(self):
        """Begin a new edition with the texts of this one, and open it."""
        self.ensure_one()
        self.check_access("write")
        if self.status != "published" or self.next_ids:
            raise UserError(
                self.env._("Create new editions from the latest published one.")
            )
        (values,) = self.copy_data({"title": self.title})
        if self._is_of_owner(self.reviewer_id):
            del values["reviewer_id"]
        made = self.create(values)
        # Which edition it is nobody types; its number stays that of the first.
        made.sudo().write(
            {"edition": self.edition + 1, "number": self.number, "previous_id": self.id}
        )
        return open_form(made)

    def action_open_return(self):
        """Open the dialog in which the reviewer says what is to be changed."""
        return self._open_decision_dialog("return")

    def action_open_rejection(self):
        """Open the dialog in which the reviewer says why it is rejected."""
        return self._open_decision_dialog("reject")

    def _say_status(self):
        """Tell which status a review has, to who wants to do something else."""
        name = self.display_name
        return {
            "draft": self.env._("%s is a draft.", name),
            "in_review": self.env._(
                "%s is in review and cannot be changed. Withdraw it first.", name
            ),
            "approved": self.env._(
                "%s is approved and cannot be changed. Publish it.", name
            ),
            "published": self.env._(
                "%s is published and cannot be changed. Create a new edition.", name
            ),
        }[self.status]

    def _write_approval(self, vals):
        """Set the status with the state of the approval, and log what it is now."""
        if "approval_state" not in vals:
            return super()._write_approval(vals)
        status = BY_APPROVAL[vals["approval_state"]]
        result = super()._write_approval({**vals, "status": status})
        # Back in draft they can be anything.
        names = {"in_review": "review_submitted", "approved": "review_approved"}
        self._log_record(names.get(status, "review_removed"))
        return result

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

    def _say_effect(self):
        return super()._say_effect() or self.env._("It can be published unchanged.")

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
                    "%s: you own or owned its initiative and cannot review it.",
                    review.display_name,
                )
        return found

    def _find_benefit_reviewer(self, _approver):
        return {review: review.reviewer_id for review in self}

    def _ask_approval(self):
        """Freeze the figures, then ask.

        The reviewer reads the frozen figures as everybody else, by what they may see.

        :raises UserError: what is missing, or that the reviewer may not see it all
        """
        for review in self:
            name = review.display_name
            if not review.reviewer_id:
                raise UserError(self.env._("Choose the reviewer of %s.", name))
            review._check_reviewer()
            review._check_live()
            if not (review.executive_summary or "").strip():
                raise UserError(self.env._("Write the executive summary of %s.", name))
            if reason := review._explain_blind_reviewer():
                raise UserError(reason)
        self._freeze_figures()
        return super()._ask_approval()

    def _approve_automatically(self, workflow):
        """Refuse: that nobody is asked approves nothing."""
        for review in self:
            raise UserError(
                self.env._(
                    "No workflow defines the approver of %s. Ask a KPI administrator.",
                    review.display_name,
                )
            )
        return super()._approve_automatically(workflow)

    def _explain_blind_reviewer(self):
        """Say that the reviewer may not see the initiative, or its benefits, KPIs and
        costs; empty if they see all of it."""
        reviewer, initiative = self.reviewer_id._origin, self.initiative_id._origin
        if not (reviewer and initiative):
            return ""
        # In all companies of the person; where somebody works is no secret.
        companies = reviewer.sudo().company_ids.ids
        theirs = initiative.with_context(allowed_company_ids=companies)
        # Asked as the person: their rights.
        theirs = theirs.with_user(reviewer)
        if theirs.has_access("read") and not any(theirs._find_hidden()):
            return ""
        return self.env._(
            "%(person)s cannot see all of %(initiative)s. Add them as a follower "
            "of it and its sub-initiatives and share the KPIs, or choose another "
            "reviewer.",
            person=reviewer.name,
            initiative=initiative.display_name,
        )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("frozen_at")
    def _compute_has_hidden_figures(self):
        for review in self:
            # Only that there are others is said, nothing of them.
            count = len(review.sudo()._find_figures())
            review.has_hidden_figures = len(review._find_figures()) < count

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("frozen_at")
    def _compute_changed_figure_count(self):
        for review in self:
            figures = review._find_figures()
            review.changed_figure_count = sum(figures.mapped("is_changed"))

    def _find_figures(self):
        """The frozen figures that the user may see."""
        return self.env["kpi.review.figure"].search([("review_id", "in", self.ids)])

    def _find_figures_now(self):
        """The figures as they are now, of those that the user may see.

        :return: key → figure, and a function that says of a key whether there is one
            that the user may not see, or may be: whether a hidden benefit has a type or
            status is not told by what is gone
        """
        initiative = self.initiative_id
        benefits, kpis, costs = (set(one.ids) for one in initiative._find_hidden())
        kpis = {("kpi", str(id_)) for id_ in kpis}
        seen, hidden = {}, set()
        for figure in initiative._list_figures():
            is_partial = benefits & set(figure.benefits)
            is_partial |= costs & set(figure.initiatives)
            if is_partial or figure.key[:2] in kpis:
                hidden.add(figure.key)
            else:
                seen[figure.key] = figure

        def is_hidden(key):
            is_unknown = benefits and key[0] in ADDED_UP and key not in seen
            return key in hidden or bool(is_unknown)

        return seen, is_hidden

    def _freeze_figures(self):
        """Store the figures as they are now, in place of those of an earlier try."""
        # Figures come with submitting; nobody writes them.
        rows = self.env["kpi.review.figure"].sudo()
        for review in self:
            # As above.
            own = review.sudo()
            rows.search([("review_id", "=", review.id)]).unlink()
            figures = review.initiative_id._list_figures()
            rows.create(
                [
                    {
                        "review_id": review.id,
                        "sequence": place,
                        "subject": figure.subject or False,
                        **own._prepare_figure_values(figure),
                    }
                    for place, figure in enumerate(figures)
                ]
            )
            own.write(
                {
                    "frozen_at": fields.Datetime.now(),
                    "figures_hash": hash_figures(
                        (*figure.key, figure.exact) for figure in figures
                    ),
                }
            )

    def _prepare_figure_values(self, figure):
        """Values of a row that shows a figure."""
        unit = CODES[figure.code][1]
        values = {
            "currency_id": self.currency_id.id,
            "kind": figure.kind,
            "name": figure.name or False,
            "code": figure.code,
            "unit": unit,
            "value": False if figure.value is None else figure.value,
            "text": figure.text or False,
            "benefit_ids": [Command.set(figure.benefits)],
            "report_ids": [Command.set(figure.reports)],
            "initiative_ids": [Command.set(figure.initiatives)],
        }
        if figure.kind == "kpi":
            baseline = self.env["kpi.baseline"].browse(int(figure.subject))
            values |= baseline._prepare_figure_unit(unit)
        return values

    @api.model
    def _audited_scope_sql(self):
        return SQL("held.status <> 'draft'")

    @api.model
    def _get_audited_members(self):
        return {
            "edition": SQL("held.edition"),
            "initiative": SQL("held.initiative_id"),
            "figures": SQL("held.figures_hash"),
            "reviewer": SQL("held.reviewer_id"),
            "status": SQL("held.status"),
            "title": _hash_sql(SQL("held.title")),
            **{name: _hash_sql(SQL.identifier("held", name)) for name in TEXTS},
            "lessons": _hash_sql(LESSONS),
            "recommendations": _hash_sql(RECOMMENDATIONS),
        }


class KpiApprovalApprover(models.Model):
    """The reviewer that a review names decides on it."""

    _inherit = "kpi.approval.approver"

    whom = fields.Selection(
        selection_add=[("benefit_reviewer", "Initiative Reviewer")],
        ondelete={"benefit_reviewer": "cascade"},
    )


def _hash_sql(text):
    """SQL of the hash of a text; NULL of none."""
    return SQL("encode(sha256(convert_to(%s, 'UTF8')), 'hex')", text)
