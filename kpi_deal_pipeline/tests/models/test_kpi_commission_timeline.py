from odoo.tests import freeze_time

from ..commission_case import CommissionCase

TABLES = (
    "agent_commission_records",
    "agent_commission_adjustments",
    "agent_commission_events",
    "audit_logs",
)
EVENTS = "agent_commission_events"


class TestKpiCommissionTimeline(CommissionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._plan("percentage", rate=0.05)
        cls.deal = cls._won(1000.0)
        cls.commission = cls.deal.commission_ids
        decided = cls.commission.with_user(cls.manager)
        decided.action_confirm()
        decided._adjust("bonus", 5.0, "Well done")
        cls.pound = cls.env.ref("base.GBP")
        cls.pound.active = True

    def _told(self, user):
        return [
            entry
            for entry in self.deal.with_user(user).get_timeline()
            if entry["kind"] == "commission"
        ]

    def test_who_earns_it_is_told_what_happened(self):
        told = self._told(self.agent)
        self.assertEqual(
            [entry["title"] for entry in reversed(told)],
            [
                "Commission introduced",
                "Commission computed",
                "Commission confirmed",
                "Commission adjusted",
            ],
        )
        self.assertEqual(told[0]["note"], "Well done")
        self.assertIn("5.00", told[0]["lines"][1])
        self.assertTrue(all(entry["hash"] for entry in told))

    def test_others_on_the_deal_are_not_told(self):
        self.assertEqual(len(self._told(self.manager)), 4)
        self.assertEqual(self._told(self.viewer), [])
        self.deal.split_ids = [
            (0, 0, {"agent_id": self.agent.id, "share_percent": 50}),
            (0, 0, {"agent_id": self.other.id, "share_percent": 50}),
        ]
        told = self._told(self.other)
        self.assertFalse([entry for entry in told if "deal-agent" in entry["lines"]])

    def test_tampering_with_commissions_names_the_entry(self):
        chain = self.env["kpi.audit.log"].search(
            [("model", "=", "kpi.deal"), ("res_id", "=", self.deal.id)]
        )
        place = {log.event_type: log.seq for log in chain.sorted("seq")}
        confirmed = place["deal_commission_confirmed"]
        adjusted = place["deal_commission_adjusted"]
        self.env.flush_all()
        for statement, expected in (
            ("UPDATE agent_commission_records SET commission_amount = 500", confirmed),
            ("UPDATE agent_commission_records SET status = 'paid'", confirmed),
            ("UPDATE agent_commission_records SET agent_id = 1", confirmed),
            ("UPDATE agent_commission_adjustments SET amount = 50", adjusted),
            ("DELETE FROM agent_commission_adjustments", adjusted),
        ):
            with self.subTest(statement), self.cr.savepoint() as savepoint:
                self.assertEqual(self.deal.verify_history()["faults"], [])
                for table in TABLES:
                    self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                self.cr.execute(statement)
                self.env.invalidate_all()
                faults = self.deal.verify_history()["faults"]
                self.assertEqual([fault["seq"] for fault in faults], [expected])
                found = self.env["kpi.audit.log"]._verify()
                self.assertEqual(
                    [(each.kind, each.res_id, each.seq) for each in found],
                    [("row", self.deal.id, expected)],
                )
                savepoint.rollback()

    def _seqs(self):
        """Event type → place of its last entry."""
        chain = self.env["kpi.audit.log"].search(
            [("model", "=", "kpi.deal"), ("res_id", "=", self.deal.id)]
        )
        return {log.event_type: log.seq for log in chain.sorted("seq")}

    def _price_late(self):
        """A commission in pounds, which get a rate later only."""
        with freeze_time("2026-04-01 10:00:00"):
            self.commission.create(
                {
                    "deal_id": self.deal.id,
                    "agent_id": self.other.id,
                    "commission_type": "bonus",
                    "commission_amount": 20.0,
                    "currency_id": self.pound.id,
                }
            )
            self._rate(self.pound, "2026-01-01", 0.5)
            self.env["kpi.deal"]._cron_price()

    def test_tampering_with_events_of_commissions_names_commission_and_event(self):
        self._price_late()
        late = self.deal.commission_ids - self.commission
        seqs = self._seqs()
        confirmed = seqs["deal_commission_confirmed"]
        adjusted = seqs["deal_commission_adjusted"]
        priced = seqs["deal_commission_priced"]
        columns = (
            "commission_id, company_id, agent_id, kind, status, amount, currency_id,"
            " rate, company_amount, recorded_at"
        )
        changes = {
            "state": (
                "amount = 500",
                "company_amount = 500",
                "rate = 2",
                "status = 'paid'",
                "agent_id = 1",
                "kind = 'adjustment'",
                "recorded_at = recorded_at - interval '1 month'",
                "currency_id = (SELECT id FROM res_currency WHERE name = 'GBP')",
                "company_id = (SELECT max(id) FROM res_company)",
            ),
            "adjustment": ("amount = -5", "company_amount = NULL"),
            "late_rate": ("rate = 3", "company_amount = 1", "priced_id = id"),
        }
        places = {
            "state": (confirmed, self.commission),
            "adjustment": (adjusted, self.commission),
            "late_rate": (priced, late),
        }
        self.env["res.company"].create({"name": "Some other"})
        self.env.flush_all()
        last = self.env["kpi.commission.event"].search(
            [("commission_id", "=", self.commission.id), ("kind", "=", "state")],
            limit=1,
        )
        for kind, (seq, commission) in places.items():
            event = self.env["kpi.commission.event"].search(
                [("commission_id", "=", commission.id), ("kind", "=", kind)],
                order="id desc",
                limit=1,
            )
            for change in changes[kind]:
                self._check_told(
                    f"UPDATE {EVENTS} SET {change} WHERE id = {event.id}",
                    seq,
                    commission,
                    event.id,
                )
            self._check_told(
                f"DELETE FROM {EVENTS} WHERE id = {event.id}", seq, commission, 0
            )
        for entry, seq in (("NULL", 0), ("audit_log_id", confirmed)):
            self._check_told(
                f"INSERT INTO {EVENTS} ({columns}, audit_log_id)"
                f" SELECT {columns}, {entry} FROM {EVENTS} WHERE id = {last.id}",
                seq,
                self.commission,
                None,
            )

    def _check_told(self, statement, seq, commission, event_id):
        """Verifying names the entry, the commission and the event.

        :param event_id: 0 where it is missing, None for a new one
        """
        with self.subTest(statement), self.cr.savepoint() as savepoint:
            self.assertEqual(self.deal.verify_history()["faults"], [])
            self.cr.execute(f"ALTER TABLE {EVENTS} DISABLE TRIGGER USER")
            self.cr.execute(statement)
            self.env.invalidate_all()
            if event_id is None:
                self.cr.execute(f"SELECT max(id) FROM {EVENTS}")
                ((event_id,),) = self.cr.fetchall()
            (fault,) = self.env["kpi.audit.log"]._verify()
            self.assertEqual(
                (fault.kind, fault.res_id, fault.seq, fault.row, fault.about),
                (
                    "row",
                    self.deal.id,
                    seq,
                    ("kpi.commission.event", event_id),
                    ("kpi.commission", commission.id),
                ),
            )
            text = self.env["kpi.audit.log"]._fault_text(fault)
            self.assertIn(f"Commission {commission.id}, Event of a Commission", text)
            self.assertIn(str(event_id) if event_id else "missing", text)
            (told,) = self.deal.verify_history()["faults"]
            self.assertEqual(told["seq"], seq)
            self.assertIn(f"Commission {commission.id}, Event", told["text"])
            savepoint.rollback()

    def test_a_rate_that_comes_late_is_an_entry(self):
        self._price_late()
        told = self._told(self.boss)
        self.assertIn(
            "Commission priced by a rate that came late",
            [entry["title"] for entry in told],
        )
        self.assertEqual(self.env["kpi.audit.log"]._verify(), [])

    def test_the_timeline_takes_as_many_statements_for_many_events(self):
        counts = []
        for number in (1, 2, 30):  # the first fills Odoo's caches
            decided = self.commission.with_user(self.manager)
            for _each in range(number):
                decided._adjust("bonus", 1.0, "More")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            # As a browser asks for it.
            seen = self.deal.with_user(self.manager).with_context(lang="en_US")
            seen.get_timeline()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 6)
