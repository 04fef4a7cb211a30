"""Changes of opportunities, and the analyses of the pipeline on them."""

from odoo.tests import TransactionCase, freeze_time, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin


class SalesCase(ClockMixin, TransactionCase):
    """Leads of a company of its own, with three stages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Sales"})
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(context={"allowed_company_ids": cls.company.ids})
        cls.events = cls.env["kpi.bi.opportunity.event"].sudo()
        cls.new, cls.offer, cls.won = cls.env["crm.stage"].create(
            [
                {"name": "New", "sequence": 1001},
                {"name": "Offer", "sequence": 1002},
                {"name": "Won", "sequence": 1003, "is_won": True},
            ]
        )
        cls.team = cls.env["crm.team"].create(
            {"name": "Team", "company_id": cls.company.id}
        )

    def _lead(self, amount=100.0, **values):
        return self.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "company_id": self.company.id,
                "team_id": self.team.id,
                "user_id": False,
                "stage_id": self.new.id,
                "expected_revenue": amount,
                "probability": 40,
                **values,
            }
        )

    def _commit(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def _history(self, lead, *names):
        """What is known of a lead, oldest first."""
        self._commit()
        found = self.events.search([("lead_key", "=", lead.id)], order="id")
        return [
            tuple(event[name] for name in names or ("state", "amount"))
            for event in found
        ]


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 12:00:00")
class TestKpiBiOpportunityEvent(SalesCase):
    def test_a_transaction_leaves_an_event_of_what_changed(self):
        lead = self._lead()
        self.assertEqual(self._history(lead), [("open", 100)])
        lead.write({"expected_revenue": 150, "stage_id": self.offer.id})
        lead.date_deadline = "2026-04-01"
        self.assertEqual(
            self._history(lead, "amount", "stage_key", "date_deadline")[1:],
            [(150, self.offer.id, lead.date_deadline)],
        )
        # nothing that an event says
        lead.name = "Other"
        lead.expected_revenue = 150
        # less than a point
        lead.probability = 40.4
        self.assertEqual(len(self._history(lead)), 2)
        lead.probability = 42
        self.assertEqual(len(self._history(lead)), 3)

    def test_what_is_computed_is_an_event_too(self):
        lead = self._lead()
        lead.stage_id = self.won
        self.assertEqual(self._history(lead, "state")[-1:], [("won",)])
        lead.stage_id = self.new
        self._commit()
        # winning by a change of the stage, which writes no lead of its own accord
        self.new.is_won = True
        self.assertEqual(self._history(lead, "state")[-1:], [("won",)])

    def test_archived_is_lost_and_can_be_reopened(self):
        lead = self._lead()
        self._commit()
        lead.action_set_lost()
        self._commit()
        lead.action_unarchive()
        self.assertEqual(
            self._history(lead, "state"), [("open",), ("lost",), ("open",)]
        )
        self.assertFalse(self._history(lead, "closed_at")[-1][0])

    def test_merged_and_deleted_leads_keep_what_happened(self):
        first, second = self._lead(), self._lead(70)
        self._commit()
        merged = (first | second).merge_opportunity()
        gone = first | second - merged if merged != first else second
        key = gone.id
        self._commit()
        last = self.events.search([("lead_key", "=", key)], limit=1)
        self.assertEqual(last.state, "removed")
        self.events._record_all()
        again = self.events.search([("lead_key", "=", key)], limit=1)
        self.assertEqual(again, last)

    def test_a_lead_that_changes_company(self):
        lead = self._lead()
        self._commit()
        other = self.env["res.company"].create({"name": "Other"})
        lead.write({"team_id": False, "company_id": other.id})
        self.assertEqual(self._history(lead, "company_id"), [(self.company,), (other,)])

    def test_changes_by_sql_are_caught_up_with(self):
        lead = self._lead()
        self._commit()
        self.env.cr.execute(
            "UPDATE crm_lead SET expected_revenue = 7 WHERE id = %s", [lead.id]
        )
        self.assertEqual(len(self._history(lead)), 1)
        self.events._record_all()
        self.assertEqual(self._history(lead)[1:], [("open", 7)])

    def test_what_was_before_the_addon_is_partly_known(self):
        lead = self._lead(user_id=self.env.uid)
        self._commit()
        self.env.cr.execute("ALTER TABLE kpi_bi_opportunity_event DISABLE TRIGGER USER")
        self.env.cr.execute("TRUNCATE kpi_bi_opportunity_event")
        messages = self.env["mail.message"].sudo()
        for name, day, kind, old, new in (
            ("stage_id", "2026-03-02", "integer", self.new.id, self.offer.id),
            ("expected_revenue", "2026-03-05", "float", 80.0, 100.0),
        ):
            messages.create(
                {
                    "model": "crm.lead",
                    "res_id": lead.id,
                    "date": f"{day} 10:00:00",
                    "tracking_value_ids": [
                        (
                            0,
                            0,
                            {
                                "field_id": self.env["ir.model.fields"]
                                ._get("crm.lead", name)
                                .id,
                                f"old_value_{kind}": old,
                                f"new_value_{kind}": new,
                            },
                        )
                    ],
                }
            )
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE crm_lead
               SET create_date = '2026-03-01', stage_id = %s, won_status = 'lost',
                   active = FALSE, probability = 0, date_closed = '2026-03-08'
             WHERE id = %s
            """,
            [self.offer.id, lead.id],
        )
        self.env.invalidate_all()
        self.events._record_all()
        self.events._record_all()
        names = ("state", "stage_key", "amount", "is_partly_known")
        self.assertEqual(
            self._history(lead, *names),
            [
                ("open", self.new.id, 80, True),
                ("open", self.offer.id, 80, True),
                ("open", self.offer.id, 100, True),
                ("lost", self.offer.id, 100, True),
            ],
        )
        self.assertEqual(
            [str(moment)[:10] for (moment,) in self._history(lead, "moment")],
            ["2026-03-01", "2026-03-02", "2026-03-05", "2026-03-08"],
        )
