from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .access_case import KpiAccessCase
from .access_oracle import DIALOGS, ORACLE, PERSONAS

NEW_VALUES = {  # a change that is right in itself: only the person may be wrong
    "kpi.report": {"shared_user_ids": []},
    "kpi.report.group": {"description": "changed"},
    "kpi.report.group.line": {"sequence": 11},
    "kpi.target": {"note": "changed"},
    "kpi.submission": {"value": 1.0},
    "kpi.target.value": {"target": 1.0},
    "kpi.entry.duty": {"due_date": "2026-01-02"},
    "kpi.entry.due": {"due_date": "2026-01-02"},
    "kpi.measurement": {"value": 1.0},
    "kpi.measurement.revision": {"old_value": 1.0},
    "kpi.measurement.breakdown": {"value": 1.0},
    "kpi.definition": {"sequence": 11},
    "kpi.definition.breakdown": {"sequence": 11},
    "kpi.definition.category": {"color": 2},
    "kpi.tag": {"color": 2},
    "kpi.gauge.widget": {"sequence": 11},
    "kpi.team": {"active": True},
    "kpi.team.member": {"date_to": "2030-01-01"},
    "kpi.calendar": {"active": True},
    "kpi.tracking.rule": {"include_children": True},
    "kpi.gallery.set": {"sequence": 11},
    "kpi.gallery.kpi": {"sequence": 11},
    "kpi.gallery.dashboard": {"sequence": 11},
    "kpi.calendar.day": {"day": "2026-01-02"},
    "kpi.working.day": {"day": "2026-01-02"},
    "kpi.membership": {"date_to": "2030-01-01"},
    "kpi.currency.rate": {"rate": 2.0},
    "kpi.source": {"last_error": "changed"},
    "kpi.api.scope": {"name": "changed"},
    "kpi.api.key": {"requests_per_minute": 7},
    "kpi.api.log": {"status": 7},
    "kpi.audit.anchor": {"size": 7},
    "kpi.audit.head": {"seq": 7},
    "kpi.audit.leaf": {"leaf_index": 7},
    "kpi.audit.log": {"seq": 7},
    "kpi.audit.personal": {"name": "changed"},
    "kpi.delivery": {"last_error": "changed"},
    "kpi.import": {"policy": "all"},
    "kpi.import.mapping": {"policy": "all"},
    "kpi.import.column": {"period_day": "2026-01-02"},
    "kpi.dashboard": {"sequence": 11},
    "kpi.dashboard.tile": {"sequence": 11},
    "kpi.dashboard.visit": {"view_count": 7},
    "kpi.dashboard.card": {"sequence": 11},
    "kpi.dashboard.filter": {"name": "changed"},
    "kpi.dashboard.share": {"name": "changed"},
    "kpi.annotation": {"text": "changed"},
    "kpi.period.report": {"period_count": 7},
    "kpi.dashboard.schedule": {"hour": 8},
    "kpi.period.report.schedule": {"hour": 8},
    "kpi.job": {"name": "changed"},
    "kpi.job.line": {"name": "changed"},
}


