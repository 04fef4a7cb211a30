from odoo import models

BEHIND, AHEAD = 0.9, 1.1  # of the plan to date
MOST_NAMED = 3


class KpiPostImplementationReview(models.Model):
    """Sentences on the figures of a review: by rules, each naming where it is from."""

    _inherit = "kpi.post.implementation.review"

    def action_suggest_text(self):
        """Add sentences on the figures to the analysis of benefits."""
        self.check_access("write")
        self._check_is_draft()
        for review in self:
            said = "\n".join(one["text"] for one in review._suggest_insights())
            parts = [(review.benefits_analysis or "").strip(), said]
            review.benefits_analysis = "\n\n".join(filter(None, parts))

    def _suggest_insights(self):
        """Sentences on the figures that the user may see.

        Those of a draft are the figures as they are now, later the frozen ones.

        :return: dicts of ``text`` and ``records``, dicts of ``model`` and ``id``,
            where each number of the sentence is found
        """
        self.ensure_one()
        self.check_access("read")
        figures = self._find_cited_figures()
        said = [
            *self._say_totals(figures),
            *self._say_benefits(figures),
            *self._say_costs(figures),
            *self._say_days(figures),
            *self._say_feedback(),
        ]
        return [
            {
                "text": text,
                "records": [
                    {"model": record._name, "id": record.id}
                    for record in dict.fromkeys(records)
                ],
            }
            for text, records in said
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
                self.env["kpi.review.figure"].new(
                    {
                        "kind": found.kind,
                        "code": found.code,
                        "name": found.name,
                        "unit": found.unit,
                        "value": False if found.value is None else found.value,
                        "text": found.text,
                        "currency_id": self.currency_id.id,
                    }
                ),
                self._get_source(found),
            )
            for key, found in self._find_figures_now().items()
        }

    def _get_source(self, figure):
        """The record that a figure of now is read from; sums: the initiative."""
        models = {"benefit": "kpi.benefit.realization", "gate": "kpi.initiative.gate"}
        if figure.kind in models:
            return self.env[models[figure.kind]].browse(int(figure.subject))
        return self.initiative_id

    def _say(self, figures, kind, subject, codes, text):
        """Say a sentence with these figures, where none of them is missing.

        :return: list of one pair (sentence, records), or of none
        """
        found = [figures.get((kind, subject, code)) for code in codes]
        if not all(one and (one[0].value is not False or one[0].text) for one in found):
            return []
        shown = {code: one[0].shown for code, one in zip(codes, found, strict=True)}
        shown["name"] = found[0][0].name or ""
        return [(text % shown, [source for _figure, source in found])]

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
        return [(text, [self])]
