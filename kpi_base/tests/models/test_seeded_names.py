import runpy
from pathlib import Path

from odoo.modules.module import get_module_path
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestSeededNames(TransactionCase):
    """Names of records that updates leave alone."""

    def test_an_update_renames_what_people_left_alone(self):
        timer = self.env.ref("kpi_base.kpi_timer_cron")
        jobs = self.env.ref("kpi_base.kpi_job_cron")
        timer.name, jobs.name = "KPI: timer", "Jobs of KPIs"
        folder = Path(get_module_path("kpi_base"), "migrations/19.0.1.5.0")
        runpy.run_path(folder / "end-names.py")["migrate"](self.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        self.assertEqual((timer.name, timer.cron_name), ("KPI: Timer", "KPI: Timer"))
        self.assertEqual(jobs.name, "Jobs of KPIs")
