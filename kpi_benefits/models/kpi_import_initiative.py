import json

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, float_compare, float_round, split_every

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.engine.links import list_circles
from odoo.addons.kpi_base.engine.tabular import TargetColumn, TargetOption
from odoo.addons.kpi_base.formatting import format_number
from odoo.addons.kpi_base.names import NameIndex
from odoo.addons.kpi_base.row_reasons import RowReasons

from .initiative.kpi_initiative_cost import LARGEST

# Titles of gates of capital projects, in the order in which they are passed.
GATES = ("bni", "pbc", "bca", "tender", "stage1", "stage2", "stage3")
ALIASES = {
    "reference": ("id", "project id", "project number", "initiative id"),
    "name": ("title", "initiative", "project"),
    "programme": ("program", "delivery program", "parent"),
    "owner": ("project owner",),
    "gate_class": ("ept",),
    "planned_cost": ("budget",),
    "forecast_cost": ("ffc", "final forecast cost"),
    "approving_body": ("approval body", "decided by"),
    "tender": ("tender closed",),
}
PLAIN = ("name", "gate_class")
DATES = ("planned_go_live_date", "go_live_date")
COSTS = {
    "planned_cost": "planned",
    "forecast_cost": "forecast",
    "actual_cost": "actual",
}
NAMES_OF = {
    "owner": ("res.users", ("login", "email", "name")),
    "sponsor": ("res.users", ("login", "email", "name")),
    "department": ("hr.department", ("name", "complete_name")),
}
NAMED_BY = {
    "owner": "login",
    "sponsor": "login",
    "department": "complete_name",
    "programme": "name",
}
LOOKED_UP = {**NAMES_OF, "programme": ("kpi.initiative", ("name", "reference"))}
PART = 200  # initiatives written at once
# Of a row that are fields of the same name; the rest becomes commands.
FIELDS = {*PLAIN, *DATES, *(f"{kind}_id" for kind in NAMES_OF)}


