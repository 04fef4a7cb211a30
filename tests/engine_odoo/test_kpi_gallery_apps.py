"""Every KPI of the gallery, in a database with all the apps they need."""

from datetime import date, timedelta

import pytest

from odoo.fields import Command

pytestmark = pytest.mark.long

TODAY = date.today()


@pytest.fixture(scope="module")
def module_database():
    """A copy of the template with the gallery's apps instead of the usual one."""
    from templates import template_copy

    with template_copy("gallery") as name:
        yield name


@pytest.fixture
def gallery(env):
    """All of the gallery, turned on for a company of its own and its people."""
    company = env["res.company"].create({"name": "Gallery"})
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    env["hr.department"].create({"name": "Here"})
    return env["kpi.gallery.kpi"].search([])


def values(gallery, code):
    gallery.env["kpi.source"]._recompute_all(TODAY - timedelta(days=90), TODAY)
    (kpi,) = gallery.filtered(lambda each: each.code == code)
    company = gallery.env.company
    report = kpi.definition_id._track_for("company", company, company.id)
    found = report._values("month", TODAY, TODAY)[report]
    return found.get(TODAY.replace(day=1))


def test_every_kpi_is_available_where_its_apps_are(gallery):
    assert set(gallery.mapped("state")) == {"off"}


def test_every_kpi_is_tracked_and_computed_without_error(gallery):
    gallery._turn_on(["department", "user"])
    gallery.env["kpi.source"]._recompute_all(TODAY - timedelta(days=400), TODAY)
    definitions = gallery.definition_id
    assert len(definitions) == len(gallery) >= 60
    assert definitions.filtered("computation_error").mapped("code") == []
    failed = gallery.env["kpi.source"].search([("last_error", "!=", False)])
    assert failed.mapped("name") == []
    counts = definitions.filtered(
        lambda kpi: kpi.measure == "count" and kpi.computation == "records"
    )
    silent = counts.report_ids.filtered(lambda report: not report.has_value)
    # A company without records has none; with one, each count is a number.
    begun = silent.filtered(
        lambda report: any(
            (source.first_days or {}).get(str(report.company_id.id))
            for source in report.definition_id.source_ids
        )
    )
    assert begun.mapped("name") == []
    assert silent < counts.report_ids


def test_purchases_are_counted(gallery):
    env = gallery.env
    env["stock.warehouse"].create({"name": "Here", "code": "HERE"})
    gallery._turn_on()
    product = env["product.product"].create({"name": "Bolt"})
    supplier = env["res.partner"].create({"name": "Supplier"})
    orders = env["purchase.order"].create(
        [
            {
                "partner_id": supplier.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": quantity,
                            "price_unit": 10.0,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
            for quantity in (3, 5, 7)
        ]
    )
    orders[:2].button_confirm()
    assert values(gallery, "purchase_spend") == 80.0
    assert values(gallery, "purchase_orders") == 2
    assert values(gallery, "purchase_average_order") == 40.0
    assert values(gallery, "purchase_suppliers") == 1
    assert values(gallery, "purchase_conversion") == pytest.approx(100 * 2 / 3)


def test_employees_and_applications_are_counted(gallery):
    env = gallery.env
    gallery._turn_on()
    env["hr.employee"].create([{"name": f"Employee {n}"} for n in range(4)])
    job = env["hr.job"].create({"name": "Fitter"})
    applicants = env["hr.applicant"].create(
        [{"partner_name": f"Applicant {n}", "job_id": job.id} for n in range(5)]
    )
    applicants[4].active = False
    assert values(gallery, "hr_headcount") == 4
    assert values(gallery, "hr_joiners") == 4
    assert values(gallery, "hr_applications") == 5
