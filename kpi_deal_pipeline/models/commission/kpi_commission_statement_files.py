from odoo import models
from odoo.tools import format_datetime
from odoo.tools.misc import format_amount

from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.table_files import MIME_TYPES, get_fonts

from ...engine import statement as statement_file


class KpiCommissionStatement(models.Model):
    """Statements as files."""

    _inherit = "kpi.commission.statement"

    def action_download_pdf(self):
        return self._download("pdf")

    def action_download_xlsx(self):
        return self._download("xlsx")

    def _download(self, file_format):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/kpi_deal_pipeline/statement/{self.id}/{file_format}",
            "target": "download",
        }

    def _file(self, file_format):
        """Name, type and content of the statement as ``pdf`` or ``xlsx``."""
        self.check_access("read")
        content = getattr(self, f"_file_{file_format}")(self._prepare_statement())
        name = f"{self.display_name}.{file_format}".replace("/", "-")
        return name, MIME_TYPES[file_format], content

    def _file_pdf(self, said):
        return statement_file.pdf(said, get_fonts())

    def _file_xlsx(self, said):
        return statement_file.xlsx(said, min(self.currency_id.decimal_places, 2))

    def _prepare_statement(self):
        """The statement in the reader's words."""
        return statement_file.Statement(
            title=self.env._("Commission statement"),
            notes=tuple(
                filter(
                    None,
                    (
                        self.company_id.name,
                        self.display_name,
                        self._state_text(),
                        self._payment_text(),
                        self.earlier_text,
                    ),
                )
            ),
            heads=(
                self.env._("Date"),
                self.env._("Deal"),
                self.env._("Description"),
                self.env._("Amount"),
            ),
            entries=tuple(
                statement_file.Entry(
                    self._format_day(line.day),
                    line.deal_id.title or "",
                    self._describe(line),
                    exact(line.amount),
                    format_amount(self.env, line.amount, self.currency_id),
                )
                for line in self._get_statement_lines()
            ),
            totals=tuple(
                (
                    label,
                    exact(amount),
                    format_amount(self.env, amount, self.currency_id),
                )
                for label, amount in self._totals()
            ),
            footer=self._footer(),
        )

    def _describe(self, line):
        if line.is_earlier:
            return self.env._("%s (from an earlier period)", line.description)
        return line.description

    def _get_statement_lines(self):
        # The agent reads the titles of the own deals, also of those handed on since.
        return self.sudo().line_ids

    def _totals(self):
        totals = [(self.env._("Earned"), self.earned_amount)]
        if self.draw_amount or self.owed_before:
            totals += [
                (self.env._("Guaranteed"), self.draw_amount),
                (self.env._("Advance brought forward"), self.owed_before),
                (self.env._("Advance carried forward"), self.owed_after),
            ]
        if self.settled_amount:
            totals += [
                (self.env._("Payout"), self.paid_amount),
                (self.env._("Paid"), self.settled_amount),
            ]
        return [*totals, (self.env._("To pay"), self.unpaid_amount)]

    def _state_text(self):
        if self.state == "draft":
            return self.env._("Draft, not issued yet")
        return self.env._("Issued on %s", self._format_day(self.issued_at))

    def _payment_text(self):
        day = self.paid_on
        return self.env._("Paid on %s", self._format_day(day)) if day else ""

    def _footer(self):
        if self.acknowledged_at:
            return self.env._(
                "Acknowledged by %(agent)s on %(moment)s.",
                agent=self.agent_id.name,
                moment=format_datetime(
                    self.env, self.acknowledged_at, dt_format="medium"
                ),
            )
        return self.env._("Not acknowledged yet.")
