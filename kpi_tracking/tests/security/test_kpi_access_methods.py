from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.common import is_in_sample
from odoo.addons.kpi_base.tests.security.access_methods import (
    WATCHED,
    AccessMethodsMixin,
    public_methods,
)

from .access_case import KpiAccessCase

SECRET = 987_654.0
# Why each public method of ours may be public; the tests call it as people who may do
# nothing.
REASONS = {
    "kpi.certify.wizard": {
        "action_certify": "asks who certifies the KPI, then writes as superuser",
    },
    "kpi.approval.change": {
        "get_effect": "asks for the right to read; leaves out what the user cannot see",
    },
    "kpi.definition": {
        "action_move_uses": "asks for the right to write; changes as the user",
        "action_open_measurements": "returns a window, which searches with rules",
        "action_open_reports": "returns a window, which searches with rules",
        "propose_change": "asks for the right to write; proposes as the user",
        "action_recompute": "asks for the right to write; queues a job as superuser",
        "action_withdraw_certification": "asks who certifies, then writes as superuser",
        "action_track_company": "asks for the right to write; creates KPIs as the user",
        "action_open_calculated": "asks for the right to write; queues a job",
        "action_track_view": "asks for the right to define, and to read the records",
        "get_certification": "asks for the right to read",
        "get_measurable_models": "names of the models that the user may read",
        "get_change": "asks for the right to define; compares what the user may read",
        "name_search": "as Odoo's: searches with rules",
        "get_uses": "asks for the right to read; names what the user may see",
        "get_preview": "asks for the right to define; counts what the user may read",
    },
    "kpi.example": {
        "action_remove": "asks for the right to define; deletes what it made",
        "action_try": "asks for the right to define; makes its own as superuser",
    },
    "kpi.explanation": {
        "action_open_records": "ids that the reader may read, of a KPI they may see",
        "action_open_written": "ids that the reader may read, of a KPI they may see",
    },
    "kpi.restatement": {
        "action_explain": "returns a window; reads the value as the user",
    },
    "kpi.gallery.kpi": {
        "action_choose": "returns a window",
        "action_open": "returns a window, which searches with rules",
        "action_turn_off": "asks for the right to define; archives as the user",
        "action_turn_on": "asks for the right to define; creates as the user",
    },
    "kpi.gallery.set": {
        "action_choose": "returns a window",
        "action_start": "asks for the right to define; creates as the user",
        "action_open_kpis": "returns a window, which searches with rules",
        "action_turn_off": "asks for the right to define; archives as the user",
        "action_turn_on": "asks for the right to define; creates as the user",
    },
    "kpi.gallery.wizard": {
        "action_turn_on": "asks for the right to define; creates as the user",
    },
    "kpi.home": {
        "get_start": "asks for the right to define; counts what the user may read",
        "get_needs": "finds entries and decisions with the user's rules",
        "get_summary": "finds KPIs, entries and decisions with the user's rules",
        "open_counted": "opens what get_summary counts",
    },
    "kpi.job": {
        "get_update": "for who opens KPIs; how old all values are, and no more",
        "request_update": "for who opens KPIs; one of what runs anyway",
    },
    "kpi.measurement": {
        "action_explain": "returns a window; reads the value as the user",
        "action_open_revisions": "returns a window; reads the value as the user",
    },
    "kpi.pack.export": {
        "action_export": "officers only, by its rights; reads as the user",
    },
    "kpi.pack.import": {
        "action_import": "asks for the right to define; writes as the user",
        "action_preview": "asks for the right to define; tries it as the user",
    },
    "kpi.period.report": {
        "action_open": "returns the table, which is read as the user",
        "get_matrix": "finds and reads the KPIs with the user's rules",
        "get_save_action": "returns a window with what the user asked for",
        "get_start": "finds the saved tables with the user's rules",
    },
    "kpi.period.report.schedule": {
        "action_leave": "for a receiver who may read it: takes off that person only",
        "action_send_to_me": "asks for the right to read; mails what the user may see",
    },
    "kpi.recompute.wizard": {
        "action_recompute": "officers only, by its rights; queues a job as superuser",
    },
    "kpi.report": {
        "action_open_found": "asks for the right to read",
        "find_by_name": "finds what the user may read",
        "action_cascade_target": "asks for the right to write the target",
        "action_copy_targets": "returns a window; reads the targets as the user",
        "action_enter_value": "checks who may enter; returns a window",
        "action_enter_values": "checks who may enter; returns a window",
        "action_explain": "returns a window; reads the KPI as the user",
        "action_propose_target": "returns a window",
        "action_explain_period": "returns a window, which reads the KPI as the user",
        "action_open_definition": "returns a window",
        "action_open_due": "returns a window, which searches with rules",
        "action_open_form": "returns a window, which reads the KPI as the user",
        "action_open_judgements": "returns a window, which searches with rules",
        "action_open_measurements": "returns a window, which searches with rules",
        "action_remind": "checks who may remind, then fills the outbox as superuser",
        "action_set_first_target": "finds a KPI with rules; returns a window",
        "action_set_target": "asks for the right to read; returns a window",
        "close_first_steps": "writes the user's own settings",
        "count_view": "asks for the right to read; notes the day",
        "get_entry_grid": "searches with rules",
        "get_explanation": "asks for the right to read",
        "get_first_steps": "officers only; whether something is in their companies",
        "get_history": "finds the KPI with the user's rules",
        "get_readers": "officers and who is responsible; people whom they may see",
        "name_search": "as Odoo's: searches with rules",
        "get_reading_rules": "officers and who is responsible; of whom they may see",
        "save_entries": "checks who may enter each cell, then writes as superuser",
        "star": "asks for the right to read; writes the user's own mark",
    },
    "kpi.report.group": {
        "action_open_due": "returns a window, which searches with rules",
        "action_open_lines": "returns a window, which searches with rules",
        "action_remind": "asks for the right to read; for KPIs one may remind of",
        "get_history": "finds the scorecard with the user's rules",
    },
    "kpi.target.value": {
        "action_open_report": "asks for the right to read, then opens the KPI",
    },
    "kpi.report.group.line": {
        "action_open_report": "returns a window, which reads the KPI as the user",
    },
    "kpi.scorecard.wizard": {
        "action_add": "writes the scorecard as the user",
    },
    "kpi.lock.wizard": {
        "action_lock": "asks for the group and the company, then writes as superuser",
    },
    "kpi.entry.due": {
        "action_enter": "checks who may enter; returns a window",
        "action_remind": "checks who may remind, then fills the outbox as superuser",
    },
    "kpi.submission": {
        "action_approve": "checks who may decide, then writes as superuser",
        "action_ask_approval": "as action_submit",
        "action_choose_successor": "checks who may decide; returns a window",
        "action_correct": "checks who may enter; returns a window",
        "action_forward": "checks who may decide; asks who can, as superuser",
        "action_recall": "checks who entered it, then writes as superuser",
        "action_reject": "checks who may decide; returns a window",
        "action_return": "checks who may decide; returns a window",
        "action_submit": "checks who may enter, then writes as superuser",
        "action_withdraw": "checks who may enter; returns a window",
        "decide_approvals": "decides on those the user is asked on, by the rules",
        "get_timeline": "asks for the right to read",
        "preview_approvers": "asks for the right to read; names who would be asked",
        "verify_history": "asks for the right to read",
    },
    "kpi.submission.reason": {
        "action_decide": "checks who may decide or enter, then writes as superuser",
    },
    "kpi.target": {
        "action_cascade": "asks for the right to write; returns a window",
        "action_propose_change": "returns a window",
        "action_set_next": "asks for the right to write; returns a window",
        "get_scope_texts": "counts targets with the user's rules",
    },
    "kpi.target.proposal": {
        "action_propose": "proposes as the user, who has to have the right to write",
    },
    "kpi.target.cascade": {
        "action_apply": "sets targets as the user",
    },
    "kpi.target.copy.wizard": {
        "action_copy": "makes targets as the user",
    },
    "kpi.track.wizard": {
        "action_track": "creates KPIs as the user",
    },
    "kpi.tracking.rule": {
        "action_apply": "asks for the right to write; creates KPIs as the user",
        "action_open_reports": "returns a window, which searches with rules",
    },
    "kpi.value.entry": {
        "action_enter": "checks who may enter, then writes the fact as superuser",
        "action_enter_unusual": "checks who may enter, then writes as superuser",
        "action_save_draft": "checks who may enter, then writes as superuser",
    },
}
ARGUMENTS = {
    "action_forward": lambda case: [case.users["sam"].id],
    "decide_approvals": lambda case: ["approve"],
    "find_by_name": lambda case: ["access"],
    "open_counted": lambda case: ["closed", "at_risk"],
    "action_track_view": lambda case: ["res.partner", {}],
    "get_change": lambda case: [{}, case.measured["common"].id],
    "get_preview": lambda case: [{}],
    "propose_change": lambda case: [{"formula": "1"}, "all", "Access"],
    "get_history": lambda case: [case.report["sam"].id],
    "get_reading_rules": lambda case: [case.users["sam"].id],
    "save_entries": lambda case: [
        [{"report_id": case.report["sam"].id, "start": "2026-03-01", "text": "1"}]
    ],
}
MORE_WATCHED = (
    "kpi_definition",
    "kpi_measurement",
    "kpi_measurement_breakdown",
    "kpi_measurement_revision",
    "kpi_restatement",
    "kpi_report",
    "kpi_report_shared_user_rel",
    "kpi_report_submitter_rel",
    "kpi_submission",
    "kpi_target",
    "kpi_target_value",
)


