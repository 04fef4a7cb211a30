# shellcheck shell=bash
# One folder outside the tree holds everything the commands make; steps leave a
# stamp with the hash of what they were made from, and are skipped while it fits.

# Root's home is closed to the user that runs PostgreSQL, so root's cache is the
# system's.
_default_home() {
    if [ -n "${XDG_CACHE_HOME:-}" ]; then
        echo "$XDG_CACHE_HOME/kpi-tracking"
    elif [ "$(id -u)" = 0 ]; then
        echo /var/cache/kpi-tracking
    else
        echo "$HOME/.cache/kpi-tracking"
    fi
}

KPI_HOME=${KPI_HOME:-$(_default_home)}
export KPI_HOME

open_cache() {
    mkdir -p "$KPI_HOME/tmp" "$KPI_HOME/stamps" "$KPI_HOME/logs" 2>/dev/null \
        || fail "cannot write to $KPI_HOME: set KPI_HOME to a folder of yours."
    KPI_HOME=$(cd "$KPI_HOME" && pwd -P)
}

# lock_cache [NAME [COMMAND...]] : two commands at once: the second waits here until the
# first has prepared what has this name, or COMMAND finds what it needs of it. Programs
# that stay in the background must not inherit the lock (`9>&-`), or it would never be free.
lock_cache() {
    local is_told=
    open_cache
    exec 9>"$KPI_HOME/lock${1:+-$1}"
    until flock -n 9; do
        [ -n "$is_told" ] || say "another setup command is preparing ${1:-the environment}: waiting for it"
        is_told=yes
        flock -w 1 9 && return
        [ $# -lt 2 ] || ! "${@:2}" || return 0
    done
}

unlock_cache() {
    exec 9>&-
}

# hash_of FILE... : one short hash of the contents.
hash_of() {
    cat -- "$@" | sha256sum | cut -c 1-16
}

# is_stamped NAME HASH / stamp NAME HASH
is_stamped() {
    [ "$(cat "$KPI_HOME/stamps/$1" 2>/dev/null)" = "$2" ]
}

stamp() {
    printf '%s\n' "$2" >"$KPI_HOME/stamps/$1.new"
    mv -f "$KPI_HOME/stamps/$1.new" "$KPI_HOME/stamps/$1"
}
