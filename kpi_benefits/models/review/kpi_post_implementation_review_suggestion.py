from typing import NamedTuple

from odoo import api, fields, models

BEHIND, AHEAD = 0.9, 1.1  # of the plan to date
MOST_NAMED = 3


class Suggestion(NamedTuple):
    """A sentence on figures.

    :ivar records: in which each of its numbers is found
    :ivar is_restricted: it rests on KPIs, or on benefits or costs of initiatives below,
        which not everybody may see who reads the review
    """

    text: str
    records: list
    is_restricted: bool = False


class KpiPostImplementationReview(models.Model):
    """Sentences on the figures of a review: by rules, each naming where it is from."""

    _inherit = "kpi.post.implementation.review"

    restricted_suggestions = fields.Text(
        compute="_compute_restricted_suggestions", exportable=False
    )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends("status", "initiative_id")
    def _compute_restricted_suggestions(self):
        """Tell who writes the review what is not added to a text that all read."""
        for review in self:
            is_asked = review.status == "draft" and review.is_editable_by_me
            said = review._list_suggestions() if is_asked and review._origin else ()
            review.restricted_suggestions = "\n".join(
                one.text for one in said if one.is_restricted
            )

    def action_suggest_text(self):
        """Add sentences on the figures to the analysis of benefits, each once."""
        self.check_access("write")
        self._check_is_draft()
        added = [review._add_suggestions() for review in self]
        if any(added):
            return None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("There is nothing to add to the text."),
            },
        }

    def _add_suggestions(self):
        """Add the sentences that are not there yet, and that all readers may read.

        :return: whether there were any
        """
        text = (self.benefits_analysis or "").strip()
        known = set(text.splitlines())
        said = [
            one.text
            for one in self._list_suggestions()
            if not one.is_restricted and one.text not in known
        ]
        if said:
            parts = [text, "\n".join(said)]
            self.benefits_analysis = "\n\n".join(filter(None, parts))
        return bool(said)

    def _suggest_insights(self):
        """Sentences on the figures that the user may see.

        :return: dicts of ``text`` and ``records``, dicts of ``model`` and ``id``,
            where each number of the sentence is found
        """
        return [
            {
                "text": one.text,
                "records": [
                    {"model": record._name, "id": record.id}
                    for record in dict.fromkeys(one.records)
                ],
            }
            for one in self._list_suggestions()
        ]

    def _list_suggestions(self):
        """Sentences on the figures that the user may see.

        Those of a draft are the figures as they are now, later the frozen ones.
        """
        self.ensure_one()
        self.check_access("read")
        figures = self._find_cited_figures()
        return [
            *self._say_totals(figures),
            *self._say_benefits(figures),
            *self._say_costs(figures),
            *self._say_days(figures),
            *self._say_feedback(),
        ]

    def _find_cited_figures(self):
        """Key → figure and the record that it is read from."""
        if self.status != "draft":
            return {
                (one.kind, one.subject or "", one.code): (one, one)
                for one in self._find_figures()
            }
        return {
            key: (
                self.env["kpi.review.figure"].new(self._prepare_figure_values(found)),
                self._get_source(found),
            )
            for key, found in self._find_figures_now()[0].items()
        }

    def _get_source(self, figure):
        """The record that a figure of now is read from; sums: the initiative."""
        models = {"benefit": "kpi.benefit.realization", "gate": "kpi.initiative.gate"}
        if figure.kind in models:
            return self.env[models[figure.kind]].browse(int(figure.subject))
        return self.initiative_id

    def _say(self, figures, kind, subject, codes, text):
        """Say a sentence with these figures, where none of them is missing.

        :return: list of one ``Suggestion``, or of none
        """
        found = [figures.get((kind, subject, code)) for code in codes]
        if not all(one and (one[0].value is not False or one[0].text) for one in found):
            return []
        shown = {code: one[0].shown for code, one in zip(codes, found, strict=True)}
        shown["name"] = found[0][0].name or ""
        is_restricted = any(
            figure.report_ids or figure.initiative_ids or self._is_of_below(figure)
            for figure, _source in found
        )
        sources = [source for _figure, source in found]
        return [Suggestion(text % shown, sources, is_restricted)]

    def _is_of_below(self, figure):
        """Whether a figure rests on benefits of initiatives below."""
        # Where they belong decides who may read the sentence, and is told to nobody.
        found = figure.benefit_ids._origin.sudo().initiative_id
        return bool(found - self.initiative_id._origin)

    def _say_totals(self, figures):
        planned = figures.get(("total", "", "expected_value"))
        if not planned or not planned[0].value:
            return []
        return [
            *self._say(
                figures,
                "total",
                "",
                ("realization_rate", "planned_to_date"),
                self.env._(
                    "Benefits reached %(realization_rate)s of the "
                    "%(planned_to_date)s planned to date."
                ),
            ),
            *self._say(
                figures,
                "total",
                "",
                ("expected_value", "realized_value"),
                self.env._(
                    "Over the full life %(expected_value)s is planned; "
                    "%(realized_value)s has come in so far."
                ),
            ),
        ]

    def _say_benefits(self, figures):
        """Those furthest behind their plan to date, then those ahead of it."""
        gaps = []
        for (kind, subject, code), (rate, _source) in figures.items():
            planned = figures.get((kind, subject, "planned_to_date"))
            if kind == "benefit" and code == "realization_rate" and planned:
                if rate.value is not False and planned[0].value > 0:
                    gap = (rate.value - 1) * planned[0].value
                    gaps.append((gap, subject, rate))
        gaps.sort(key=lambda one: (one[0], one[1]))
        behind = [one for one in gaps if one[2].value < BEHIND][:MOST_NAMED]
        ahead = [one for one in gaps[::-1] if one[2].value > AHEAD][:MOST_NAMED]
        texts = (
            (behind, self.env._(
                "“%(name)s” is behind: %(realization_rate)s of the "
                "%(planned_to_date)s planned to date."
            )),
            (ahead, self.env._(
                "“%(name)s” is ahead: %(realization_rate)s of the "
                "%(planned_to_date)s planned to date."
            )),
        )  # fmt: skip
        codes = ("realization_rate", "planned_to_date")
        said = []
        for chosen, text in texts:
            for _gap, subject, _rate in chosen:
                said += self._say(figures, "benefit", subject, codes, text)
        return said

    def _say_costs(self, figures):
        return [
            *self._say(
                figures,
                "cost",
                "",
                ("actual_cost", "planned_cost"),
                self.env._("It cost %(actual_cost)s; %(planned_cost)s was planned."),
            ),
            *self._say(
                figures,
                "total",
                "",
                ("npv", "bcr"),
                self.env._(
                    "By its plan the net present value is %(npv)s, the benefit-cost "
                    "ratio %(bcr)s."
                ),
            ),
        ]

    def _say_days(self, figures):
        said = self._say(
            figures,
            "total",
            "",
            ("go_live_date", "planned_go_live_date"),
            self.env._(
                "It went live on %(go_live_date)s, planned for "
                "%(planned_go_live_date)s."
            ),
        )
        text = self.env._(
            "“%(name)s” was passed on %(actual_date)s, planned for %(planned_date)s."
        )
        late = [
            subject
            for (kind, subject, code), (figure, _source) in figures.items()
            if kind == "gate" and code == "actual_date" and figure.text
            and figure.text > (figures[kind, subject, "planned_date"][0].text or "9")
        ]  # fmt: skip
        codes = ("actual_date", "planned_date")
        for subject in late[:MOST_NAMED]:
            said += self._say(figures, "gate", subject, codes, text)
        return said

    def _say_feedback(self):
        if not self.feedback_count:
            return []
        text = self.env._(
            "The average rating in %(count)s answers of stakeholders is %(rating)s.",
            count=self.feedback_count,
            rating=self.feedback_rating,
        )
        return [Suggestion(text, [self])]
