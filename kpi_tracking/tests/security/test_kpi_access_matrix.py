from datetime import date

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin

from .access_case import KpiAccessCase
from .access_oracle import DIALOGS, ORACLE, SEEN

NEW_VALUES = {
    "kpi.report": {"submitter_ids": []},
    "kpi.report.group": {"description": "changed"},
    "kpi.report.group.line": {"sequence": 11},
    "kpi.target": {"note": "changed"},
    "kpi.submission": {"value": 1.0},
    "kpi.target.value": {"target": 1.0},
    "kpi.entry.duty": {"due_date": "2026-01-02"},
    "kpi.entry.due": {"due_date": "2026-01-02"},
    "kpi.measurement": {"value": 1.0},
    "kpi.measurement.revision": {"old_value": 1.0},
    "kpi.restatement": {"new_value": 1.0},
    "kpi.measurement.breakdown": {"value": 1.0},
    "kpi.definition": {"sequence": 11},
    "kpi.definition.breakdown": {"sequence": 11},
    "kpi.definition.version": {"reason": "changed"},
    "kpi.definition.category": {"color": 2},
    "kpi.tag": {"color": 2},
    "kpi.gauge.widget": {"sequence": 11},
    "kpi.calendar": {"active": True},
    "kpi.tracking.rule": {"include_children": True},
    "kpi.gallery.set": {"sequence": 11},
    "kpi.gallery.kpi": {"sequence": 11},
    "kpi.calendar.day": {"day": "2026-01-02"},
    "kpi.source": {"last_error": "changed"},
    "kpi.period.report": {"period_count": 7},
    "kpi.period.report.schedule": {"hour": 8},
    "kpi.job": {"name": "changed"},
    "kpi.job.line": {"name": "changed"},
}


def _passes(rules):
    """Whether somebody sees what these rules are about, as Odoo takes them together."""
    needed = [rule["passes"] for rule in rules if rule["is_needed"]]
    others = [
        rule["passes"] for rule in rules if rule["applies"] and not rule["is_needed"]
    ]
    return all(needed) and any(others)


@tagged("post_install", "-at_install")
class TestKpiAccessMatrix(AccessMatrixMixin, KpiAccessCase):
    """Who may do what with the records of this addon."""

    addon = "kpi_tracking"
    oracle = ORACLE
    dialogs = DIALOGS
    new_values = NEW_VALUES

    def test_who_sees_a_kpi_is_said_as_it_is(self):
        for key, report in self.report.items():
            asker = report.with_env(self.env(user=self.users["admin"], su=False))
            asker = asker.with_env(
                asker.env(context={"allowed_company_ids": self.env.companies.ids})
            )
            for persona, user in self.users.items():
                if persona not in SEEN:
                    continue
                with self.subTest(report=key, persona=persona):
                    found = asker.get_reading_rules(user.id)
                    self.assertEqual(found["sees"], key in SEEN[persona])
                    self.assertEqual(found["sees"], _passes(found["rules"]))

    def _values_of_another(self):
        return {
            "kpi.report.group": {"line_ids": [], "member_ids": []},
            "kpi.target": {"date_from": date(2026, 2, 1)},
            "kpi.definition.breakdown": {"field_path": "lang"},
            "kpi.definition.version": {"valid_from": date(2026, 2, 1)},
            "kpi.tag": {"name": "Access 2"},
            "kpi.gallery.kpi": {"code": "access_2"},
            "kpi.calendar.day": {"day": date(2026, 1, 2)},
            "kpi.source": {"key": "access"},
        }

    def _deletable(self, record):
        # Values and earlier values would keep anybody from deleting the KPI.
        return self._without_values(record) if record._name == "kpi.report" else record

    def _without_values(self, report):
        """A KPI like ``report`` without values; a person's own rights stay at work."""
        with self._as_colleagues(self.users["user"]):  # it may be shared with them
            bare = report.sudo().copy(
                {"definition_id": self.untracked[report.sudo().company_id].id}
            )
        return bare.with_user(report.env.user)

    def _values_like(self, model, record):
        if model == "kpi.report":
            definition = self.untracked[record.company_id]
            values = {
                name: record[name].id
                for name in ("company_id", "department_id", "team_id", "user_id")
            }
            values["scope_type"] = record.scope_type
            return {**values, "definition_id": definition.id}
        if model == "kpi.report.group.line":
            twin = record.group_id.copy({"line_ids": False, "member_ids": False})
            return {"group_id": twin.id, "report_id": record.report_id.id}
        return super()._values_like(model, record)
