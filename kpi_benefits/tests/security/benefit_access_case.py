from datetime import date

from odoo import Command
from odoo.tests import TransactionCase

from odoo.addons.kpi_base.tests.security.access_case import AccessMixin


class BenefitAccessCase(AccessMixin, TransactionCase):
    """The people of ``access_oracle.py``, and their initiatives.

    Uma's is in North; Sam's is in South, and Lea is its sponsor; Bea's is in company B.
    """

    import_values = {"target_model": "kpi.import.initiative"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        initiatives = {
            "uma": cls._initiative("user", cls.north),
            "sam": cls._initiative("sam", cls.south, sponsor="leader"),
            "b": cls._initiative("user_b", cls.retail),
        }
        companies = {**cls.company, "common": cls.env["res.company"]}
        return {
            **super()._make_records(),
            "kpi.initiative": initiatives,
            "kpi.initiative.gate": {
                key: cls._named("kpi.initiative.gate", initiative_id=one.id)
                for key, one in initiatives.items()
            },
            "kpi.initiative.cost": {
                key: cls.env["kpi.initiative.cost"].create(
                    {"initiative_id": one.id, "planned": 5}
                )
                for key, one in initiatives.items()
            },
            **cls._benefits(initiatives),
            **cls._baselines(initiatives),
            **cls._reviews(initiatives),
            "kpi.discount.rate": {
                key: cls.env["kpi.discount.rate"].create(
                    {
                        "valid_from": "2001-01-01",
                        "rate": 0.05,
                        "source": "Access",
                        "company_id": company.id,
                    }
                )
                for key, company in companies.items()
            },
            "kpi.reference.class": {
                key: cls._named(
                    "kpi.reference.class",
                    low=0.1,
                    high=0.2,
                    source="Access",
                    company_id=company.id,
                )
                for key, company in companies.items()
            },
        }

    @classmethod
    def _initiative(cls, owner, department, sponsor=None):
        return cls.env["kpi.initiative"].create(
            {
                "name": "Access",
                "company_id": department.company_id.id,
                "department_id": department.id,
                "owner_id": cls.users[owner].id,
                "sponsor_id": cls.users[sponsor].id if sponsor else False,
            }
        )

    @classmethod
    def _baselines(cls, initiatives):
        """A KPI of the department of each, whose owner is responsible for it."""
        baselines = {}
        for key, one in initiatives.items():
            company = one.company_id
            definition = cls._named(
                "kpi.definition",
                code=f"access_tracked_{key}",
                company_id=company.id,
                computation="manual",
            )
            report = cls.env["kpi.report"].create(
                {
                    "definition_id": definition.id,
                    "company_id": company.id,
                    "scope_type": "department",
                    "department_id": one.department_id.id,
                    "owner_id": one.owner_id.id,
                }
            )
            baselines[key] = cls.env["kpi.baseline"].create(
                {
                    "initiative_id": one.id,
                    "report_id": report.id,
                    "baseline_value": 1,
                    "target_value": 2,
                    "share_ids": [
                        Command.create({"date_from": "2026-01-01", "share": 40})
                    ],
                }
            )
            day = date(2026, 1, 1)
            facts = cls.env["kpi.measurement"]
            facts._upsert("month", [(report.id, day, 3)], source="manual")
        measurements = cls.env["kpi.baseline.measurement"]
        return {
            "kpi.baseline.measurement": {
                key: measurements.search([("kpi_id", "=", one.id)])
                for key, one in baselines.items()
            },
            "kpi.baseline": baselines,
            "kpi.baseline.share": {
                key: one.share_ids for key, one in baselines.items()
            },
        }

    @classmethod
    def _benefits(cls, initiatives):
        """A benefit of one month of each initiative; Lea owns Uma's."""
        owners = {"uma": "leader", "sam": "sam", "b": "user_b"}
        benefits = {
            key: cls._named(
                "kpi.benefit.realization",
                initiative_id=one.id,
                owner_id=cls.users[owners[key]].id,
                amount=5,
                is_recurring=False,
            )
            for key, one in initiatives.items()
        }
        return {
            **cls._around_benefits(benefits),
            "kpi.benefit.realization": benefits,
            "kpi.benefit.period": {
                key: one.period_ids for key, one in benefits.items()
            },
            "kpi.initiative.month": cls._months(initiatives),
        }

    @classmethod
    def _months(cls, initiatives):
        """Sums of the months of the benefits, which a trigger keeps."""
        cls.env.flush_all()
        months = cls.env["kpi.initiative.month"]
        return {
            key: months.search([("initiative_id", "=", one.id)])
            for key, one in initiatives.items()
        }

    @classmethod
    def _reviews(cls, initiatives):
        """A draft of each, with all that belongs to it."""
        reviews = {
            key: cls.env["kpi.post.implementation.review"].create(
                {"initiative_id": one.id, "executive_summary": "Access"}
            )
            for key, one in initiatives.items()
        }
        links = cls._of_reviews(
            reviews,
            "kpi.review.feedback.link",
            lambda key: {
                "user_id": cls.users["admin"].id,
                "expires_on": "2099-01-01",
                "nonce": key,
                "token_hash": key,
            },
        )
        return {
            "kpi.post.implementation.review": reviews,
            "kpi.lesson": cls._of_reviews(
                reviews, "kpi.lesson", lambda _key: {"lesson": "Access"}
            ),
            "kpi.lesson.tag": {
                "common": cls.env["kpi.lesson.tag"].create({"name": "Access"})
            },
            "kpi.review.recommendation": cls._of_reviews(
                reviews,
                "kpi.review.recommendation",
                lambda _key: {"description": "Access"},
            ),
            "kpi.review.figure": cls._of_reviews(
                reviews,
                "kpi.review.figure",
                lambda key: {
                    "currency_id": reviews[key].currency_id.id,
                    "kind": "cost",
                    "code": "planned_cost",
                    "unit": "money",
                    "value": 5,
                },
            ),
            "kpi.review.feedback.link": links,
            "kpi.review.feedback": cls._of_reviews(
                reviews,
                "kpi.review.feedback",
                lambda key: {
                    "link_id": links[key].id,
                    "key": key,
                    "name": "Access",
                    "rating": 5,
                    "submitted_at": "2026-01-01",
                },
            ),
        }

    @classmethod
    def _of_reviews(cls, reviews, model, prepare):
        return {
            key: cls.env[model].create({"review_id": review.id, **prepare(key)})
            for key, review in reviews.items()
        }

    @classmethod
    def _around_benefits(cls, benefits):
        """Of each benefit what hangs on it; a change, and a link to an objective."""
        objectives, cls.other_objectives = (
            {
                key: cls._named(
                    "kpi.benefit.node", kind="objective", company_id=cls.company[key].id
                )
                for key in ("a", "b")
            }
            for _time in range(2)
        )
        changes = {
            key: cls._named(
                "kpi.benefit.node", kind="change", initiative_id=one.initiative_id.id
            )
            for key, one in benefits.items()
        }
        return {
            "kpi.benefit.assumption": {
                key: cls._named("kpi.benefit.assumption", benefit_id=one.id)
                for key, one in benefits.items()
            },
            "kpi.value.leakage": {
                key: cls._named("kpi.value.leakage", benefit_id=one.id)
                for key, one in benefits.items()
            },
            "kpi.benefit.confidence": {
                key: cls.env["kpi.benefit.confidence"].create(
                    {"benefit_id": one.id, "probability": 0.5, "reason": "Access"}
                )
                for key, one in benefits.items()
            },
            "kpi.benefit.node": {**objectives, **changes},
            "kpi.benefit.link": {
                key: cls.env["kpi.benefit.link"].create(
                    {
                        "source_benefit_id": one.id,
                        "target_node_id": objectives["b" if key == "b" else "a"].id,
                    }
                )
                for key, one in benefits.items()
            },
        }
