from odoo import Command

from odoo.addons.kpi_base.tests.world import found, keep

from .collaboration_case import CollaborationCase

SECRET = "Zwetschgenmus"  # nothing but coachings says this


class CoachingCase(CollaborationCase):
    """A manager coaches a user; others, however high, are not part of it."""

    @classmethod
    def prepare_database(cls, env):
        case = cls._builder(env)
        head = case._create_user("head", groups="kpi_base.kpi_base_group_manager")
        admin = case._create_user(
            "kpi_admin",
            groups="kpi_base.kpi_base_group_admin,base.group_system,hr.group_hr_user,"
            "base.group_allow_export",
        )
        keep(
            case.env,
            "coaching",
            hr=case._create_user("hr_manager", groups="hr.group_hr_manager"),
            head=head,
            chief=case._employ(head, case.sales),
            admin=admin,
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        found(cls, "coaching", "hr", "head", "chief", "admin")
        cls.sales.manager_id = cls.chief
        cls.coachings = cls.env["kpi.performance.coaching"]
        cls.coach, cls.trainee = cls.manager, cls.user
        cls.coach.tz = cls.trainee.tz = "UTC"
        cls.others = {
            "stranger": cls.stranger,
            "officer": cls.officer,
            "head": cls.head,
            "admin": cls.admin,
        }

    @classmethod
    def _own(cls, user, records):
        return records.with_user(user).with_context(allowed_company_ids=cls.company.ids)

    @classmethod
    def _coach(cls, **values):
        """A draft of the coach, as the coach has it."""
        return cls._own(cls.coach, cls.coachings).create(
            {
                "employee_id": cls.trainee.id,
                "manager_feedback": f"Feedback {SECRET}",
                "development_goals": f"Goals {SECRET}",
                "next_review_date": "2026-03-20",
                "line_ids": [Command.create({"report_id": cls.revenue.id})],
                "action_ids": [Command.create({"description": f"Call {SECRET}"})],
                **values,
            }
        )

    @classmethod
    def _share(cls, **values):
        coaching = cls._coach(**values)
        coaching.action_share()
        return coaching

    @classmethod
    def _sign(cls, **values):
        """A coaching that the employee answered and both signed."""
        coaching = cls._share(**values)
        own = cls._own(cls.trainee, coaching)
        own.employee_response = f"Answer {SECRET}"
        own.action_sign()
        coaching.action_sign()
        return coaching
