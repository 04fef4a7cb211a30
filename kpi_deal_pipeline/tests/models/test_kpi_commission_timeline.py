from odoo.tests import freeze_time

from ..commission_case import CommissionCase

TABLES = (
    "agent_commission_records",
    "agent_commission_adjustments",
    "agent_commission_events",
    "agent_deal_stage_events",
    "agent_deal_value_events",
    "audit_logs",
    "kpi_commission_accrual",
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
                "Commission added",
                "Commission computed",
                "Commission approved",
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
        """Event type → position of its last entry."""
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
            self.env["kpi.deal"]._price_late()

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
            self.assertIn(f"Commission {commission.id}, Commission Event", text)
            self.assertIn(str(event_id) if event_id else "missing", text)
            (told,) = self.deal.verify_history()["faults"]
            self.assertEqual(told["seq"], seq)
            self.assertIn(f"Commission {commission.id}, Commission Event", told["text"])
            savepoint.rollback()

    def test_a_rate_that_comes_late_is_an_entry(self):
        self._price_late()
        told = self._told(self.boss)
        self.assertIn(
            "Commission converted after the exchange rate was added",
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

    def _settle_everything(self):
        """A statement that was issued, a dispute that was decided, rates of a plan."""
        dispute = (
            self.env["kpi.commission.dispute"]
            .with_user(self.agent)
            .create({"commission_id": self.commission.id, "reason": "More"})
        )
        dispute.with_user(self.boss)._decide("rejected", "As agreed")
        statement = self.env["kpi.commission.statement"].create(
            {
                "agent_id": self.agent.id,
                "company_id": self.company.id,
                "currency_id": self.euro.id,
                "date_from": "2026-01-01",
                "date_to": "2026-04-01",
            }
        )
        statement.action_issue()
        statement.with_user(self.agent).action_acknowledge()
        plan = self._plan(
            is_used=False,
            accelerator_ids=[(0, 0, {"above_ratio": 1, "factor": 2})],
            quota=1000,
            rate_ids=[(0, 0, {"product": "office} {", "rate": 0.1})],
            override_ids=[(0, 0, {"user_id": self.manager.id, "rate": 0.1})],
        )
        plan.tier_ids[0].rate = 0.06
        plan.rate_ids.unlink()
        plan.rate = 0.01
        self.env.flush_all()

    def test_tampering_with_anything_that_money_depends_on_is_found(self):
        self._settle_everything()
        earlier = "- interval '1 month'"
        cases = {
            "agent_commission_records": (
                f"confirmed_at = confirmed_at {earlier}",
                "confirmed_by = 1",
                f"introduced_at = introduced_at {earlier}",
                f"earned_on = earned_on {earlier}",
                "paid_at = now()",
                "invoiced_at = now()",
                f"resolved_at = resolved_at {earlier}",
                "plan_id = NULL",
                "terms_id = NULL",
            ),
            "agent_commission_adjustments": (f"recorded_at = recorded_at {earlier}",),
            "agent_deals": (
                "pipeline_stage = 'negotiation'",
                "status = 'open'",
                "agent_id = 1",
                "estimated_value_amount = 2000",
                "company_amount = 2000",
                "weighted_amount = 2000",
                "confidence = 0.9",
                "asset_type = 'land'",
                f"actual_close_date = actual_close_date {earlier}",
                f"stage_since = stage_since {earlier}",
            ),
            "agent_deal_stage_events": (f"recorded_at = recorded_at {earlier}",),
            "agent_deal_value_events": (f"recorded_at = recorded_at {earlier}",),
            "kpi_commission_accrual": (
                "amount = 500",
                f"accrued_on = accrued_on {earlier}",
                f"recorded_at = recorded_at {earlier}",
            ),
            "kpi_commission_dispute": (
                "state = 'upheld'",
                "decision = 'Otherwise'",
                "decided_by = 1",
                f"decided_at = decided_at {earlier}",
                "effect_amount = 500",
            ),
            "kpi_commission_plan": (
                "rate = 0.5",
                "date_to = '2030-01-01'",
                "quota = 5",
                "clawback = 'none'",
                "draw_amount = 5",
            ),
            "kpi_commission_accelerator": ("factor = 9",),
            "kpi_commission_override": ("rate = 0.9", "user_id = 1"),
            "kpi_commission_tier": ("rate = 0.9", "amount_to = 9"),
            "kpi_commission_statement": (
                "paid_amount = 500",
                "earned_amount = 500",
                "owed_after = 500",
                "owed_before = 500",
                "draw_amount = 500",
                "issued_by = NULL",
                f"issued_at = issued_at {earlier}",
                f"acknowledged_at = acknowledged_at {earlier}",
                "state = 'issued'",
                "state = 'draft'",
                "date_to = '2026-05-01'",
                "agent_id = 1",
            ),
            "kpi_commission_statement_line": ("amount = 500",),
            "kpi_commission_step": ("amount = 500", "factor = 0.9", "kind = 'cap'"),
        }
        log = self.env["kpi.audit.log"]
        self.assertEqual(log._verify(), [])
        statements = [
            f"UPDATE {table} SET {change}"
            for table, changes in cases.items()
            for change in changes
        ]
        statements += [
            f"DELETE FROM {table}"
            for table in (
                "kpi_commission_accelerator",
                "kpi_commission_dispute",
                "kpi_commission_override",
                "kpi_commission_statement_line",
                "kpi_commission_step",
                "kpi_commission_tier",
            )
        ]
        for statement in statements:
            with self.subTest(statement), self.cr.savepoint() as savepoint:
                for table in TABLES:
                    self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                self.cr.execute(statement)
                self.assertTrue(self.cr.rowcount)
                self.env.invalidate_all()
                faults = log._verify()
                self.assertEqual({fault.kind for fault in faults}, {"row"})
                self.assertTrue(all(map(log._fault_text, faults)))
                savepoint.rollback()

    def test_rows_that_were_logged_before_their_values_were_are_no_faults(self):
        """An entry that does not name a member says nothing about it."""
        self._settle_everything()
        self.env.cr.execute("ALTER TABLE audit_logs DISABLE TRIGGER USER")
        self.env.cr.execute(
            """
            UPDATE audit_logs
               SET text = regexp_replace(text, '"(derivation|plan|earned_on|effect)"'
                                               ':("[^"]*"|null|[0-9]+),', '', 'g')
            """
        )
        self.assertEqual(self.env["kpi.audit.log"]._row_faults(), [])
