# shellcheck shell=bash
# A browser for tours, hoot tests and pictures: the machine's, else Debian's package.
# Ubuntu's package is a snap, which cannot read the profiles Odoo makes in /tmp: there
# Playwright's Chromium goes into the cache.

PLAYWRIGHT_VERSION=1.65.2

has_browser() {
    local name
    # the names that Odoo looks for
    for name in google-chrome chromium chromium-browser google-chrome-stable; do
        ! command -v "$name" >/dev/null || return 0
    done
    return 1
}

# need_browser PYTEST-ARGUMENT... : before `ensure_environment`; when there is none and
# the tests that are named (without any: all) want one.
need_browser() {
    KPI_WANTS_PLAYWRIGHT=
    ! has_browser || return 0
    local argument paths=()
    for argument in "$@"; do
        [ -e "${argument%%::*}" ] && paths+=("${argument%%::*}")
    done
    [ "${#paths[@]}" -gt 0 ] || paths=("$KPI_ROOT")
    grep -rqsE --include='test_*.py' --include='*.test.js' \
        '\b(start_tour|browser_js)\(|@odoo/hoot' "${paths[@]}" || return 0
    if grep -qs '^ID=ubuntu' /etc/os-release; then
        KPI_WANTS_PLAYWRIGHT=yes
    else
        need_packages chromium
    fi
}

# After `ensure_environment`: what `need_browser` could not leave to apt.
ensure_browser() {
    [ -n "${KPI_WANTS_PLAYWRIGHT:-}" ] || return 0
    local browsers=$KPI_HOME/browsers
    lock_cache Chromium
    if ! is_stamped browsers "$PLAYWRIGHT_VERSION"; then
        say "installing Chromium with Playwright; apt installs the libraries it lists"
        run_quietly "Chromium could not be installed (the reason is above): check the network, or install Google Chrome." \
            _install_playwright "$browsers"
        stamp browsers "$PLAYWRIGHT_VERSION"
    fi
    unlock_cache
    PATH=$browsers/bin:$PATH
    export PATH
}

_install_playwright() {
    local browsers=$1 program
    python -m venv "$browsers/venv" \
        && "$browsers/venv/bin/pip" --quiet install "playwright==$PLAYWRIGHT_VERSION" \
        && PLAYWRIGHT_BROWSERS_PATH=$browsers "$browsers/venv/bin/playwright" install --with-deps chromium \
        && program=$(find "$browsers" -path '*chrome-linux*' -name chrome -type f | grep -m 1 .) \
        && mkdir -p "$browsers/bin" \
        && ln -sf "$program" "$browsers/bin/chromium"
}
