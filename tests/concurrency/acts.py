"""What people do in these tests: functions of an environment."""

from itertools import count

_numbers = count()


def new_name():
    """A name, code or login that nothing else has."""
    return f"n{next(_numbers)}"


def definition_values(formula=None):
    """Of a KPI that people enter, or of one computed by ``formula``."""
    values = {"name": new_name(), "company_id": False}
    if formula:
        values |= {"computation": "formula", "formula": formula}
    return values


def write(model, record_id, **values):
    return lambda env: env[model].browse(record_id).write(values)


def create(model, **values):
    return lambda env: env[model].create(values)


def new_company(env):
    return env["res.company"].create({"name": new_name()})


def new_user(env):
    return env["res.users"].create({"name": "Mia", "login": new_name()})