@tagged("post_install", "-at_install")
class TestKpiAccessMatrix(KpiAccessCase):
    """Every person × model × operation, against the table made by hand."""

    def test_every_model_stands_in_the_table(self):
        ours = {
            name: model
            for name, model in self.env.registry.items()
            if model._original_module == "kpi_tracking" and not model._abstract
        }
        dialogs = {name for name, model in ours.items() if model._transient}
        self.assertEqual(ours.keys() - dialogs, set(ORACLE))
        self.assertEqual(dialogs, set(DIALOGS))
        self.assertEqual(set(self.records), set(ORACLE))

    def test_dialogs(self):
        for model, allowed in DIALOGS.items():
            for persona in PERSONAS:
                own = self.as_user(persona, model)
                for operation in ("read", "write", "create"):
                    with self.subTest(persona=persona, model=model, op=operation):
                        done = own.has_access(operation)
                        self.assertEqual(done, persona in allowed)

    def _cells(self, operation):
        """(person, model, keys allowed, records by key) of the whole table."""
        for model, table in ORACLE.items():
            records = self.records[model]
            for persona in PERSONAS:
                yield persona, model, table[operation][persona] & set(records), records

    def test_read(self):
        for persona, model, allowed, records in self._cells("read"):
            own = self.as_user(persona, model)
            with self.subTest(persona=persona, model=model):
                # All fields, computed ones too, of what is allowed, in one go …
                own.browse([records[key].id for key in allowed]).read()
                for key, record in self._tried(own, "read", allowed, records):
                    if key not in allowed:  # … and not a single other row
                        self.assert_refused(own.browse(record.id).read, AccessError)

    def test_find(self):
        for persona, model, allowed, records in self._cells("read"):
            own = self.as_user(persona, model)
            domain = [("id", "in", [record.id for record in records.values()])]
            expected = sorted(records[key].id for key in allowed)
            for way, find in WAYS.items():
                with self.subTest(persona=persona, model=model, way=way):
                    if not own.has_access("read"):
                        self.assertFalse(expected)
                        with self.assertRaises(AccessError):
                            find(own, domain)
                        continue
                    found = find(own, domain)
                    if isinstance(found, int):
                        self.assertEqual(found, len(expected))
                    else:
                        self.assertEqual(sorted(found), expected)

    def test_export(self):
        for persona, model, allowed, records in self._cells("read"):
            own = self.as_user(persona, model)
            for key, record in self._tried(own, "read", allowed, records):
                with self.subTest(persona=persona, model=model, key=key):
                    done = self.is_done(
                        lambda own=own, record=record: own.browse(
                            record.id
                        ).export_data([".id", "display_name"])
                    )
                    self.assertEqual(done, key in allowed)

    def test_write(self):
        self._test_change(
            "write", lambda record: record.write(NEW_VALUES[record._name])
        )

    def test_unlink(self):
        def unlink(record):
            # Values and earlier values would keep anybody from deleting the KPI.
            if record._name == "kpi.report":
                record = self._without_values(record)
            record.unlink()

        self._test_change("unlink", unlink)

    def _test_change(self, operation, change):
        for persona, model, allowed, records in self._cells(operation):
            own = self.as_user(persona, model)
            for key, record in self._tried(own, operation, allowed, records):
                with self.subTest(persona=persona, model=model, key=key):
                    row = own.browse(record.id)
                    done = self.is_done(lambda row=row: change(row))
                    self.assertEqual(done, key in allowed)

    def _tried(self, own, operation, allowed, records):
        """All records; only one of them where the whole model is refused already."""
        if own.has_access(operation):
            return list(records.items())
        self.assertFalse(allowed, f"{own.env.user.name}: {own._name}, {operation}")
        return list(records.items())[:1]

    def _without_values(self, report):
        """A KPI like ``report`` without values; a person's own rights stay at work."""
        bare = report.sudo().copy(
            {"definition_id": self.untracked[report.sudo().company_id].id}
        )
        return bare.with_user(report.env.user)

    def test_create(self):
        for persona, model, allowed, records in self._cells("create"):
            own = self.as_user(persona, model)
            for key, record in self._tried(own, "create", allowed, records):
                values = self._values_like(model, record)
                with self.subTest(persona=persona, model=model, key=key):
                    done = self.is_done(
                        lambda own=own, values=values: own.create(values)
                    )
                    self.assertEqual(done, key in allowed)

    def _values_like(self, model, record):
        """Values of a new record that belongs where ``record`` does."""
        if model == "kpi.report":
            definition = self.untracked[record.company_id]
            values = {
                name: record[name].id
                for name in ("company_id", "department_id", "team_id", "user_id")
            }
            values["scope_type"] = record.scope_type
            return {**values, "definition_id": definition.id}
        if model == "kpi.report.group.line":
            twin = record.group_id.copy({"line_ids": False})
            return {"group_id": twin.id, "report_id": record.report_id.id}
        (values,) = record.with_context(active_test=False).copy_data()
        later = {
            "kpi.report.group": {"line_ids": []},
            "kpi.target": {"date_from": date(2026, 2, 1)},
            "kpi.definition.breakdown": {"field_path": "lang"},
            "kpi.tag": {"name": "Access 2"},
            "kpi.gallery.kpi": {"code": "access_2"},
            "kpi.team.member": {"user_id": self.users["none"].id},
            "kpi.calendar.day": {"day": date(2026, 1, 2)},
            "kpi.working.day": {"day": date(2026, 1, 2)},
            "kpi.currency.rate": {"day": date(2001, 1, 2)},
            "kpi.source": {"key": "access"},
            "kpi.import": {"file": b"QSxC"},
            "kpi.delivery": {"key": "access"},
            "kpi.dashboard.filter": {"name": "Access 2"},
        }
        return {**values, **later.get(model, {})}


def _ids(rows):
    return [row["id"] for row in rows]


def _ids_in_groups(groups):
    return [record_id for group in groups for record_id in group]


WAYS = {
    "search": lambda own, domain: own.search(domain).ids,
    "search_count": lambda own, domain: own.search_count(domain),
    "search_read": lambda own, domain: _ids(own.search_read(domain, ["id"])),
    "web_search_read": lambda own, domain: _ids(
        own.web_search_read(domain, {"display_name": {}})["records"]
    ),
    "name_search": lambda own, domain: [
        record_id for record_id, _name in own.name_search("", domain, limit=None)
    ],
    "read_group": lambda own, domain: own._read_group(domain, [], ["__count"])[0][0],
    "grouped ids": lambda own, domain: _ids_in_groups(
        ids for _id, ids in own._read_group(domain, ["id"], ["id:array_agg"])
    ),
    "formatted_read_group": lambda own, domain: sum(
        group["__count"]
        for group in own.formatted_read_group(domain, ["id"], ["__count"])
    ),
    "web_read_group": lambda own, domain: sum(
        group["__count"]
        for group in own.web_read_group(domain, ["id"], ["__count"])["groups"]
    ),
    "grouping sets": lambda own, domain: own._read_grouping_sets(
        domain, [[]], ["__count"]
    )[0][0][0],
}
