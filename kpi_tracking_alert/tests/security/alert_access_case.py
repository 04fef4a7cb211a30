from odoo.tests import TransactionCase

from odoo.addons.kpi_tracking.tests.security.access_case import PERIOD, KpiAccessMixin


class AlertAccessCase(KpiAccessMixin, TransactionCase):
    """The people and KPIs of ``access_oracle.py``, with rules and alerts of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        records = super()._make_records()
        rules = cls._make_rules()
        events = {
            key: cls._make_event(rules["a"], report)
            for key, report in cls.report.items()
        }
        return {
            **records,
            **cls._make_webhooks(),
            **cls._make_routing(rules, events),
            "kpi.smart.alert": rules,
            "kpi.alert.route": {
                key: cls.env["kpi.alert.route"].create({"alert_id": rule.id})
                for key, rule in rules.items()
            },
            "kpi.alert.channel": {
                key: cls.env["kpi.alert.channel"].create(
                    {"name": key, "company_id": company.id, "owner_id": owner.id}
                )
                for key, company, owner in (
                    ("a", cls.a, cls.users["officer_a"]),
                    ("b", cls.b, cls.users["officer_ab"]),
                )
            },
            "kpi.alert.event": events,
            "kpi.alert.reason": {
                "all": cls.env.ref("kpi_tracking_alert.kpi_alert_reason_fixed")
            },
        }

    @classmethod
    def _make_routing(cls, rules, events):
        """Who is told when: of both companies, of people, and of each alert."""
        people = {key: cls.users[key] for key in ("user", "officer_a")}
        rotas = cls._create_each(
            "kpi.alert.rota",
            {
                key: {"name": key, "company_id": company.id}
                for key, company in (("a", cls.a), ("b", cls.b))
            },
        )
        times = {"date_from": "2026-01-01 08:00:00", "date_to": "2026-01-01 16:00:00"}
        made_by = {
            "kpi.alert.level": {
                key: {"alert_id": rule.id, "whom": "owner"}
                for key, rule in rules.items()
                if not rule.is_personal
            },
            "kpi.alert.shift": {
                key: {
                    "rota_id": rotas[key].id,
                    "user_id": cls.users[person].id,
                    **times,
                }
                for key, person in (("a", "officer_a"), ("b", "officer_ab"))
            },
            "kpi.alert.silence": {
                key: {
                    "name": key,
                    "company_id": company.id,
                    "report_ids": [(4, cls.report[report].id)],
                    **times,
                }
                for key, company, report in (
                    ("a", cls.a, "company"),
                    ("b", cls.b, "b_company"),
                )
            },
            "kpi.alert.quiet": {
                key: {"user_id": user.id, "tz": "UTC"} for key, user in people.items()
            },
            "kpi.alert.mute": {
                key: {"user_id": user.id, "alert_id": rules["a"].id}
                for key, user in people.items()
            },
            "kpi.alert.change": {
                key: {
                    "event_id": event.id,
                    "change": "fired",
                    "changed_at": "2026-01-05 10:00:00",
                }
                for key, event in events.items()
            },
            "kpi.alert.notice": {
                key: {
                    "event_id": event.id,
                    "change": "fired",
                    "step": 0,
                    "user_id": cls.users["user"].id,
                    "created_at": "2026-01-05 10:00:00",
                }
                for key, event in events.items()
            },
        }
        made = {model: cls._create_each(model, rows) for model, rows in made_by.items()}
        return {**made, "kpi.alert.rota": rotas}

    @classmethod
    def _create_each(cls, model, rows):
        return {key: cls.env[model].create(values) for key, values in rows.items()}

    @classmethod
    def _make_rules(cls):
        uma, officer = cls.users["user"], cls.users["officer_a"]
        of_a = {"company_id": cls.a.id, "report_ids": [(4, cls.report["company"].id)]}
        values = {
            "a": {**of_a, "owner_id": officer.id, "is_personal": False},
            "uma": {
                "company_id": cls.a.id,
                "report_ids": [(4, cls.report["uma"].id)],
                "owner_id": uma.id,
                "is_personal": True,
            },
            "b": {
                "company_id": cls.b.id,
                "report_ids": [(4, cls.report["b_company"].id)],
                "owner_id": cls.users["officer_ab"].id,
                "is_personal": False,
            },
        }
        rules = cls.env["kpi.smart.alert"]
        return {key: rules.create({"name": key, **row}) for key, row in values.items()}

    @classmethod
    def _make_webhooks(cls):
        webhooks = {
            key: cls.env["kpi.webhook"].create(
                {
                    "name": key,
                    "address": "https://example.com/kpi",
                    "company_id": company.id,
                    "owner_id": cls.users[owner].id,
                }
            )
            for key, company, owner in (
                ("a", cls.a, "officer_a"),
                ("b", cls.b, "officer_ab"),
            )
        }
        report = cls.report["company"]
        batch = cls.env["kpi.webhook.batch"].create(
            {"event": "target.changed", "happened_at": "2026-01-05 10:00:00"}
        )
        change = {"batch_id": batch.id, "report_id": report.id, "sequence": 1}
        counter = {"report_id": report.id, "last": 1}
        return {
            "kpi.webhook": webhooks,
            "kpi.webhook.batch": {"one": batch},
            "kpi.webhook.change": {"one": cls.env["kpi.webhook.change"].create(change)},
            "kpi.webhook.counter": {
                "one": cls.env["kpi.webhook.counter"].create(counter)
            },
        }

    @classmethod
    def _make_event(cls, rule, report):
        return cls.env["kpi.alert.event"].create(
            {
                "alert_id": rule.id,
                "rule_name": rule.name,
                "report_id": report.id,
                "alert_type": rule.alert_type,
                "severity": rule.severity,
                "grain": "month",
                "period_start": PERIOD,
                "fired_at": "2026-01-05 10:00:00",
            }
        )
