# shellcheck shell=bash
# Python: one virtual environment in the cache, in three layers of pinned
# packages (serve, test, lint), each installed by the first command that needs it.

find_python() {
    [ -n "${KPI_PYTHON:-}" ] && return
    local candidate
    for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            KPI_PYTHON=$(command -v "$candidate")
            return
        fi
    done
    install_packages "running Odoo" python3 python3-venv
    KPI_PYTHON=$(command -v python3) || true
    "${KPI_PYTHON:-false}" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null \
        || fail "Odoo 19 needs Python 3.10 or newer: install it and name it with PYTHON=/path/to/python3.1x."
}

# ensure_python LAYER... : the environment with these layers; sets KPI_VENV.
ensure_python() {
    local layer
    find_python
    KPI_VENV=$KPI_HOME/venv
    _ensure_venv
    for layer in "$@"; do
        _ensure_layer "$layer"
    done
    PATH=$KPI_VENV/bin:$PATH
    export PATH
}

_ensure_venv() {
    local key
    key=$("$KPI_PYTHON" -c 'import sys; print(sys.version, sys.base_prefix)' | sha256sum | cut -c 1-16)
    is_stamped venv "$key" && [ -x "$KPI_VENV/bin/python" ] && return
    if ! "$KPI_PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        [ "$KPI_PYTHON" = /usr/bin/python3 ] \
            || fail "$KPI_PYTHON has no venv module: use another one with PYTHON=/usr/bin/python3."
        install_packages "a private Python environment" python3-venv
    fi
    say "making a Python environment"
    rm -rf "$KPI_VENV" "$KPI_HOME"/stamps/python-*
    # an importable Odoo, where there is one, must stay importable
    local options=()
    [ "${KPI_ODOO_PROVIDER:-}" = importable ] && options=(--system-site-packages)
    run_quietly "Python's venv module failed (the reason is above): on Debian and Ubuntu install python3-venv." \
        "$KPI_PYTHON" -m venv "${options[@]}" "$KPI_VENV"
    stamp venv "$key"
}

_ensure_layer() {
    local layer=$1 lock=$KPI_SETUP/requirements/$1.lock key
    key=$(hash_of "$lock")
    is_stamped "python-$layer" "$key" && return
    say "installing Python packages: $layer"
    run_quietly "pip could not install setup/requirements/$layer.lock: check the network (the reason is above), then run this again." \
        "$KPI_VENV/bin/python" -m pip --quiet --disable-pip-version-check --retries 2 \
        install --prefer-binary -r "$lock"
    stamp "python-$layer" "$key"
}
