# shellcheck shell=bash
# rtlcss turns Odoo's style sheets round for languages that are written from the right
# to the left; Odoo looks for it on PATH. Nothing else needs it: when it cannot be
# fetched, work goes on without. Sourced by the commands that start Odoo.

# shellcheck source-path=SCRIPTDIR source=node.sh
. "$KPI_SETUP/lib/node.sh"

RTLCSS_VERSION=4.3.0

# Puts the place on PATH where `install_rtlcss` will have put it.
find_rtlcss() {
    PATH=$PATH:$KPI_HOME/rtlcss/node_modules/.bin:$KPI_HOME/node-bin
    export PATH
}

# After `ensure_environment`: from the registry of npm, with the machine's Node.js or
# that of the layer node.
install_rtlcss() {
    local work=$KPI_HOME/tmp/rtlcss
    ! command -v rtlcss >/dev/null || return 0
    # shellcheck disable=SC2046 # no word or one
    ensure_python $(node_layer)
    lock_cache rtlcss
    _has_node || _use_node_of_wheel
    rm -rf "$work"
    mkdir -p "$work"
    say "installing rtlcss"
    if run_logged "$KPI_HOME/logs/rtlcss.log" npm --prefix "$work" install --ignore-scripts \
        --no-audit --no-fund --fetch-retries=0 "rtlcss@$RTLCSS_VERSION"; then
        rm -rf "$KPI_HOME/rtlcss"
        mv "$work" "$KPI_HOME/rtlcss"
    else
        say "rtlcss could not be installed: Arabic or Hebrew pages will not be mirrored"
    fi
    unlock_cache
}
