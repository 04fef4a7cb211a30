# shellcheck shell=bash
# Packages of the system: the only thing that changes outside the cache folder.
# Each topic of the library adds what it misses with `need_packages`; they are
# named and installed together by `install_packages`.

KPI_MISSING=()

need_packages() {
    KPI_MISSING+=("$@")
}

install_packages() {
    [ "${#KPI_MISSING[@]}" -gt 0 ] || return 0
    local names="${KPI_MISSING[*]}"
    command -v apt-get >/dev/null \
        || fail "this needs $names, and there is no apt-get here: install them with this system's package manager."
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        fail "this needs the packages $names: install them as root (apt-get install $names), or install sudo."
    fi
    say "installing with apt: $names"
    # asks for a password now, while nothing else writes on the terminal
    _as_root true || fail "sudo refuses: have an administrator run apt-get install $names, then run this again."
    _forbid_main_cluster
    if ! run_logged /dev/null _apt install --no-install-recommends "${KPI_MISSING[@]}"; then
        # a bare machine has no package lists, an old one outdated ones, and apt
        # refuses to work on an installation that was interrupted
        run_logged /dev/null _as_root dpkg --configure -a || true
        run_quietly "apt could not read its package lists (the reason is above): check the network, then run this again." \
            _apt -o APT::Update::Error-Mode=any update
        run_quietly "apt could not install $names (the reason is above): check the network, then run this again." \
            _apt install --no-install-recommends "${KPI_MISSING[@]}"
    fi
    _allow_main_cluster
    KPI_MISSING=()
    hash -r
}

_apt() {
    _as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=2 \
        -o DPkg::Lock::Timeout=120 "$@"
}

_as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Debian's PostgreSQL makes and starts a cluster `main` for the whole machine, unless
# told otherwise before. The answer is taken back after the installation.
_no_cluster=/etc/postgresql-common/createcluster.d/kpi-tracking.conf

_forbid_main_cluster() {
    [[ " ${KPI_MISSING[*]} " == *" postgresql "* ]] || return 0
    trap _allow_main_cluster EXIT
    _as_root sh -c "mkdir -p '${_no_cluster%/*}' && echo 'create_main_cluster = off' >'$_no_cluster'"
}

_allow_main_cluster() {
    [ -f "$_no_cluster" ] || return 0
    _as_root rm -f "$_no_cluster"
    trap - EXIT
}
