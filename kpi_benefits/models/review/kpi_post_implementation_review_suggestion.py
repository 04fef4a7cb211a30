from statistics import mean
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models

from odoo.addons.kpi_base.actions import show_notification
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_day, format_moment, format_number
from odoo.addons.kpi_base.table_files import MIME_TYPES, get_fonts

from ...engine import review_pdf
from .kpi_post_implementation_review import TEXTS

BEHIND, AHEAD = 0.9, 1.1  # of the plan to date
MOST_NAMED = 3
HTML = "text/html; charset=utf-8"
CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


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
    feedback_ids = fields.One2many(
        "kpi.review.feedback", "review_id", "Stakeholder Feedback", readonly=True
    )
    link_ids = fields.One2many("kpi.review.feedback.link", "review_id", readonly=True)
    feedback_count = fields.Integer(
        "Answers", compute="_compute_feedback_count", exportable=False
    )
    feedback_rating = OptionalFloat(
        "Average Rating",
        compute="_compute_feedback_count",
        exportable=False,
        digits=(3, 1),
        aggregator=None,
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
        """Add sentences on the figures to the analysis of benefits, each once.

        Those that are not there yet, and that all readers may read.
        """
        self.check_access("write")
        self._check_status("draft")
        is_added = False
        for review in self:
            text = (review.benefits_analysis or "").strip()
            known = set(text.splitlines())
            said = [
                one.text
                for one in review._list_suggestions()
                if not one.is_restricted and one.text not in known
            ]
            if said:
                parts = filter(None, [text, "\n".join(said)])
                review.benefits_analysis = "\n\n".join(parts)
                is_added = True
        if is_added:
            return None
        text = self.env._("No new sentences to add.")
        return show_notification(text, type="info")

    def _suggest_insights(self):
        """Sentences on the figures that the user may see, as ``InsightOut``."""
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
        said = []
        planned = figures.get(("total", "", "expected_value"))
        if planned and planned[0].value:
            text = self.env._(
                "Benefits reached %(realization_rate)s of the "
                "%(planned_to_date)s planned to date."
            )
            said += self._say(figures, ("realization_rate", "planned_to_date"), text)
            text = self.env._(
                "Realized so far: %(realized_value)s of %(expected_value)s planned."
            )
            said += self._say(figures, ("expected_value", "realized_value"), text)
        said += self._say_benefits(figures)
        text = self.env._("Cost: %(actual_cost)s (planned: %(planned_cost)s).")
        said += self._say(figures, ("actual_cost", "planned_cost"), text, kind="cost")
        text = self.env._(
            "Planned net present value: %(npv)s; benefit-cost ratio: %(bcr)s."
        )
        said += [*self._say(figures, ("npv", "bcr"), text), *self._say_days(figures)]
        if self.feedback_count:
            text = self.env._(
                "Average stakeholder rating: %(rating)s (%(answers)s).",
                answers=say_count(
                    self.feedback_count,
                    self.env._("1 answer"),
                    self.env._("%s answers"),
                ),
                rating=format_number(self.env, self.feedback_rating, 1),
            )
            said.append(Suggestion(text, [self]))
        return said

    def _find_cited_figures(self):
        """Key → figure and the record that it is read from; sums: the initiative."""
        if self.status != "draft":
            return {
                (one.kind, one.subject or "", one.code): (one, one)
                for one in self._find_figures()
            }
        models = {"benefit": "kpi.benefit.realization", "gate": "kpi.initiative.gate"}
        rows = self.env["kpi.review.figure"]
        return {
            key: (
                rows.new(self._prepare_figure_values(found)),
                self.env[models[found.kind]].browse(int(found.subject))
                if found.kind in models
                else self.initiative_id,
            )
            for key, found in self._find_figures_now()[0].items()
        }

    def _say(self, figures, codes, text, *, kind="total", subject=""):
        """Say a sentence with these figures, where none of them is missing."""
        found = [figures.get((kind, subject, code)) for code in codes]
        if not all(one and (one[0].value is not False or one[0].text) for one in found):
            return []
        shown = {code: one[0].shown for code, one in zip(codes, found, strict=True)}
        shown["name"] = found[0][0].name or ""
        initiative, is_restricted = self.initiative_id._origin, False
        for figure, _source in found:
            # Where benefits belong decides who may read it, and is told to nobody.
            below = figure.benefit_ids._origin.sudo().initiative_id - initiative
            is_restricted |= bool(figure.report_ids or figure.initiative_ids or below)
        sources = [source for _figure, source in found]
        return [Suggestion(text % shown, sources, is_restricted)]

    def _say_benefits(self, figures):
        """Those furthest behind their plan to date, then those ahead of it."""
        gaps = []
        for (kind, subject, code), (rate, _source) in figures.items():
            planned = figures.get((kind, subject, "planned_to_date"))
            if kind == "benefit" and code == "realization_rate" and planned:
                if rate.value is not False and planned[0].value > 0:
                    gap = (rate.value - 1) * planned[0].value
                    gaps.append((gap, subject, rate.value))
        gaps.sort()
        behind = [one for one in gaps if one[2] < BEHIND][:MOST_NAMED]
        ahead = [one for one in gaps[::-1] if one[2] > AHEAD][:MOST_NAMED]
        codes = ("realization_rate", "planned_to_date")
        is_behind = self.env._(
            "“%(name)s” is behind: %(realization_rate)s of the "
            "%(planned_to_date)s planned to date."
        )
        is_ahead = self.env._(
            "“%(name)s” is ahead: %(realization_rate)s of the "
            "%(planned_to_date)s planned to date."
        )
        said = []
        for chosen, text in ((behind, is_behind), (ahead, is_ahead)):
            for _gap, subject, _rate in chosen:
                said += self._say(figures, codes, text, kind="benefit", subject=subject)
        return said

    def _say_days(self, figures):
        text = self.env._(
            "Go-live: %(go_live_date)s (planned: %(planned_go_live_date)s)."
        )
        said = self._say(figures, ("go_live_date", "planned_go_live_date"), text)
        text = self.env._(
            "“%(name)s” was passed on %(actual_date)s (planned: %(planned_date)s)."
        )
        late = [
            subject
            for (kind, subject, code), (figure, _source) in figures.items()
            if kind == "gate" and code == "actual_date" and figure.text
            and figure.text > (figures[kind, subject, "planned_date"][0].text or "9")
        ]  # fmt: skip
        codes = ("actual_date", "planned_date")
        for subject in late[:MOST_NAMED]:
            said += self._say(figures, codes, text, kind="gate", subject=subject)
        return said

    def action_download_pdf(self):
        """Download the review as a PDF."""
        return self._download("pdf")

    def action_download_html(self):
        """Download the review as a page that needs nothing beside it."""
        return self._download("html")

    def _download(self, file_format):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/kpi/benefits/reviews/{self.id}/{file_format}",
            "target": "download",
        }

    def _get_file(self, file_format):
        """Name, type and content of the review as ``pdf`` or ``html``."""
        self.ensure_one()
        self.check_access("read")
        name = f"{self.display_name}.{file_format}".replace("/", "-")
        said = self._prepare_file()
        if file_format == "pdf":
            return name, MIME_TYPES["pdf"], review_pdf.write_review(said, get_fonts())
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        # Pages are the same for all; what this one says was read as the user.
        views = self.env["ir.qweb"].sudo()
        values = {
            "review": said,
            "csp": CSP,
            "code": lang.code or "en_US",
            "direction": lang.direction or "ltr",
        }
        body = views._render("kpi_benefits.review_file", values)
        return name, HTML, (Markup("<!DOCTYPE html>\n") + body).encode()

    def _prepare_file(self):
        """The review in the reader's words."""
        kinds = self.env["kpi.review.figure"]._fields["kind"]
        kinds = dict(kinds._description_selection(self.env))
        heads = self.env._("Figure"), self.env._("Then"), self.env._("Now")
        figures = [
            review_pdf.Figures(
                kinds[kind],
                heads,
                tuple((one.label, one.shown, one.shown_now) for one in same),
            )
            for kind, same in self._find_figures().grouped("kind").items()
        ]
        footer = self.env._("Draft: figures are frozen on submission.")
        if self.frozen_at:
            footer = self.env._(
                "Figures as of %(moment)s. Fingerprint (SHA-256): %(hash)s",
                moment=format_moment(self.env, self.frozen_at, with_year=True),
                hash=self.figures_hash,
            )
            if self.has_hidden_figures:
                hidden = self.env._("Figures you cannot access are hidden.")
                footer = f"{footer} {hidden}"
        notes, sections = self._prepare_notes(), self._prepare_sections()
        return review_pdf.Review(
            self.display_name, tuple(notes), tuple(sections), tuple(figures), footer
        )

    def _prepare_notes(self):
        status = dict(self._fields["status"]._description_selection(self.env))
        yield self.company_id.name
        # What it is about is said to whoever reads the review.
        yield self.sudo().initiative_id.display_name
        yield self.env._(
            "%(status)s, %(day)s",
            status=status[self.status],
            day=format_day(self.env, self.review_date, with_year=True),
        )
        if self.reviewer_id:
            # Who reviews is said to whoever reads the review.
            yield self.env._("Reviewer: %s", self.sudo().reviewer_id.name)

    def _prepare_sections(self):
        """The parts that are written, in the order of the form."""
        for name in TEXTS:
            if self[name]:
                title = self._fields[name]._description_string(self.env)
                yield review_pdf.Section(title, ((self[name], ""),))
        categories = self.lesson_ids._fields["category"]
        words = dict(categories._description_selection(self.env))
        parts = {
            "lesson_ids": [
                (one.lesson, (words[one.category], *one.tag_ids.mapped("name")))
                for one in self.lesson_ids
            ],
            "recommendation_ids": [
                (
                    one.description,
                    (
                        # Names of people are said to whoever reads the review.
                        one.sudo().responsible_id.name,
                        one.due_date
                        and format_day(self.env, one.due_date, with_year=True),
                    ),
                )
                for one in self.recommendation_ids
            ],
            "feedback_ids": [
                (
                    (one.comment or "").strip() or "–",
                    (one.name, one.role, self.env._("%s of 5", one.rating)),
                )
                for one in self.feedback_ids
            ],
        }
        for name, told in parts.items():
            if told:
                title = self._fields[name]._description_string(self.env)
                said = [(text, ", ".join(filter(None, notes))) for text, notes in told]
                yield review_pdf.Section(title, tuple(said))

    @api.depends("feedback_ids.rating")
    def _compute_feedback_count(self):
        for review in self:
            ratings = review.feedback_ids.mapped("rating")
            review.feedback_count = len(ratings)
            review.feedback_rating = bool(ratings) and round(mean(ratings), 1)

    def action_review_initiative(self):
        """Mark the initiatives of these published reviews as reviewed."""
        self.check_access("write")
        self._check_status("published")
        return self.initiative_id.action_review()
