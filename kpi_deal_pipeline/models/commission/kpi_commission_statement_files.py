from odoo import fields, models
from odoo.tools import file_path, format_date
from odoo.tools.misc import format_amount

from odoo.addons.kpi_tracking.engine import table_pdf
from odoo.addons.kpi_tracking.models.display.kpi_period_report_files import (
    FONTS,
    MIME_TYPES,
)

from ...engine import statement as statement_file
from .kpi_commission import exact


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
        content = getattr(self, f"_file_{file_format}")(self._said())
        name = f"{self.display_name}.{file_format}".replace("/", "-")
        return name, MIME_TYPES[file_format], content

    def _file_pdf(self, said):
        fonts = table_pdf.Fonts(*(file_path(FONTS % s) for s in ("Regular", "Bold")))
        fonts.register()
        return statement_file.pdf(said, table_pdf.REGULAR, table_pdf.BOLD)

    def _file_xlsx(self, said):
        return statement_file.xlsx(said, min(self.currency_id.decimal_places, 2))

    def _said(self):
        """The statement in the reader's words."""
        return statement_file.Statement(
            title=self.env._("Statement of commissions"),
            notes=(self.company_id.name, self.display_name, self._state_text()),
            heads=(
                self.env._("Date"),
                self.env._("Deal"),
                self.env._("What"),
                self.env._("Amount"),
            ),
            entries=tuple(
                statement_file.Entry(
                    format_date(self.env, line.day),
                    line.deal_id.title or "",
                    line.description,
                    exact(line.amount),
                    format_amount(self.env, line.amount, self.currency_id),
                )
                for line in self._said_lines()
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

    def _said_lines(self):
        # The agent reads the titles of the own deals, also of those handed on since.
        return self.sudo().line_ids

    def _totals(self):
        totals = [(self.env._("Earned"), self.earned_amount)]
        if self.draw_amount or self.owed_before:
            totals += [
                (self.env._("Guaranteed"), self.draw_amount),
                (self.env._("Advanced before"), self.owed_before),
                (self.env._("Still advanced"), self.owed_after),
            ]
        return [*totals, (self.env._("To pay"), self.paid_amount)]

    def _state_text(self):
        if self.state == "draft":
            return self.env._("Draft: nothing is stated yet")
        return self.env._("Issued on %s", format_date(self.env, self.issued_at))

    def _footer(self):
        if self.acknowledged_at:
            return self.env._(
                "Acknowledged by %(agent)s on %(moment)s UTC.",
                agent=self.agent_id.name,
                moment=fields.Datetime.to_string(self.acknowledged_at),
            )
        return self.env._("Not acknowledged yet.")
