# shellcheck shell=bash
# What only `setup/test --long` needs of the system: a pool of connections, PostgreSQL's
# driver for ODBC, and Java for Spark. Its Python packages are the layer `long`.

MIN_JAVA=17

# is_long ARGUMENT... : whether a run of the tests with these is a long one.
is_long() {
    [ -n "${KPI_LONG:-}" ] || [[ " $* " == *" --long "* ]]
}

# need_long : before `ensure_environment`.
need_long() {
    if ! _find_pgbouncer; then
        need_packages pgbouncer
        KPI_HAS_NEW_POOL=yes
    fi
    grep -qs '^\[PostgreSQL' /etc/odbcinst.ini || need_packages odbc-postgresql unixodbc
    _has_java || need_packages default-jre-headless
}

# finish_long : after `ensure_environment`. Debian's PgBouncer starts a service for the
# whole machine, which nobody asked for.
finish_long() {
    [ -n "${KPI_HAS_NEW_POOL:-}" ] && command -v systemctl >/dev/null || return 0
    _as_root systemctl disable --quiet --now pgbouncer 2>/dev/null || true
}

# Debian keeps it where only root looks for programs.
_find_pgbouncer() {
    PATH=$PATH:/usr/sbin command -v pgbouncer >/dev/null
}

# Java 8 called itself 1.8.
_has_java() {
    local version
    version=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge "$MIN_JAVA" ]
}
