# shellcheck shell=bash
# A browser for tours, hoot tests and screenshots.

has_browser() {
    local name
    # the names that Odoo looks for
    for name in google-chrome chromium chromium-browser google-chrome-stable; do
        ! command -v "$name" >/dev/null || return 0
    done
    return 1
}

# need_browser PYTEST-ARGUMENT... : when there is none and the tests that are named
# (without any: all) want one.
need_browser() {
    ! has_browser || return 0
    local argument paths=()
    for argument in "$@"; do
        [ -e "${argument%%::*}" ] && paths+=("${argument%%::*}")
    done
    [ "${#paths[@]}" -gt 0 ] || paths=("$KPI_ROOT")
    if grep -rqsE --include='test_*.py' --include='*.test.js' \
        '\b(start_tour|browser_js)\(|@odoo/hoot' "${paths[@]}"; then
        need_packages chromium
    fi
}
