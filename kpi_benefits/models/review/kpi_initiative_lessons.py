from odoo import api, fields, models
from odoo.fields import Domain

MOST_LESSONS = 8
# What two initiatives have in common, and how much that says.
TOPIC, DEPARTMENT, TYPE = 4, 2, 1


class KpiInitiative(models.Model):
    """Lessons from earlier reviews that fit a proposal."""

    _inherit = "kpi.initiative"

    lesson_tag_ids = fields.Many2many(
        "kpi.lesson.tag",
        "kpi_initiative_lesson_tag_rel",
        string="Topics",
        help="Lessons from earlier reviews with the same topics are offered.",
    )
    offered_lesson_ids = fields.Many2many(
        "kpi.lesson",
        string="Lessons from earlier reviews",
        compute="_compute_offered_lesson_ids",
        exportable=False,
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        "status",
        "company_id",
        "department_id",
        "lesson_tag_ids",
        "benefit_ids.benefit_type",
    )
    def _compute_offered_lesson_ids(self):
        for initiative in self:
            is_new = initiative.status in ("proposed", "approved")
            initiative.offered_lesson_ids = is_new and initiative._find_lessons()

    def _find_lessons(self):
        """Published lessons that fit best, the best first."""
        offered = self.env["kpi.lesson"].search(
            Domain("is_offered", "=", True)
            & Domain("company_id", "=", self.company_id.id)
            # Lessons are read by all, the reviews that they are from are not.
            & Domain("review_id", "any!", [("initiative_id", "!=", self._origin.id)])
            & self._get_lesson_domain(),
            order="review_date desc, id desc",
            limit=500,
        )
        points = {lesson: self._count_lesson_points(lesson) for lesson in offered}
        ranked = sorted(offered, key=lambda one: -points[one])
        return self.env["kpi.lesson"].union(*ranked[:MOST_LESSONS])

    def _get_lesson_domain(self):
        """Domain of lessons that have anything in common with this initiative."""
        parts = [
            Domain("benefit_types", "like", f",{kind},") for kind in self._get_types()
        ]
        if self.lesson_tag_ids:
            parts.append(Domain("tag_ids", "in", self.lesson_tag_ids.ids))
        if self.department_id:
            parts.append(Domain("department_id", "=", self.department_id.id))
        return Domain.OR(parts)

    def _get_types(self):
        """Types of the benefits that are planned, in a fixed order."""
        return sorted(set(self.benefit_ids.mapped("benefit_type")))

    def _count_lesson_points(self, lesson):
        """How well a lesson fits: by topics, department and types of benefits."""
        same = len(lesson.tag_ids & self.lesson_tag_ids)
        points = TOPIC * same
        if self.department_id and lesson.department_id == self.department_id:
            points += DEPARTMENT
        known = lesson.benefit_types or ""
        return points + TYPE * sum(f",{kind}," in known for kind in self._get_types())
