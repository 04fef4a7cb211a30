from markupsafe import Markup

from odoo import models
from odoo.tools import format_date, format_datetime

from odoo.addons.kpi_base.table_files import MIME_TYPES, get_fonts

from ...engine import review_pdf
from .kpi_post_implementation_review import TEXTS

HTML = "text/html; charset=utf-8"
CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


class KpiPostImplementationReview(models.Model):
    """Reviews as files: with the figures that their reader may see, and no others."""

    _inherit = "kpi.post.implementation.review"

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
        return name, *getattr(self, f"_get_file_{file_format}")(self._prepare_file())

    def _get_file_pdf(self, said):
        return MIME_TYPES["pdf"], review_pdf.write_review(said, get_fonts())

    def _get_file_html(self, said):
        lang = self.env["res.lang"]._get_data(code=self.env.lang or "en_US")
        # Pages are the same for all; what this one says was read as the user.
        views = self.env["ir.qweb"].sudo()
        body = views._render(
            "kpi_benefits.review_file",
            {
                "review": said,
                "csp": CSP,
                "code": lang.code or "en_US",
                "direction": lang.direction or "ltr",
            },
        )
        return HTML, (Markup("<!DOCTYPE html>\n") + body).encode()

    def _prepare_file(self):
        """The review in the reader's words."""
        return review_pdf.Review(
            title=self.display_name,
            notes=tuple(self._prepare_notes()),
            sections=tuple(self._prepare_sections()),
            figures=tuple(self._prepare_figures()),
            footer=self._prepare_footer(),
        )

    def _prepare_notes(self):
        status = dict(self._fields["status"]._description_selection(self.env))
        yield self.company_id.name
        # What it is about is said to whoever reads the review.
        yield self.sudo().initiative_id.display_name
        yield self.env._(
            "%(status)s, %(day)s",
            status=status[self.status],
            day=format_date(self.env, self.review_date),
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
        parts = (
            ("lesson_ids", self._describe_lesson),
            ("recommendation_ids", self._describe_recommendation),
            ("feedback_ids", self._describe_feedback),
        )
        for name, describe in parts:
            if self[name]:
                title = self._fields[name]._description_string(self.env)
                said = tuple(describe(one) for one in self[name])
                yield review_pdf.Section(title, said)

    def _describe_lesson(self, lesson):
        categories = lesson._fields["category"]._description_selection(self.env)
        words = [dict(categories)[lesson.category], *lesson.tag_ids.mapped("name")]
        return lesson.lesson, ", ".join(words)

    def _describe_recommendation(self, one):
        # Names of people are said to whoever reads the review.
        person = one.sudo().responsible_id.name
        day = one.due_date and format_date(self.env, one.due_date)
        return one.description, ", ".join(filter(None, (person, day)))

    def _describe_feedback(self, feedback):
        rating = self.env._("%s of 5", feedback.rating)
        said = ", ".join(filter(None, (feedback.name, feedback.role, rating)))
        return (feedback.comment or "").strip() or "–", said

    def _prepare_figures(self):
        """The figures by what they are of, as far as the reader may see them."""
        kinds = dict(
            self.env["kpi.review.figure"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        heads = self.env._("Figure"), self.env._("Then"), self.env._("Now")
        for kind, same in self._find_figures().grouped("kind").items():
            rows = tuple((one.label, one.shown, one.shown_now) for one in same)
            yield review_pdf.Figures(kinds[kind], heads, rows)

    def _prepare_footer(self):
        if not self.frozen_at:
            return self.env._("Draft: its figures are frozen when it is submitted.")
        said = self.env._(
            "Figures of %(moment)s. Fingerprint (SHA-256): %(hash)s",
            moment=format_datetime(self.env, self.frozen_at, dt_format="medium"),
            hash=self.figures_hash,
        )
        if self.has_hidden_figures:
            said += " " + self.env._("Figures that you may not see are left out.")
        return said
