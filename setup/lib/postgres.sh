# shellcheck shell=bash
# PostgreSQL: the server named by PGHOST or DATABASE_URL, else a private one on a
# Unix socket in the cache folder. Sets and exports PGHOST, PGPORT, PGUSER, which
# psql and Odoo both read.

LEAST_POSTGRES=14

need_postgres() {
    _allow_main_cluster  # an interrupted installation may have left the answer
    if [ -z "${DATABASE_URL:-}${PGHOST:-}" ] && ! _find_postgres; then
        need_packages postgresql
    fi
}

ensure_postgres() {
    if [ -n "${DATABASE_URL:-}" ]; then
        _read_database_url
    elif [ -z "${PGHOST:-}" ] || _is_private; then
        _ensure_private_postgres
        export PGUSER=odoo
    fi
}

# Sets and exports KPI_STATE: filestores, locks, notes and logs of databases, whose names
# say nothing of their server. After `ensure_python`, as there may be no psql here.
choose_state() {
    local answer
    KPI_STATE=$KPI_HOME
    if ! _is_private; then
        answer=$(python "$KPI_SETUP/lib/check_postgres.py" "$LEAST_POSTGRES" 2>&1) || fail "$answer"
        KPI_STATE=$KPI_HOME/server-$answer
        mkdir -p "$KPI_STATE/tmp" "$KPI_STATE/stamps" "$KPI_STATE/logs"
    fi
    export KPI_STATE
}

# Whether PGHOST names our own server, as it does where one command starts another.
_is_private() {
    [[ $PGHOST == "$KPI_HOME"/postgres-* ]] || [[ $PGHOST == "$(_short_sockets)"/* ]]
}

_read_database_url() {
    local settings
    settings=$("$KPI_PYTHON" "$KPI_SETUP/lib/database_url.py" "$DATABASE_URL") \
        || fail "DATABASE_URL is not of the form postgresql://user:password@host:port/."
    eval "$settings"
}

# A socket's path is limited to 107 characters.
_short_sockets() {
    printf '/tmp/kpi-%s' "$(printf '%s' "$KPI_HOME" | sha256sum | cut -c 1-8)"
}

_ensure_private_postgres() {
    _find_postgres || fail "PostgreSQL is not where Debian puts it: put its bin folder on PATH."
    local major cluster
    major=$("$KPI_PG_BIN/postgres" --version | grep -oE '[0-9]+' | head -n 1)
    [ "$major" -ge "$LEAST_POSTGRES" ] \
        || fail "PostgreSQL $LEAST_POSTGRES or newer is needed, $KPI_PG_BIN has $major: install a newer one, or name a server with PGHOST."
    cluster=$KPI_HOME/postgres-$major
    [ -f "$cluster/kpi.conf" ] || _create_cluster "$cluster"
    [ "$(id -u)" != 0 ] || KPI_PG_USER=$(stat -c %U "$cluster")
    PGHOST=$cluster
    if [ "${#PGHOST}" -gt 80 ]; then
        PGHOST=$(_short_sockets)/$(basename "$cluster")
        mkdir -p "$PGHOST"
        [ "$(id -u)" != 0 ] || chown "$KPI_PG_USER" "$PGHOST"
    fi
    PGPORT=5432
    export PGHOST PGPORT
    _start_cluster "$cluster"
}

# Sets KPI_PG_BIN, and KPI_PG_USER: PostgreSQL refuses to run as root.
_find_postgres() {
    local folder
    KPI_PG_USER=$(id -un)
    if [ "$(id -u)" = 0 ]; then
        KPI_PG_USER=postgres
        id postgres >/dev/null 2>&1 || KPI_PG_USER=nobody
    fi
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t / -k 5 -rn) \
        "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
            KPI_PG_BIN=$folder
            return
        fi
    done
    return 1
}

_as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && setpriv --reuid "$KPI_PG_USER" --regid "$(id -g "$KPI_PG_USER")" --clear-groups -- "$@")
    else
        "$@"
    fi
}

_create_cluster() {
    local cluster=$1 work=$KPI_HOME/tmp/cluster
    say "making a private PostgreSQL cluster"
    rm -rf "$work" "$cluster" "$KPI_HOME/stamps/role-$(basename "$cluster")"
    mkdir -p "$work"
    if [ "$(id -u)" = 0 ]; then
        chown "$KPI_PG_USER" "$work"
        _as_postgres test -w "$work" \
            || fail "the user $KPI_PG_USER cannot reach $KPI_HOME: set KPI_HOME to a folder outside root's home."
    fi
    run_quietly "initdb failed (the reason is above)." \
        _as_postgres "$KPI_PG_BIN/initdb" --pgdata "$work" --username postgres --auth peer \
        --encoding UTF8 --locale C.UTF-8 --no-instructions --no-sync
    # who may connect: the system users that run this, as role odoo or postgres
    cat >"$work/pg_hba.conf" <<'CONF'
local all all peer map=kpi
CONF
    local user role
    for user in "$(id -un)" "$KPI_PG_USER"; do
        for role in odoo postgres; do echo "kpi $user $role"; done
    done | sort -u >"$work/pg_ident.conf"
    # One cluster for use and for tests: fsync stays on, as somebody's numbers may
    # be in it, but a commit does not wait for the disk: a crash of the machine
    # loses the last moments, never the consistency.
    cat >>"$work/postgresql.conf" <<'CONF'
include 'kpi.conf'
CONF
    cat >"$work/kpi.conf" <<'CONF'
listen_addresses = ''
max_connections = 200
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 30min
random_page_cost = 1.1
jit = off
log_min_messages = warning
CONF
    mv "$work" "$cluster"
}

# _start_cluster FOLDER [NAME=VALUE...] : with these variables in its environment.
_start_cluster() {
    local cluster=$1
    shift
    # asked by a connection: the process of a stale pid file may be anything
    if ! "$KPI_PG_BIN/pg_isready" --quiet --timeout 5; then
        say "starting PostgreSQL"
        # the options are a line of a shell; after a crash it syncs all files first
        run_quietly "PostgreSQL did not start (the reason is above, more in $cluster/server.log)." \
            _as_postgres env "$@" "$KPI_PG_BIN/pg_ctl" --pgdata "$cluster" --log "$cluster/server.log" --wait --timeout 600 --silent \
            --options "-k $(printf '%q' "$PGHOST")" start
    fi
    if ! is_stamped "role-$(basename "$cluster")" odoo; then
        run_quietly "the role odoo could not be made (the reason is above)." \
            _as_postgres "$KPI_PG_BIN/psql" --host "$PGHOST" --username postgres --dbname postgres --quiet \
            --command "DROP ROLE IF EXISTS odoo" --command "CREATE ROLE odoo LOGIN CREATEDB"
        stamp "role-$(basename "$cluster")" odoo
    fi
}
