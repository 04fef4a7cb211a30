from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.formatting import format_day

KEPT = timedelta(days=90)
REASONS = ("unknown_words", "no_metric")


class KpiQuestionUnread(models.Model):
    """A question of which a word was not understood, without who asked it."""

    _name = "kpi.question.unread"
    _description = "Question Not Understood"
    _inherit = ["kpi.readonly.mixin"]
    _order = "asked_on desc, id desc"
    _rec_name = None  # the text is for whoever opens the list
    _log_access = False

    text = fields.Char("Question", required=True, readonly=True)
    words = fields.Char("Unknown Words", readonly=True)
    asked_on = fields.Date("Last Asked", required=True, readonly=True)
    times = fields.Integer("Times Asked", default=1, required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )

    _text_uniq = models.UniqueIndex(
        "(company_id, lower(text))", "This question is already listed."
    )

    @api.depends("asked_on")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for question in self:
            question.display_name = question.asked_on and self.env._(
                "Question on %s", format_day(self.env, question.asked_on)
            )

    @api.model
    def _note(self, text, intent):
        """List a question that was asked back because of its words."""
        if intent.reason not in REASONS or self.env.cr.readonly:
            return
        # Nobody but the officers reads which questions there were; no one writes them.
        self.sudo().flush_model()
        self.env.cr.execute(
            """
            INSERT INTO kpi_question_unread AS listed
                        (text, words, asked_on, times, company_id)
                 VALUES (%s, %s, %s, 1, %s)
            ON CONFLICT (company_id, lower(text)) DO UPDATE
                    SET times = listed.times + 1, asked_on = excluded.asked_on
            """,
            [
                " ".join(text.split()),
                ", ".join(intent.words),
                fields.Date.today(),
                self.env.company.id,
            ],
        )
        self.invalidate_model()

    def action_add_name(self):
        """Say by a new name which KPI the words mean."""
        self.ensure_one()
        self.check_access("read")
        names = self.env["kpi.definition.synonym"]
        text = (self.words or "").replace(", ", " ").lower()
        return open_dialog(names, self.env._("Add Other Name"), default_text=text)

    @api.autovacuum
    def _gc_old(self):
        oldest = fields.Date.today() - KEPT
        self.search([("asked_on", "<", oldest)]).unlink()
