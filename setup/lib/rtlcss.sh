# shellcheck shell=bash
# rtlcss turns Odoo's style sheets round for languages that are written from the right
# to the left; Odoo looks for it on PATH. Sourced by the commands that start Odoo.

# shellcheck source-path=SCRIPTDIR source=node.sh
. "$KPI_SETUP/lib/node.sh"

RTLCSS_VERSION=4.3.0

# After `ensure_environment ... $(node_layer)`.
ensure_rtlcss() {
    local target=$KPI_HOME/rtlcss work=$KPI_HOME/tmp/rtlcss
    ! command -v rtlcss >/dev/null || return 0
    _has_node || _use_node_of_wheel
    lock_cache
    if ! is_stamped rtlcss "$RTLCSS_VERSION" || [ ! -d "$target" ]; then
        say "installing rtlcss"
        rm -rf "$work" "$target"
        mkdir -p "$work"
        run_quietly "npm could not install rtlcss: check the network (the reason is above), then run this again." \
            npm --prefix "$work" install --ignore-scripts --no-audit --no-fund "rtlcss@$RTLCSS_VERSION"
        mv "$work" "$target"
        stamp rtlcss "$RTLCSS_VERSION"
    fi
    unlock_cache
    PATH=$target/node_modules/.bin:$PATH
    export PATH
}
