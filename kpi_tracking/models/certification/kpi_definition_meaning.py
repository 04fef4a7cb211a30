from dataclasses import asdict

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.audit import canonical_text

from ...engine import formula as formulas
from ...engine.fingerprint import hash_text
from ..definition.kpi_definition_staleness import FOR_ALL_PERIODS
from ..definition.kpi_method_mixin import METHOD_FIELDS

OF_THE_KPI = (*FOR_ALL_PERIODS, "unit_symbol")
MEANING_FIELDS = {*OF_THE_KPI, *METHOD_FIELDS, "breakdown_ids", "calendar_id"}


class KpiDefinition(models.Model):
    """What the values of a KPI mean, as a hash: of it, its parts and their targets."""

    _inherit = "kpi.definition"

    meaning_hash = fields.Char(
        readonly=True,
        copy=False,
        exportable=False,
        help="Hash of what decides on its values, apart from its parts.",
    )
    changed_by_id = fields.Many2one(
        "res.users",
        "Computation Changed By",
        readonly=True,
        copy=False,
        exportable=False,
        help="Who last changed what decides on its values.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        definitions = super().create(vals_list)
        definitions._note_meaning()
        return definitions

    def write(self, vals):
        result = super().write(vals)
        if not MEANING_FIELDS.isdisjoint(vals):
            self._note_meaning()
        return result

    def _note_meaning(self, person=None):
        """Note who gave these KPIs another meaning; badges that do not fit fall.

        :param person: who changed them; the user if None, nobody if empty
        """
        # Whoever changes hours or a part changes formulas that they may not write.
        definitions = self.sudo().exists().with_context(active_test=False)
        hashes = {kpi: kpi._hash_meaning() for kpi in definitions}
        changed = definitions.filtered(lambda kpi: kpi.meaning_hash != hashes[kpi])
        if not changed:
            return
        # Nobody certifies meanwhile what is changed here.
        self._claim_formulas()
        for definition in changed:
            definition.write(
                {
                    "meaning_hash": hashes[definition],
                    "changed_by_id": (self.env.user if person is None else person).id,
                }
            )
        changed._find_standing_on()._drop_unfit()

    def _hash_meaning(self):
        return hash_text(canonical_text(self._describe_meaning()))

    def _describe_meaning(self):
        """What decides on the values of this KPI, apart from its parts: plain data.

        Days without work are left out: they are data as records are.
        """
        self.ensure_one()
        stretches = self._list_stretches()
        return {
            **self._describe_fields(OF_THE_KPI),
            "calendar": asdict(self.calendar_id._spec()),
            "breakdowns": sorted(
                [line.field_path or "", line.top_count] for line in self.breakdown_ids
            ),
            "versions": [
                {
                    **stretch.method._describe_fields(METHOD_FIELDS),
                    "first": stretch.first and stretch.first.isoformat(),
                    "hours": stretch.method.working_calendar_id._kpi_describe_hours(),
                }
                for stretch in stretches
            ],
        }

    def _describe_fields(self, names):
        """Values as texts that are the same for every reader."""
        # Symbols of units are translated; what they stand for is not.
        plain = self.with_context(lang=None)
        values = {
            name: self._fields[name].convert_to_write(plain[name], plain)
            for name in names
        }
        return {name: str(value or "") for name, value in values.items()}

    def _hash_certified(self):
        """Hash of all that decides on the values of this KPI, its parts included."""
        self.ensure_one()
        parts, rules = self._find_meaning()
        texts = sorted(part._hash_meaning() for part in parts - self)
        return hash_text(
            canonical_text([self._hash_meaning(), texts, sorted(map(list, rules))])
        )

    def _find_meaning(self):
        """This KPI with all that it stands on, and the rules that set targets in it.

        :return: definitions, and a set of tuples of texts
        """
        known, rules, todo = self.browse(), set(), self
        while todo:
            known |= todo
            found = todo._find_aimed_at()._fetch_target_rules()
            rules |= {tuple(map(str, row)) for row in found}
            sources = self.browse({row[2] for row in found if row[2]})
            todo = (todo.component_ids | sources) - known
        return known, rules

    def _find_aimed_at(self):
        """The KPIs whose targets or baselines these formulas name."""
        found = self.browse()
        for definition in self.filtered(lambda kpi: kpi.computation == "formula"):
            for stretch in definition._list_stretches():
                found |= stretch.method._list_aimed_at()
        return found

    def _list_aimed_at(self):
        try:
            formula = formulas.parse(self.formula or "")
        except formulas.FormulaError:  # stored by hand
            return self.browse()
        codes = formula.target_codes | formula.baseline_codes
        known = self._components_by_code() if codes else {}
        return self.browse().union(*(known[code] for code in codes & known.keys()))

    def _fetch_target_rules(self):
        """Rules that set targets of these KPIs: id of the KPI, rule, other KPI, change.

        Numbers are left out: they are data as values are.
        """
        if not self:
            return []
        self.env["kpi.target"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT definition_id, rule, source_definition_id,
                                change_percent
                  FROM kpi_target
                 WHERE definition_id = ANY(%s)
                   AND rule != 'number'
                """,
                self.ids,
            )
        )

    def _find_standing_on(self):
        """These KPIs and all whose values stand on theirs, over any number of steps."""
        found, todo = self.browse(), self
        while todo:
            found |= todo
            targets = self.env["kpi.target"].search(
                [("source_definition_id", "in", todo.ids)]
            )
            todo = (todo.user_ids | targets.definition_id) - found
        return found
