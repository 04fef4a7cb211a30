from odoo import api, fields, models
from odoo.fields import Command

from ...engine.review_figures import hash_figures

ADDED_UP = ("type", "status")


class KpiPostImplementationReview(models.Model):
    """Figures of a review, frozen when it is submitted."""

    _inherit = "kpi.post.implementation.review"

    figure_ids = fields.One2many(
        "kpi.review.figure", "review_id", "Figures", readonly=True, copy=False
    )
    frozen_at = fields.Datetime("Figures of", readonly=True, copy=False)
    figures_hash = fields.Char(
        "Fingerprint",
        readonly=True,
        copy=False,
        help="SHA-256 of all frozen figures; the audit log has it as well.",
    )
    has_hidden_figures = fields.Boolean(
        compute="_compute_has_hidden_figures", exportable=False
    )
    changed_figure_count = fields.Integer(
        compute="_compute_changed_figure_count", exportable=False
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("frozen_at")
    def _compute_has_hidden_figures(self):
        # Only that there are others is said, nothing of them.
        rows = (
            self.env["kpi.review.figure"]
            .sudo()
            ._read_group([("review_id", "in", self.ids)], ["review_id"], ["__count"])
        )
        counts = {review.id: count for review, count in rows}
        for review in self:
            seen = len(review._find_figures())
            review.has_hidden_figures = seen < counts.get(review._origin.id, 0)

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
        benefits = set(initiative._find_hidden_benefits().ids)
        kpis = {("kpi", str(id_)) for id_ in initiative._find_hidden_baselines().ids}
        costs = set(initiative._find_hidden_costs().ids)
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
        values = {
            "currency_id": self.currency_id.id,
            "kind": figure.kind,
            "name": figure.name or False,
            "code": figure.code,
            "unit": figure.unit,
            "value": False if figure.value is None else figure.value,
            "text": figure.text or False,
            "benefit_ids": [Command.set(figure.benefits)],
            "report_ids": [Command.set(figure.reports)],
            "initiative_ids": [Command.set(figure.initiatives)],
        }
        if figure.kind == "kpi":
            baseline = self.env["kpi.baseline"].browse(int(figure.subject))
            values |= baseline._prepare_figure_unit(figure.unit)
        return values