class KpiImportInitiative(models.AbstractModel):
    """Initiatives with their gates and total costs, identified by their reference."""

    _name = "kpi.import.initiative"
    _description = "Initiative Import"
    _inherit = ["kpi.import.target"]
    _tried_at_once = PART
    _staging = {"reference": "text", "payload": "jsonb"}
    _staging_key = ("reference",)

    def _columns(self):
        labels = {
            "reference": self.env._("Reference"),
            "name": self.env._("Name"),
            "programme": self.env._("Program"),
            "owner": self.env._("Owner"),
            "sponsor": self.env._("Sponsor"),
            "department": self.env._("Department"),
            "gate_class": self.env._("Gate class"),
            "planned_cost": self.env._("Planned cost"),
            "forecast_cost": self.env._("Forecast cost"),
            "actual_cost": self.env._("Actual cost"),
            "planned_go_live_date": self.env._("Planned go-live"),
            "go_live_date": self.env._("Go-live"),
            "approving_body": self.env._("Approving body"),
            **self._name_gates(),
        }
        kinds = dict.fromkeys((*DATES, *GATES), "moment") | dict.fromkeys(
            COSTS, "number"
        )
        return [
            TargetColumn(
                key,
                label,
                kinds.get(key, "text"),
                is_required=key == "reference",
                aliases=ALIASES.get(key, ()),
                unit="money" if key in COSTS else None,
            )
            for key, label in labels.items()
        ]

    def _name_gates(self):
        return {
            "bni": self.env._("Business need identified"),
            "pbc": self.env._("Preliminary business case"),
            "bca": self.env._("Business case approved"),
            "tender": self.env._("Tender closed"),
            "stage1": self.env._("Stage 1"),
            "stage2": self.env._("Stage 2"),
            "stage3": self.env._("Stage 3"),
        }

    def _options(self, job):
        return [
            TargetOption(
                "creates_programmes",
                self.env._("Create Missing Programs"),
                default=True,
                help=self.env._(
                    "If disabled, rows with unknown programs are rejected."
                ),
            )
        ]

    def _note(self):
        return self.env._(
            "Gate dates up to today count as passed, later ones as forecast."
        )

    def _missing(self, job, keys):
        self.env["kpi.initiative"].check_access("create")
        return super()._missing(job, keys)

    def _build_staging_rows(self, run, entries):
        self.env["kpi.initiative"].check_access("create")
        found = {kind: self._find_named_ids(run, entries, kind) for kind in LOOKED_UP}
        rows = []
        for entry in entries:
            try:
                values = self._prepare_row_values(run, entry.values, found)
            except UserError as error:
                run.refuse_by(entry.number, error)
                continue
            reference = entry.values["reference"]
            rows.append((entry.number, reference, json.dumps(values)))
        return rows

    def _make_names(self, job, key):
        if key not in LOOKED_UP:
            return None
        model, names = LOOKED_UP[key]
        company = job.company_id
        own = Domain("company_id", "in", [*company.ids, False])
        if model == "res.users":  # customers with a login own nothing here
            own = Domain("company_ids", "in", company.ids) & Domain("share", "=", False)
        return NameIndex(self.env[model], names, NAMED_BY[key], own), bool

    def _prepare_row_values(self, run, given, found):
        """What a row says of an initiative, as JSON can hold it."""
        reasons = RowReasons()
        if not given.get("reference"):
            reasons.add(self.env._("The row has no reference."), "reference")
        values = {name: given[name] for name in PLAIN if name in given}
        values |= {name: str(given[name].day) for name in DATES if name in given}
        for kind in [one for one in LOOKED_UP if one in given]:
            name = "programme" if kind == "programme" else f"{kind}_id"
            is_made = kind == "programme" and run.options["creates_programmes"]
            ids = found[kind].get(given[kind], ())
            with reasons.noting(kind):
                values[name] = self._choose_named(ids, kind, given[kind], is_made)
        values["costs"] = {
            name: given[key] for key, name in COSTS.items() if key in given
        }
        for key in COSTS.keys() & given.keys():
            if not abs(given[key]) <= LARGEST:
                why = self.env._(
                    "The cost %s exceeds the limit of 1,000,000,000,000.",
                    format_number(self.env, given[key], 2),
                )
                reasons.add(why, key)
        reasons.check()
        values["gates"] = {key: str(given[key].day) for key in GATES if given.get(key)}
        values["approving_body"] = given.get("approving_body", "")
        return values

    def _refuse_duplicates(self, run):
        result = super()._refuse_duplicates(run)
        self._drop_refused(run)
        staged = self._read_staged()
        numbers = {reference: number for number, reference, _values in staged}
        above = self._find_above(run.job, staged)
        initiatives = self.env["kpi.initiative"]
        for circle in list_circles(above):
            path = " → ".join(
                node if isinstance(node, str) else initiatives.browse(node).display_name
                for node in [*circle, circle[0]]
            )
            reason = self.env._("Circular hierarchy: %s.", path)
            for reference in circle:
                if reference in numbers:
                    run.refuse(numbers[reference], reason, ("programme",))
        return result

    def _find_above(self, job, staged):
        """What each initiative is below of after the import.

        Those with a row are named by their reference, others by their id.
        """
        known = self._find_existing(job, [row[1] for row in staged])
        rows = {one.id: reference for reference, one in known.items()}
        missing = self._find_missing_programmes(staged)
        above = {}
        for _number, reference, values in staged:
            own = known.get(reference, self.env["kpi.initiative"]).parent_id.id
            programme = values.get("programme", own)
            above[reference] = missing.get(programme) or rows.get(programme, programme)
        for node in list(above.values()):
            while isinstance(node, int) and node and node not in above:
                parent = self.env["kpi.initiative"].browse(node).parent_id.id
                above[node] = rows.get(parent, parent)
                node = above[node]
        return above

    def _read_staged(self):
        """(row number, reference, values) of what is staged, in the file's order."""
        return self.env.execute_query(
            SQL(
                "SELECT number, reference, payload FROM %s ORDER BY number",
                SQL.identifier(self._staging_table),
            )
        )

    def _find_existing(self, job, references):
        initiatives = self.env["kpi.initiative"].with_context(active_test=False)
        found = initiatives.search(
            [
                ("company_id", "=", job.company_id.id),
                ("reference", "in", list(references)),
            ]
        )
        return {one.reference: one for one in found}

    def _name_records(self, run, entries):
        staged = self._build_staging_rows(run, entries)
        known = self._find_existing(run.job, [row[1] for row in staged])
        names = {}
        for number, reference, payload in staged:
            one = known.get(reference)
            name = json.loads(payload).get("name", reference)
            names[number] = one.display_name if one else self.env._("New: %s", name)
        return [names.get(entry.number) for entry in entries]

    def _counts(self, run):
        staged = self._read_staged()
        known = self._find_existing(run.job, [row[1] for row in staged])
        added = changed = 0
        for _number, reference, values in staged:
            one = known.get(reference)
            added += not one
            changed += bool(one and self._find_differing(one, values))
        return added, changed, len(staged) - added - changed

    def _build_created_text(self, run):
        missing = self._find_missing_programmes(self._read_staged())
        count = list(missing.values()).count(False)
        programs = self.env._("1 program"), self.env._("%s programs")
        return say_count(count, *programs) if count else ""

    def _find_missing_programmes(self, some):
        """Name of each programme of ``some`` rows that is not there → its reference.

        False where the file has no row of its own for it.
        """
        named = {values.get("programme") for _n, _r, values in some}
        staged, rows = self._read_staged(), {}
        for _number, reference, values in staged:
            rows.setdefault(values.get("name"), reference)
        rows |= {reference: reference for _number, reference, _values in staged}
        missing = sorted(name for name in named if isinstance(name, str))
        return {name: rows.get(name, False) for name in missing}

    def _list_tried(self, run):
        return self._read_staged()

    def _write_tried(self, run, items):
        self._write_initiatives(run.job, items, {})
        numbers = {reference: {number} for number, reference, _values in items}
        found = self._find_existing(run.job, numbers)
        return {
            record: numbers[reference]
            for reference, one in found.items()
            for record in (one, *one.gate_ids)
        }

    def _store(self, run):
        made = {}
        for part in split_every(PART, self._read_staged(), list):
            self._write_initiatives(run.job, part, made)
            yield len(part)

    def _make_programmes(self, job, rows, made):
        """Create the programmes that ``rows`` name and that are not there.

        Those with a row of their own get its values when that is written.

        :param made: name → id of those that are made; they are added
        """
        missing = self._find_missing_programmes(rows)
        known = self._find_existing(job, filter(None, missing.values()))
        made |= {
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

    def _write_initiatives(self, job, rows, made):
        """Write initiatives and the programmes above; as ``_make_programmes``."""
        self._make_programmes(job, rows, made)
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

    def _list_cost_commands(self, one, costs):
        """Commands for the row of costs that is not spread over time.

        A file gives totals: the row has what the periods do not add up to.
        """
        row = one.cost_ids.filtered(lambda cost: not cost.period_start)
        digits = (one.currency_id or one.env.company.currency_id).decimal_places
        differing = {}
        for name, amount in costs.items():
            dated = [
                cost[name] for cost in one.cost_ids - row if cost[name] is not False
            ]
            # Nothing, not 0, where all of it is spread over periods.
            rest = float_round(amount - sum(dated), digits)
            rest = False if dated and not rest else rest
            stored = row[name] if row else False
            if (rest is False) != (stored is False) or (
                rest is not False and float_compare(stored, rest, digits)
            ):
                differing[name] = rest
        if not differing:
            return []
        return [Command.update(row.id, differing) if row else Command.create(differing)]

    def _list_gate_commands(self, one, values):
        # Own language first: people speak several.
        codes = [self.env.lang, *dict(self.env["res.lang"].get_installed())]
        words = [
            self.with_context(lang=code)._name_gates() for code in filter(None, codes)
        ]
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
            names = [some[key] for some in words]
            gate = next((known[name] for name in names if name in known), None)
            if not gate:
                new = {"name": names[0], "sequence": 10 * place, **wanted}
                commands.append(Command.create(new))
            elif any(_read_as_json(gate, name) != wanted[name] for name in wanted):
                commands.append(Command.update(gate.id, wanted))
        return commands

    def _find_imported_ids(self, run):
        found = self._find_existing(run.job, [row[1] for row in self._read_staged()])
        return sorted(one.id for one in found.values())

    def _action_open(self, job):
        return open_list(
            self.env,
            "kpi_benefits.kpi_initiative_action",
            [("id", "in", job.imported_ids or [])],
            display_name=self.env._("Imported Initiatives"),
            context={"active_test": False},
        )


class KpiImportOptions(models.AbstractModel):
    """Initiatives come from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[("kpi.import.initiative", "Initiatives")],
        ondelete={"kpi.import.initiative": "cascade"},
    )


def _read_as_json(record, name):
    """Read a field as a row would have it."""
    value = record._fields[name].convert_to_write(record[name], record)
    return fields.Date.to_string(value) if name.endswith("_date") else value
