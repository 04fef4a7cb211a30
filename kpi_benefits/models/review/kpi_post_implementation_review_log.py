from odoo import api, models
from odoo.tools import SQL

from .kpi_post_implementation_review import TEXTS


class KpiPostImplementationReview(models.Model):
    """A submitted review is as its last entry in the audit log says.

    The entry has the hash of each text, and of all figures; each figure has an entry of
    its own in the same chain, with its value.
    """

    _inherit = "kpi.post.implementation.review"
    _audited_model = "kpi.post.implementation.review"
    _audited_events = "review_"

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


def _hash_sql(text):
    """SQL of the hash of a text; NULL of none."""
    return SQL("encode(sha256(convert_to(%s, 'UTF8')), 'hex')", text)
