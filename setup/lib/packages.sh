# shellcheck shell=bash
# Packages of the system: the only thing that changes outside the cache folder.

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# install_packages WHAT_FOR PACKAGE... : names them, then installs them with apt.
install_packages() {
    local purpose=$1
    shift
    command -v apt-get >/dev/null \
        || fail "$purpose needs $*, and there is no apt-get here: install them with this system's package manager."
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        fail "$purpose needs the packages $*: install them as root (apt-get install $*), or install sudo."
    fi
    say "installing with apt, for $purpose: $*"
    _apt_install "$@" && return
    run_quietly "apt could not fetch its package lists: check the network and /etc/apt/sources.list, then run this again." \
        as_root apt-get -q -o Acquire::Retries=2 update
    run_quietly "apt could not install $*: check the network (the reason is above), then run this again." \
        _apt_install "$@"
}

_apt_install() {
    local log
    log=$(mktemp "$KPI_HOME/tmp/apt.XXXXXX")
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=2 \
        --no-install-recommends install "$@" >"$log" 2>&1 9>&-; then
        rm -f "$log"
        return
    fi
    cat "$log"
    rm -f "$log"
    return 1
}