@tagged("post_install", "-at_install")
class TestKpiAccessMethods(AccessMethodsMixin, KpiAccessCase, HttpCase):
    """No method that can be called from outside lets anybody reach more."""

    addon = "kpi_tracking"
    lower = ("kpi_base",)
    reasons = REASONS
    arguments = ARGUMENTS
    watched = WATCHED + MORE_WATCHED
    secret = "987654"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whoever opens KPIs may ask for an update: one that waits is all they get.
        cls.env["kpi.job"]._enqueue_computation("Access", "refresh")
        rows = [(cls.report["sam"].id, "2026-02-01", SECRET)]
        cls.env["kpi.measurement"]._upsert("month", rows, source="external")
        cls.records = {
            **cls.records,
            "kpi.explanation": {
                "sam": cls.env["kpi.explanation"].create(
                    {
                        "report_id": cls.report["sam"].id,
                        "grain": "month",
                        "period_start": "2026-02-01",
                    }
                )
            },
            "kpi.recompute.wizard": {"a": cls.env["kpi.recompute.wizard"].create({})},
            "kpi.target.cascade": {
                "sam": cls.env["kpi.target.cascade"].create(
                    {"target_id": cls.report["sam"].target_ids.id}
                )
            },
            "kpi.target.proposal": {
                "sam": cls.env["kpi.target.proposal"].create(
                    {
                        "report_id": cls.report["sam"].id,
                        "target_id": cls.report["sam"].target_ids.id,
                        "date_from": cls.report["sam"].target_ids.date_from,
                        "value": 7.0,
                        "reason": "Access",
                    }
                )
            },
            "kpi.target.copy.wizard": {
                "sam": cls.env["kpi.target.copy.wizard"].create(
                    {"target_ids": cls.report["sam"].target_ids.ids}
                )
            },
            "kpi.track.wizard": {
                "a": cls.env["kpi.track.wizard"].create(
                    {
                        "definition_ids": cls.untracked[cls.a].ids,
                        "scope_type": "company",
                    }
                )
            },
            "kpi.lock.wizard": {"a": cls.env["kpi.lock.wizard"].create({})},
            **cls._more_dialogs(),
            "kpi.submission.reason": {
                "sam": cls.env["kpi.submission.reason"].create(
                    {
                        "submission_ids": cls.report["sam"].submission_ids.ids,
                        "decision": "withdraw",
                        "reason": "Access",
                    }
                )
            },
            "kpi.value.entry": {
                "sam": cls.env["kpi.value.entry"].create(
                    {
                        "report_id": cls.report["sam"].id,
                        "day": "2026-02-01",
                        "value_text": "1",
                    }
                )
            },
        }
        cls.env.flush_all()

    @classmethod
    def _more_dialogs(cls):
        """Dialogs that the superuser has open."""
        values = {
            "kpi.certify.wizard": {"definition_ids": cls.definition["a"].ids},
            "kpi.gallery.wizard": {
                "kpi_ids": cls.records["kpi.gallery.kpi"]["common"].ids
            },
            "kpi.pack.export": {"definition_ids": cls.definition["a"].ids},
            "kpi.pack.import": {"file": b"e30="},
            "kpi.scorecard.wizard": {
                "report_ids": cls.report["sam"].ids,
                "name": "Access",
            },
        }
        return {
            model: {"a": cls.env[model].create(vals)} for model, vals in values.items()
        }

    def test_inherited_methods_reach_nothing(self):
        """All that Odoo itself offers on a record, as far as it needs no arguments; a
        third of it in the default run.
        """
        for model in (
            "kpi.report",
            "kpi.target",
            "kpi.submission",
            "kpi.measurement",
            "kpi.job",
        ):
            ids = self._hidden_ids(model)
            for name in public_methods(self.env[model]):
                if not is_in_sample(f"{model}.{name}"):
                    continue
                if self._needs_arguments(getattr(type(self.env[model]), name)):
                    continue
                with self.subTest(model=model, method=name):
                    self._assert_harmless("user", model, name, ids)

    def test_messages_of_hidden_kpis(self):
        partner = self.users["user"].partner_id
        own = self.as_user("user", "kpi.report")
        ids = self.report["sam"].ids
        for name, arguments in (
            ("message_post", {"body": "Mine"}),
            ("message_subscribe", {"partner_ids": partner.ids}),
            ("message_notify", {"body": "x", "partner_ids": partner.ids}),
            ("activity_schedule", {"act_type_xmlid": "mail.mail_activity_data_todo"}),
            ("activity_reschedule", {"act_type_xmlids": []}),
            ("web_save", {"vals": {}, "specification": {"current_value": {}}}),
            ("web_read", {"specification": {"current_value": {}}}),
            (
                "onchange",
                {"values": {}, "field_names": [], "fields_spec": {"unit": {}}},
            ),
            ("export_data", {"fields_to_export": ["current_value"]}),
            ("read", {"fields": ["current_value"]}),
            ("copy", {"default": {}}),
        ):
            with self.subTest(method=name):
                self._assert_harmless(own.env.user, "kpi.report", name, ids, arguments)
