import base64
import json
from binascii import Error as Base64Error

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import open_dialog

from ..models.definition.kpi_method_mixin import METHOD_FIELDS
from ..models.integration.kpi_pack import STATES
from ..models.version.kpi_definition import ALL_HISTORY


class KpiPackImport(models.TransientModel):
    """Read a pack file, show what differs, import what is chosen."""

    _name = "kpi.pack.import"
    _description = "Import KPI Pack"

    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        domain=lambda self: [("id", "in", self.env.companies.ids)],
    )
    pack_name = fields.Char("Pack", readonly=True)
    valid_from = fields.Selection(
        [
            ("running", "From the Running Period"),
            (ALL_HISTORY, "Entire History"),
        ],
        "Changed KPIs With Values",
        required=True,
        default="running",
        help="Start of the new computation for KPIs with values. Versions in the "
        "pack keep their dates.",
    )
    asks_valid_from = fields.Boolean(readonly=True)
    line_ids = fields.One2many("kpi.pack.import.line", "wizard_id", "Differences")
    new_count = fields.Integer("New", compute="_compute_counts")
    changed_count = fields.Integer("Changed", compute="_compute_counts")
    equal_count = fields.Integer("Unchanged", compute="_compute_counts")
    impossible_count = fields.Integer("Cannot Be Imported", compute="_compute_counts")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        for wizard in self:
            states = wizard.line_ids.mapped("state")
            for state, _label in STATES:
                wizard[f"{state}_count"] = states.count(state)

    def _document(self):
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        try:
            return self.env["kpi.pack"]._read(base64.b64decode(self.file or b""))
        except Base64Error as error:
            raise UserError(
                self.env._("The file could not be read. Choose another file.")
            ) from error

    def action_preview(self):
        """List every entry of the file beside what is here."""
        self.ensure_one()
        self._check_officer()
        document = self._document()
        items = self.env["kpi.pack"]._preview(document, self.company_id)
        codes = [
            item.identity[0]
            for item in items
            if item.section == "definitions"
            and not {change.key for change in item.changes}.isdisjoint(METHOD_FIELDS)
        ]
        kpis = self.env["kpi.definition"].with_context(active_test=False)
        known = kpis.search([("code", "in", codes)])
        self.asks_valid_from = any(kpi._is_measured() for kpi in known)
        self.line_ids.unlink()
        self.pack_name = document.get("name") or self.file_name
        self.line_ids = [
            fields.Command.create(
                {
                    "section": item.section,
                    "identity": json.dumps(item.identity),
                    "name": item.label,
                    "state": item.state,
                    "differences": self._differences(item),
                    "is_chosen": item.state in ("new", "changed"),
                }
            )
            for item in items
        ]
        return open_dialog(self, self.env._("Import Pack"))

    def _differences(self, item):
        """List the differences, one per line, or say why nothing can be done."""
        if item.reason:
            return item.reason
        labels = self.env["kpi.pack"]._labels(item.section)
        changes = [
            self.env._(
                "%(field)s: %(old)s → %(new)s",
                field=labels.get(change.key, change.key),
                old=_format_change_value(change.old),
                new=_format_change_value(change.new),
            )
            for change in item.changes
        ]
        return "\n".join([*changes, *item.notes])

    def action_import(self):
        """Import the chosen entries, all of them or none, and show the KPIs."""
        self.ensure_one()
        self._check_officer()
        chosen = self.line_ids.filtered("is_chosen")
        if not chosen:
            raise UserError(self.env._("Choose at least one line."))
        wanted = {(line.section, tuple(json.loads(line.identity))) for line in chosen}
        packs = self.env["kpi.pack"]
        if self.valid_from == ALL_HISTORY:
            packs = packs.with_context(kpi_valid_from=ALL_HISTORY)
        made = packs._import(self._document(), self.company_id, wanted)["definitions"]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_definition_action"
        )
        return {**action, "domain": [("id", "in", made.ids)] if made else []}

    def _check_officer(self):
        self.env["kpi.definition"].check_access("create")


class KpiPackImportLine(models.TransientModel):
    """An entry of the pack beside what is here."""

    _name = "kpi.pack.import.line"
    _description = "KPI Pack Import Line"
    _order = "id"

    wizard_id = fields.Many2one("kpi.pack.import", required=True, ondelete="cascade")
    section = fields.Char(readonly=True)
    identity = fields.Char(readonly=True)
    name = fields.Char(readonly=True)
    state = fields.Selection(STATES, "Status", readonly=True)
    differences = fields.Text(readonly=True)
    is_chosen = fields.Boolean("Import")


def _format_change_value(value):
    if value in (None, "", []):
        return "–"
    if not isinstance(value, list):
        return str(value)
    parts = (
        row.get("field") or row.get("valid_from") or row.get("kind", "")
        if isinstance(row, dict)
        else row
        for row in value
    )
    return ", ".join(map(str, parts))
