from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase

from ..models.tat_case import TatCase

LATE = "2026-03-24 12:00:00"  # an hour of work after the due time
# Fills in the form of a link's page, without a delay reason at first, and waits for the
# page that answers.
DECIDE = """
    const said = document.querySelector("[role=status]");
    const reason = document.querySelector("[name=delay_reason]");
    const button = document.querySelector("button[value={decision}]");
    if (reason && !window.hasBegun) {{
        window.hasBegun = true;
        document.querySelector("[name=comment]").value = "Too expensive";
        button.click();
        window.isRefused = !reason.validity.valid;
        reason.value = {reason_id};
        document.querySelector("[name=delay_note]").value = "Month end";
        if (window.isRefused) button.click();
    }}
    Boolean(said && !reason)
"""


class LateClicks:
    """Late decisions as people click them: they need a delay reason."""

    def setUp(self):
        super().setUp()
        self.template.write({"decision_links": "direct", "direct_limit": 500.0})
        self.late = self._submit(amount=100.0)
        self.workload = self.env.ref("kpi_base.kpi_approval_delay_reason_workload")

    def _click(self, path, tour):
        self.env.flush_all()
        with self._at(LATE):
            self.start_tour(path, f"kpi_workflow_tat.{tour}", login=self.ann.login)
        self.env.invalidate_all()

    def _check(self, request, decision, reason, note=False):
        row = self._get_row(request, self.ann)
        self.assertEqual(row.decision, decision)
        self.assertEqual(row.delay_reason_id.name or "", reason)
        self.assertEqual(row.delay_note, note)

    def _decide_on_page(self, decision):
        """By the page of the link in a message, without a login."""
        step = self.late.sudo()._find_steps("asked")
        url = step.with_user(self.ann)._get_decision_url()
        ready = DECIDE.format(decision=decision, reason_id=self.workload.id)
        self.env.flush_all()
        with self._at(LATE):
            self.browser_js(
                f"/kpi/approval/{url.rpartition('/')[2]}",
                "console.log('test successful');",
                ready=ready,
            )
        self.env.invalidate_all()

    def test_the_page_of_a_link(self):
        self._decide_on_page("approve")
        self._check(self.late, "approved", "Workload", "Month end")

    def test_a_rejection_on_the_page_of_a_link(self):
        self._decide_on_page("reject")
        self._check(self.late, "rejected", "Workload", "Month end")
        row = self._get_row(self.late, self.ann)
        self.assertEqual(row.step_id.comment, "Too expensive")


@tagged("post_install", "-at_install")
class TestKpiTatLateClicks(LateClicks, TatCase, OwnCursorCase):
    """On a desktop: also in lists and forms."""

    def test_several_of_which_some_are_late(self):
        more = self._submit()
        with self._at("2026-03-24 11:00:00"):
            new = self._submit()
        self._click("/odoo/my-approvals", "late_decisions")
        self._check(self.late, "approved", "Workload", "Month end")
        self._check(more, "approved", "Workload", "Month end")
        self._check(new, "approved", "")

    def test_a_late_rejection(self):
        self._click(f"/odoo/tat-requests/{self.late.id}", "late_rejection")
        self._check(self.late, "rejected", "Absence")


@tagged("post_install", "-at_install")
class TestKpiTatLateClicksOnPhone(LateClicks, TatCase, OwnCursorCase):
    """On a phone: also on cards."""

    browser_size = "390x844"
    touch_enabled = True

    def test_a_late_rejection(self):
        self._click("/odoo/my-approvals", "late_rejection_card")
        self._check(self.late, "rejected", "Absence")
