import json

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL, float_compare, float_round, split_every

from .kpi_import_initiative import GATES

PART = 200  # initiatives written at once
# Of a row that are fields of the same name; the rest becomes commands.
FIELDS = (
    "name",
    "gate_class",
    "planned_go_live_date",
    "go_live_date",
    "owner_id",
    "sponsor_id",
    "department_id",
)


class KpiImportInitiative(models.AbstractModel):
    """Initiatives that are new, and those that change."""

    _inherit = "kpi.import.initiative"

    @api.model
    def _read_staged(self):
        """(row number, reference, values) of what is staged, in the file's order."""
        rows = self.env.execute_query(
            SQL(
                "SELECT number, reference, payload FROM %s ORDER BY number",
                SQL.identifier(self._staging_table),
            )
        )
        return [
            (number, reference, json.loads(text)) for number, reference, text in rows
        ]

    @api.model
    def _find_existing(self, job, references):
        initiatives = self.env["kpi.initiative"].with_context(active_test=False)
        found = initiatives.search(
            [
                ("company_id", "=", job.company_id.id),
                ("reference", "in", list(references)),
            ]
        )
        return {one.reference: one for one in found}

    @api.model
    def _name_records(self, run, entries):
        staged = self._build_staging_rows(run, entries)
        known = self._find_existing(run.job, [row[1] for row in staged])
        names = {}
        for number, reference, payload in staged:
            one = known.get(reference)
            name = json.loads(payload).get("name", reference)
            names[number] = one.display_name if one else self.env._("New: %s", name)
        return [names.get(entry.number) for entry in entries]

    @api.model
    def _counts(self, run):
        staged = self._read_staged()
        known = self._find_existing(run.job, [row[1] for row in staged])
        added = changed = 0
        for _number, reference, values in staged:
            one = known.get(reference)
            added += not one
            changed += bool(one and self._find_differing(one, values))
        return added, changed, len(staged) - added - changed

    @api.model
    def _build_created_text(self, run):
        count = list(self._find_missing_programmes().values()).count(False)
        return self.env._("%s programmes", count) if count else ""

    @api.model
    def _find_missing_programmes(self):
        """Name of each programme that is not there → its reference in the file.

        False where the file has no row of its own for it.
        """
        staged = self._read_staged()
        named = {values.get("programme") for _n, _r, values in staged}
        rows = {}
        for _number, reference, values in staged:
            rows.setdefault(values.get("name"), reference)
        rows |= {reference: reference for _number, reference, _values in staged}
        missing = sorted(name for name in named if isinstance(name, str))
        return {name: rows.get(name, False) for name in missing}

    @api.model
    def _refuse_unwritable(self, run):
        def write(rows):
            self._write_initiatives(run.job, rows, made)

        with self._undone():
            made = self._make_programmes(run.job)
            for part in split_every(PART, self._read_staged(), list):
                for row, reason in self._find_refused(part, write):
                    run.refuse(row[0], reason)

    @api.model
    def _store(self, run):
        made = self._make_programmes(run.job)
        yield
        for part in split_every(PART, self._read_staged(), list):
            self._write_initiatives(run.job, part, made)
            yield

    @api.model
    def _make_programmes(self, job):
        """Create the programmes that are named and not there; name → id.

        Those with a row of their own get its values when the rows are written.
        """
        missing = self._find_missing_programmes()
        known = self._find_existing(job, filter(None, missing.values()))
        made = {
            name: known[reference].id
            for name, reference in missing.items()
            if reference in known
        }
        # A file may name one programme by its name and by its reference.
        new = {}
        for name, reference in missing.items():
            if name not in made:
                new.setdefault((reference, reference or name), []).append(name)
        programmes = self.env["kpi.initiative"].create(
            [
                {
                    "name": names[0],
                    "reference": reference,
                    "company_id": job.company_id.id,
                    "owner_id": self.env.uid,
                }
                for (reference, _key), names in new.items()
            ]
        )
        for names, programme in zip(new.values(), programmes, strict=True):
            made |= dict.fromkeys(names, programme.id)
        return made

    @api.model
    def _write_initiatives(self, job, rows, made):
        known = self._find_existing(job, [row[1] for row in rows])
        empty = self.env["kpi.initiative"].with_company(job.company_id)
        new = []
        for _number, reference, values in rows:
            one = known.get(reference, empty)
            differing = self._find_differing(one, values, made)
            if not one:
                own = {"reference": reference, "company_id": job.company_id.id}
                new.append({"name": reference, "gate_ids": [], **differing, **own})
            elif differing:
                one.write(differing)
        self.env["kpi.initiative"].create(new)

    @api.model
    def _find_differing(self, one, values, made=None):
        """Fields in which the initiative differs from what a row says, to be written.

        :param one: none, in its company, for a new initiative, which differs in all
        """
        wanted = {name: value for name, value in values.items() if name in FIELDS}
        if "programme" in values:
            programme = values["programme"]
            wanted["parent_id"] = (made or {}).get(programme, programme)
        differing = {
            name: value
            for name, value in wanted.items()
            if not one or value != _read_as_json(one, name)
        }
        commands = {
            "cost_ids": self._list_cost_commands(one, values["costs"]),
            "gate_ids": self._list_gate_commands(one, values),
        }
        return {**differing, **{name: some for name, some in commands.items() if some}}

    @api.model
    def _list_cost_commands(self, one, costs):
        """Commands for the row of costs that is not spread over time.

        A file gives totals: the row has what the periods do not add up to.
        """
        row = one.cost_ids.filtered(lambda cost: not cost.period_start)
        digits = (one.currency_id or one.env.company.currency_id).decimal_places
        differing = {}
        for name, amount in costs.items():
            rest = _take_off(amount, (one.cost_ids - row).mapped(name), digits)
            stored = row[name] if row else False
            if (rest is False) != (stored is False) or (
                rest is not False and float_compare(stored, rest, digits)
            ):
                differing[name] = rest
        if not differing:
            return []
        return [Command.update(row.id, differing) if row else Command.create(differing)]

    @api.model
    def _list_gate_commands(self, one, values):
        names = self._list_gate_names()
        known = {gate.name: gate for gate in one.gate_ids}
        today = str(fields.Date.context_today(self))
        commands = []
        for place, key in enumerate(GATES, start=1):
            day = values["gates"].get(key)
            if not day:
                continue
            # A later day opens a gate again that was taken for passed.
            wanted = (
                {"actual_date": day}
                if day <= today
                else {"forecast_date": day, "actual_date": False}
            )
            if key == "bca" and values["approving_body"]:
                wanted["approving_body"] = values["approving_body"]
            gate = next((known[name] for name in names[key] if name in known), None)
            if not gate:
                new = {"name": names[key][0], "sequence": 10 * place, **wanted}
                commands.append(Command.create(new))
            elif any(_read_as_json(gate, name) != wanted[name] for name in wanted):
                commands.append(Command.update(gate.id, wanted))
        return commands

    @api.model
    def _find_imported_ids(self, run):
        found = self._find_existing(run.job, [row[1] for row in self._read_staged()])
        return sorted(one.id for one in found.values())

    @api.model
    def _action_open(self, job):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "kpi_benefits.kpi_initiative_action"
            ),
            "display_name": self.env._("Imported Initiatives"),
            "domain": [("id", "in", job.imported_ids or [])],
            "context": {"active_test": False},
        }


def _take_off(amount, dated, digits):
    """What is left of a total; False where all of it is spread over periods."""
    spread = [each for each in dated if each is not False]
    rest = float_round(amount - sum(spread), digits)
    return False if spread and not rest else rest


def _read_as_json(record, name):
    """Read a field as a row would have it."""
    value = record._fields[name].convert_to_write(record[name], record)
    return fields.Date.to_string(value) if name.endswith("_date") else value
