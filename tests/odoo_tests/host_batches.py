"""Counts statements of batches of Odoo's own records, in an Odoo shell.

Prints a dict of what was done to its number of statements, as JSON.
"""

import json

SIZE = 30


def run(env):
    """Create, write and decide on records of each kind; nothing is committed."""
    counts = {}

    def count(name, function):
        env.flush_all()
        env.cr.flush()
        before = env.cr.sql_log_count
        result = function()
        env.flush_all()
        env.cr.flush()
        counts[name] = env.cr.sql_log_count - before
        return result

    def write_each(records, changes):
        for record in records:
            record.write(changes)

    def try_batch(model, values, changes):
        """Create records, write them together and one by one."""
        first = env[model].create([values(SIZE)])  # what is looked up once only
        first.write(changes)
        many = [values(number) for number in range(SIZE)]
        records = count(f"{model} created", lambda: env[model].create(many))
        env.invalidate_all()
        count(f"{model} written", lambda: records.write(changes))
        env.invalidate_all()
        count(f"{model} written each", lambda: write_each(records, changes))
        return records

    user = env.ref("base.user_admin")
    partner = env["res.partner"].create({"name": "Host"})
    product = env["product.product"].create({"name": "Host", "type": "service"})
    project = env["project.project"].create({"name": "Host"})
    department = env["hr.department"].create({"name": "Host"})
    if not env["account.journal"].search([("type", "=", "sale")], limit=1):
        charts = env["account.chart.template"]
        charts.try_loading("generic_coa", env.company, install_demo=False)

    try_batch(
        "crm.lead",
        lambda number: {"name": f"Lead {number}", "type": "opportunity"},
        {"user_id": user.id, "expected_revenue": 7.0},
    )
    lines = [(0, 0, {"product_id": product.id, "price_unit": 10.0})]
    orders = try_batch(
        "sale.order",
        lambda number: {"partner_id": partner.id, "order_line": lines},
        {"client_order_ref": "Host", "user_id": user.id},
    )
    count("sale.order confirmed", orders.action_confirm)
    try_batch(
        "project.task",
        lambda number: {"name": f"Task {number}", "project_id": project.id},
        {"user_ids": [(6, 0, user.ids)], "date_deadline": "2027-01-01"},
    )
    invoices = try_batch(
        "account.move",
        lambda number: {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": "2026-01-01",
            "invoice_line_ids": [(0, 0, {"name": "Host", "price_unit": 10.0})],
        },
        {"ref": "Host"},
    )
    count("account.move posted", invoices.action_post)
    try_batch(
        "hr.employee",
        lambda number: {"name": f"Employee {number}"},
        {"department_id": department.id, "job_title": "Host"},
    )
    try_batch(
        "res.users",
        lambda number: {"name": f"User {number}", "login": f"host-{number}"},
        {"tz": "Europe/Berlin"},
    )
    print("counts " + json.dumps(counts))


run(env)  # noqa: F821  # the shell's
