"""The world of tests: records that many classes need, made once per process.

A case makes them in ``prepare_database``, which pytest calls before the first test; its
classes look them up, which takes a hundredth of the time. What tests change in them is
rolled back as all they do::

    class HarbourCase(TransactionCase):
        @classmethod
        def prepare_database(cls, env):
            company = env["res.company"].create({"name": "Harbour"})
            ann = new_test_user(env, "harbour_ann", company_id=company.id)
            keep(env, "harbour", company=company, ann=ann)

        @classmethod
        def setUpClass(cls):
            super().setUpClass()
            found(cls, "harbour", "company", "ann")

No other class counts them: the companies of a case are its own, and whatever can be
archived is archived until ``found`` is called, within the transaction of that class.
"""

from odoo.tools import SQL

MODULE = "kpi_test"
# what no two records may share, archived or not
UNIQUE = {"res_company": "name", "res_users": "login"}
# case → table → ids of what is archived until a class needs it
_archived: dict[str, dict[str, list[int]]] = {}


class NameTaken(Exception):
    """Two cases keep a record by the same name: one of them would find the other's."""


def prepare(case, env):
    """Have a case make its records. A currency that a new company activates is not
    active for others.
    """
    currencies = env["res.currency"].search([])
    case.prepare_database(env)
    (env["res.currency"].search([]) - currencies).active = False


def builder(case, env, **attributes):
    """A class with the helpers of ``case`` that makes records in ``env``.

    What they set as attributes is not set on the case.
    """
    name = f"{case.__name__}Builder"
    return type(case)(name, (case,), {"env": env, **attributes})


def keep(env, case, **records):
    """Keep records by name, and archive all that was made in this transaction.

    :param case: begins the names, as in ``kpi_test.harbour_company``
    :raises NameTaken: another record is kept by one of these names
    """
    data = env["ir.model.data"]
    names = {f"{case}_{name}": record for name, record in records.items()}
    taken = data.search(
        [("module", "=", MODULE), ("name", "in", list(names))], order="name", limit=1
    )
    if taken:
        raise NameTaken(f"{taken.complete_name} is kept twice; rename one of the two.")

    data.create(
        [
            {
                "module": MODULE,
                "name": name,
                "model": record._name,
                "res_id": record.ensure_one().id,
                "noupdate": True,
            }
            for name, record in names.items()
        ]
    )
    _archived[case] = _find_made(env)
    for each in _archived:
        _set_active(env, each, False)


def found(cls, case, *names):
    """Set records of a case as attributes of a class, in whose transaction all that the
    case made is active from now on.

    :raises ValueError: no case has kept a record by this name
    """
    _set_active(cls.env, case, True)
    for name in names:
        setattr(cls, name, cls.env.ref(f"{MODULE}.{case}_{name}"))


def employ_everybody(env):
    """Activate the people of all cases, for a class that looks for those who left."""
    people = []
    for tables in _archived.values():
        people += tables.get("res_users", [])
    env.flush_all()
    env.cr.execute("UPDATE res_users SET active = TRUE WHERE id = ANY(%s)", [people])
    env.invalidate_all()


def _find_made(env):
    """Table → ids of the active records that this transaction made."""
    env.flush_all()
    made = {}
    for model in env.values():
        field = model._fields.get("active")
        if not (model._auto and model._log_access and field and field.store):
            continue
        rows = env.execute_query(
            SQL(
                "SELECT id FROM %s WHERE active AND create_date >= %s",
                SQL.identifier(model._table),
                env.cr.now(),
            )
        )
        if rows:
            made[model._table] = [row_id for (row_id,) in rows]
    return made


def _set_active(env, case, is_active):
    """Set what is active past the ORM, which would do what else follows from archiving.

    While they are archived, a prefix frees the names that only one record may have.
    """
    env.flush_all()
    for table, ids in _archived.get(case, {}).items():
        values = [SQL("active = %s", is_active)]
        if name := UNIQUE.get(table):
            prefix, column = f"{case}: ", SQL.identifier(name)
            if is_active:
                values.append(
                    SQL("%s = substr(%s, %s)", column, column, len(prefix) + 1)
                )
            else:
                values.append(SQL("%s = %s || %s", column, prefix, column))
        env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE id = ANY(%s) AND active != %s",
                SQL.identifier(table),
                SQL(", ").join(values),
                ids,
                is_active,
            )
        )
    env.invalidate_all()
