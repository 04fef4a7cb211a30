"""Brings the database of ``setup/serve`` up to date with the files of the addons.

A new database is copied from a template, under another name until it is complete, so
that an interruption leaves nothing half done. What was installed from which files is
noted in the cache; a changed addon is upgraded, a new one installed.
"""

import argparse
import json
import os
import sys
from contextlib import closing
from pathlib import Path

import databases
from addons import EXPECTED, Addon, ready_addons
from installer import OdooFailed, run_odoo, say
from templates import Template

STATE = Path(os.environ["KPI_STATE"])
FINISH = Path(__file__).with_name("finish_database.py")


def main() -> None:
    options = _parse()
    ready = ready_addons()
    with databases.lock(options.name):
        if options.fresh:
            databases.drop(options.name)
        if databases.exists(options.name):
            _update(options.name, ready)
        else:
            wanted = [a for a in ready if not a.is_extra or options.demo and a.is_demo]
            _create(options.name, wanted)
        _set_address(options.name, options.port)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("port", type=int)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--no-demo", dest="demo", action="store_false")
    return parser.parse_args()


def _create(name: str, addons: list[Addon]) -> None:
    hashes = {addon.name: addon.database_hash for addon in addons}
    say(f"making the database {name}")
    template = Template(tuple(addons), beside=EXPECTED).build()
    with databases.building(name) as temporary:
        databases.copy(template, temporary)
        _make_its_own(temporary)
    _note(name, hashes)


def _update(name: str, addons: list[Addon]) -> None:
    installed = _installed(name)
    file = _notes_file(name)
    noted = json.loads(file.read_text()) if file.exists() else {}
    hashes = {
        addon.name: addon.database_hash
        for addon in addons
        # what was left out at the start stays out
        if addon.name in installed or not addon.is_extra
    }
    new = [addon for addon in hashes if addon not in installed]
    changed = [a for a in hashes if a in installed and noted.get(a) != hashes[a]]
    if not new and not changed:
        return
    say(f"upgrading the database {name}: {', '.join(new + changed)}")
    arguments = (["-i", ",".join(new)] if new else []) + (
        ["-u", ",".join(changed)] if changed else []
    )
    run_odoo(
        ["-d", name, *arguments, "--stop-after-init", "--no-http"],
        STATE / "logs" / f"upgrade-{name}.log",
    )
    say("computing the KPIs")
    run_odoo(
        ["shell", "-d", name, "--no-http"],
        STATE / "logs" / f"finish-{name}.log",
        script=FINISH,
    )
    _note(name, hashes)


def _make_its_own(name: str) -> None:
    """Gives a copy its own identity and secret, as Odoo does.

    The administrator lands on the KPIs: below a chat nobody finds them.
    """
    with closing(databases.connect(name)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE ir_config_parameter SET value = gen_random_uuid()
                 WHERE key IN ('database.uuid', 'database.secret');
                UPDATE res_users
                   SET action_id = home.res_id
                  FROM ir_model_data AS home, ir_model_data AS administrator
                 WHERE (home.module, home.name) = ('kpi_tracking', 'kpi_home_action')
                   AND (administrator.module, administrator.name)
                     = ('base', 'user_admin')
                   AND res_users.id = administrator.res_id
                   AND res_users.action_id IS NULL
                """
            )


def _set_address(name: str, port: int) -> None:
    """Has links that leave Odoo lead to this server; a real address stays.

    Odoo knows no other port than 8069 until an administrator logs in.
    """
    with closing(databases.connect(name)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "UPDATE ir_config_parameter SET value = %s WHERE key = 'web.base.url'"
                " AND value LIKE 'http://localhost:%%'",
                (f"http://localhost:{port}",),
            )


def _installed(name: str) -> set[str]:
    query = "SELECT name FROM ir_module_module WHERE state = 'installed'"
    with closing(databases.connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('ir_module_module')")
        if cursor.fetchone()[0] is None:
            raise databases.DatabaseError(
                f"the database {name} is not one of Odoo: choose another name with "
                "--db, or replace it with --fresh."
            )
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def _notes_file(name: str) -> Path:
    return STATE / "stamps" / f"database-{name}.json"


def _note(name: str, hashes: dict[str, str]) -> None:
    file = _notes_file(name)
    temporary = file.with_suffix(".new")
    temporary.write_text(json.dumps(hashes))
    temporary.replace(file)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)  # setup/serve, which was interrupted as well, says so
    except databases.DatabaseError as error:
        sys.exit(f"\nserve: {error}")
    except OdooFailed as error:
        sys.exit(
            f"{error}\nserve: Odoo ended with an error while it prepared the database "
            f"(above, all of it in {STATE / 'logs'}): correct that and run this again."
        )
