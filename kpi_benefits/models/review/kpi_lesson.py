from odoo import api, fields, models
from odoo.exceptions import ValidationError

CATEGORIES = [
    ("planning", "Planning"),
    ("scope", "Scope"),
    ("people", "People and Skills"),
    ("adoption", "Adoption"),
    ("technology", "Technology"),
    ("suppliers", "Vendors"),
    ("cost", "Cost"),
    ("benefits", "Benefits"),
    ("other", "Other"),
]
LONGEST_NAME = 120


class KpiLesson(models.Model):
    """Something learned that others can use; offered once its review is published.

    Then everybody in the company may read it, the figures of the review not.
    """

    _name = "kpi.lesson"
    _description = "Lesson Learned"
    _inherit = ["kpi.review.part.mixin"]
    _order = "review_id, sequence, id"
    _rec_names_search = ["lesson"]
    _kpi_measurable = True

    department_id = fields.Many2one(
        related="review_id.department_id", store=True, precompute=True, index=True
    )
    review_date = fields.Date(related="review_id.review_date", store=True)
    is_offered = fields.Boolean(
        compute="_compute_is_offered",
        store=True,
        precompute=True,
        index=True,
        help="The review's latest edition is published.",
    )
    sequence = fields.Integer(default=10)
    lesson = fields.Text(required=True)
    category = fields.Selection(CATEGORIES, required=True, default="other")
    tag_ids = fields.Many2many("kpi.lesson.tag", string="Topics")
    benefit_types = fields.Char(
        compute="_compute_benefit_types",
        store=True,
        exportable=False,
    )
    name = fields.Char(compute="_compute_name", exportable=False)

    @api.depends("review_id.status", "review_id.is_latest")
    def _compute_is_offered(self):
        for lesson in self:
            review = lesson.review_id
            lesson.is_offered = review.status == "published" and review.is_latest

    @api.depends("review_id.initiative_id.benefit_ids.benefit_type")
    def _compute_benefit_types(self):
        for lesson in self:
            types = lesson.review_id.initiative_id.benefit_ids.mapped("benefit_type")
            lesson.benefit_types = (
                f",{','.join(sorted(set(types)))}," if types else False
            )

    @api.depends("lesson")
    def _compute_name(self):
        for lesson in self:
            text = " ".join((lesson.lesson or "").split())
            is_long = len(text) > LONGEST_NAME
            lesson.name = f"{text[:LONGEST_NAME].rstrip()}…" if is_long else text

    @api.constrains("lesson")
    def _check_lesson(self):
        if not all(lesson.name for lesson in self):
            raise ValidationError(self.env._("Enter the lesson."))


class KpiLessonTag(models.Model):
    """Topic of lessons and initiatives, by which lessons are found again."""

    _name = "kpi.lesson.tag"
    _description = "Topic"
    _inherit = ["kpi.input.mixin"]
    _order = "name"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(aggregator=None)

    _name_uniq = models.UniqueIndex("(name)", "This topic already exists.")

    @api.model
    def _find_or_create(self, names):
        """Topics of these names, each once; those that are missing are made."""
        found = self.browse()
        for name in dict.fromkeys(" ".join(name.split()) for name in names):
            known = self.search([("name", "=", name)], limit=1)
            found |= known or self.create({"name": name})
        return found
