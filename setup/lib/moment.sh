# shellcheck shell=bash
# `setup/test --at MOMENT`: the tests as they run on another day. Their programs and a
# PostgreSQL of their own, which ends with them, read a clock that differs from the
# machine's by as much; stop watches go on as they are.

# need_moment : before `ensure_environment`.
need_moment() {
    command -v cc >/dev/null || need_packages gcc libc6-dev
}

# run_at MOMENT COMMAND... : after `ensure_environment`, as all is fetched at the real
# time; with the status of the command.
run_at() {
    local moment=$1 status=0
    shift
    _find_postgres || fail "--at needs the programs of PostgreSQL on this machine."
    MOMENT_CLUSTER=$KPI_HOME/moment-$$
    # for sockets and the library: a short path without spaces
    MOMENT_FOLDER=$(mktemp -d /tmp/kpi-moment.XXXXXX)
    trap _end_moment EXIT
    _with_clock_at "$moment"
    run_quietly "the library that shifts clocks could not be made (the reason is above)." \
        cc -O2 -shared -fPIC -o "$MOMENT_FOLDER/clock.so" "$KPI_SETUP/lib/shifted_clock.c" -ldl
    lock_cache
    _create_cluster "$MOMENT_CLUSTER"
    unlock_cache
    echo "fsync = off" >>"$MOMENT_CLUSTER/kpi.conf"
    [ "$(id -u)" != 0 ] || chown "$KPI_PG_USER" "$MOMENT_FOLDER"
    unset DATABASE_URL PGPASSWORD
    export PGHOST=$MOMENT_FOLDER PGPORT=5432 PGUSER=odoo
    _start_cluster "$MOMENT_CLUSTER" "${MOMENT_CLOCK[@]}"
    env "${MOMENT_CLOCK[@]}" "$@" || status=$?
    return "$status"
}

# Sets MOMENT_CLOCK: what a program is started with to read that clock.
_with_clock_at() {
    local seconds
    # a day that is missing would be today
    seconds=$(date --date "${1:-none}" +%s 2>/dev/null) || fail "--at takes a moment like \"2028-02-29 12:00\" (UTC)."
    MOMENT_CLOCK=(
        LD_PRELOAD="$MOMENT_FOLDER/clock.so" KPI_CLOCK_SHIFT="$((seconds - $(date +%s)))"
    )
}

_end_moment() {
    local server
    rm -rf "$MOMENT_FOLDER"
    [ -d "$MOMENT_CLUSTER" ] || return 0
    # its state is named after it, see `choose_state`
    server=$("$KPI_PG_BIN/pg_controldata" "$MOMENT_CLUSTER" | sed -n 's/^Database system identifier: *//p')
    _as_postgres "$KPI_PG_BIN/pg_ctl" --pgdata "$MOMENT_CLUSTER" --silent --wait --mode immediate stop || true
    rm -rf "$MOMENT_CLUSTER" "${KPI_HOME:?}/server-$server" "$KPI_HOME/stamps/role-$(basename "$MOMENT_CLUSTER")"
}
