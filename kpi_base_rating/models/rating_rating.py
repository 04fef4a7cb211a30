from odoo import models
from odoo.fields import Domain

from odoo.addons.kpi_base.models.record.record_names import OURS, filter_ours


class RatingRating(models.Model):
    """Ratings, which each employee reads, searches and groups by their stored names.

    Of a record of ours they store its model and number, as Odoo does of one without a
    name. Who may read the record sees its name where the rating links to it.
    """

    _inherit = "rating.rating"

    def _compute_res_name(self):
        """Name no record of ours."""
        ours = filter_ours(self, "res_model")
        for rating in ours:
            rating.res_name = f"{rating.res_model}/{rating.res_id}"
        return super(RatingRating, self - ours)._compute_res_name()

    def _compute_parent_res_name(self):
        """Name no record of ours."""
        ours = filter_ours(self, "parent_res_model")
        for rating in ours:
            rating.parent_res_name = f"{rating.parent_res_model}/{rating.parent_res_id}"
        return super(RatingRating, self - ours)._compute_parent_res_name()


def forget_names(env):
    """Take away the names of our records that ratings have stored before."""
    ratings = env["rating.rating"]
    for prefix in ("", "parent_"):
        ours = ratings.search(Domain(f"{prefix}res_model", "=like", f"{OURS}%"))
        env.add_to_compute(ratings._fields[f"{prefix}res_name"], ours)
