# shellcheck shell=bash
# The library of the commands in setup/: sourced first. A command sets
# `set -euo pipefail`, sources this file and calls `ensure_environment`.

KPI_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
KPI_SETUP=$KPI_ROOT/setup

# The same on every machine: what programs say is read (that a disk is full), paths are
# UTF-8, and a day begins when it does in Odoo.
export LC_ALL=C.UTF-8 TZ=UTC
unset LANGUAGE

for topic in messages cache packages python odoo postgres browser pango; do
    # shellcheck source=/dev/null
    . "$KPI_SETUP/lib/$topic.sh"
done
unset topic

# ensure_environment LAYER... : everything `python "$ODOO_BIN"`, `psql` and `pytest` need,
# with these layers of Python packages (serve, test, long, lint). Exports PATH,
# PYTHONPATH, ODOO_RC, PGHOST, PGPORT, PGUSER and KPI_STATE.
ensure_environment() {
    lock_cache
    need_python
    choose_odoo
    need_odoo
    need_postgres
    need_pango
    install_packages
    [ -n "$KPI_PYTHON" ] || find_python
    # what takes the network at once: Odoo, and the packages of Python
    fetch_odoo &
    local fetching=$!
    ensure_postgres
    # held by what fetches, until it is done
    unlock_cache
    ensure_python "$@"
    wait "$fetching" || exit 1
    choose_state
    ensure_odoo
    write_odoo_config
    # without it each start compiles Odoo and the addons anew, where the tree is not to
    # be written to
    unset PYTHONDONTWRITEBYTECODE
    export PYTHONPYCACHEPREFIX=$KPI_HOME/bytecode
}

# ensure_tools LAYER... : the programs of these layers alone, without Odoo and PostgreSQL.
ensure_tools() {
    lock_cache
    need_python
    choose_odoo
    install_packages
    [ -n "$KPI_PYTHON" ] || find_python
    unlock_cache
    ensure_python "$@"
}
