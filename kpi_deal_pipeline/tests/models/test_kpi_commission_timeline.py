from ..commission_case import CommissionCase

TABLES = ("agent_commission_records", "agent_commission_adjustments", "audit_logs")


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
