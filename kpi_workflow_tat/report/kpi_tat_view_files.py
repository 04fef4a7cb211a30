import json
from itertools import chain
from urllib.parse import quote

from lxml import etree

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime, formatLang, split_every

from odoo.addons.kpi_base.engine.tabular import write_csv, write_xlsx

from ..models.log.kpi_tat_request_file import LONGEST_ADDRESS

MOST_XLSX_ROWS = 200_000
ROWS_AT_ONCE = 1000
FORMATS = ("pdf", "xlsx", "csv")
CHOSEN = ("kpi_tat_date_from", "kpi_tat_date_to", "allowed_company_ids")


class KpiTatView(models.AbstractModel):
    """Reports as files: columns of the list, and the rows that the reader sees."""

    _inherit = "kpi.tat.view"

    def action_download_pdf(self):
        return self._download("pdf")

    def action_download_xlsx(self):
        return self._download("xlsx")

    def action_download_csv(self):
        return self._download("csv")

    def _download(self, file_format):
        """Open the file of these rows; of all that the list is about where none is.

        :raises UserError: more rows are chosen than an address can name
        """
        domain = [("id", "in", self.ids)] if self else None
        options = {
            "domain": domain or self.env.context.get("active_domain") or [],
            **{name: self.env.context.get(name) for name in CHOSEN},
        }
        asked = quote(json.dumps(options, default=str))
        if len(asked) > LONGEST_ADDRESS:
            raise UserError(
                self.env._(
                    "Too many separate rows. Choose fewer, or none to download all of"
                    " the list."
                )
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/kpi_workflow_tat/report/{self._name}/{file_format}"
            f"?options={asked}",
            "target": "download",
        }

    @api.model
    def _find_rows(self, options):
        """The rows that ``options`` ask for, as the user sees them.

        :raises ValueError: they are no such thing
        """
        if not isinstance(options, dict) or options.keys() - {"domain", *CHOSEN}:
            raise ValueError("Options are a domain, a period and companies.")
        chosen = {name: options[name] for name in CHOSEN if options.get(name)}
        companies = chosen.get("allowed_company_ids", [])
        if not isinstance(companies, list) or not all(
            isinstance(each, int) for each in companies
        ):
            raise ValueError("Companies are a list of numbers.")
        return self.with_context(**chosen).search(Domain(options.get("domain") or []))

    def _write_file(self, file_format):
        """These rows as a file.

        :return: its name and content
        """
        names, heads = self._get_file_heads()
        title = self._get_file_title()
        content = getattr(self, f"_write_{file_format}")(title, heads, names)
        return self._get_file_name(file_format), content

    @api.model
    def _get_file_title(self):
        """The name that menus give the report."""
        reports = self.env["kpi.tat.report.schedule"]._fields["report"]
        return dict(reports._description_selection(self.env))[self._name]

    @api.model
    def _get_file_name(self, file_format):
        return f"{self._get_file_title()}.{file_format}".replace("/", "-")

    @api.model
    def _get_file_heads(self):
        """Names of the columns' fields, and what people call them."""
        names = self._get_file_columns()
        return names, [
            self._fields[name]._description_string(self.env) for name in names
        ]

    @api.model
    def _get_file_columns(self):
        """Fields of the list, in its order; those that it hides at first, too."""
        return [node.get("name") for node in self._find_list_nodes()]

    @api.model
    def _find_list_nodes(self):
        arch = etree.fromstring(self.get_view(view_type="list")["arch"])
        return arch.findall("field")

    def _write_csv(self, _title, heads, names):
        return write_csv(chain([heads], self._iterate_file_rows(names)))

    def _write_xlsx(self, _title, heads, names):
        if not self._fits_xlsx():
            raise UserError(
                self.env._(
                    "An Excel file has at most %(most)s rows, and these are %(count)s."
                    " Download CSV, or choose a shorter period.",
                    most=formatLang(self.env, MOST_XLSX_ROWS, digits=0),
                    count=formatLang(self.env, len(self), digits=0),
                )
            )
        return write_xlsx(chain([heads], self._iterate_file_rows(names)))

    def _fits_xlsx(self):
        return len(self) <= MOST_XLSX_ROWS

    def _iterate_file_rows(self, names):
        """As ``_get_file_rows``, a part at a time; of others nothing is held."""
        for part in split_every(ROWS_AT_ONCE, self._ids, self.browse):
            yield from part._get_file_rows(names)
            part.invalidate_recordset(flush=False)

    def _get_file_rows(self, names):
        """The values of each row: numbers as numbers, all else as people read it."""
        texts = {name: self._get_file_writer(name) for name in names}
        return [[texts[name](row[name]) for name in names] for row in self]

    @api.model
    def _get_file_writer(self, name):
        """How a value of a field is written into files."""
        field, env = self._fields[name], self.env
        if field.type == "datetime":
            return lambda value: format_datetime(env, value) if value else None
        if field.type == "date":
            return lambda value: value or None
        if field.type == "many2one":
            # Whoever sees the row sees the names in it.
            return lambda value: value.sudo().display_name or None
        if field.type == "selection":
            labels = dict(field._description_selection(env))
            return lambda value: labels.get(value)
        if field.type == "boolean":
            words = {True: env._("Yes"), False: env._("No")}
            return lambda value: words[bool(value)]
        if field.type in ("integer", "float"):
            return lambda value: None if value is False else round(value, 2)
        return lambda value: value or None
