# shellcheck shell=bash
# Python: one virtual environment in the cache, in layers of pinned packages
# (serve, test, long, lint), each installed by the first command that needs it.

# Sets KPI_PYTHON to a Python that Odoo 19 can run on, if there is one: the first on PATH
# where it has Odoo, else the system's, a fifth faster than what version managers build.
# Where one of our commands has started another, the first on PATH is that of our own
# environment: no Python to make it from.
find_python() {
    local choice candidate module
    for choice in ${PYTHON:-python3=odoo /usr/bin/python3=ensurepip python3 /usr/bin/python3}; do
        candidate=${choice%=*}
        module=${choice#"$candidate"} module=${module#=}
        if "$candidate" -c 'import sys; from importlib.util import find_spec; sys.exit(
            sys.version_info < (3, 10) or sys.prefix.startswith(sys.argv[1])
            or not find_spec(sys.argv[2]))' "$KPI_HOME" "${module:-sys}" 2>/dev/null; then
            KPI_PYTHON=$(command -v "$candidate")
            return
        fi
    done
    KPI_PYTHON=
    if [ -n "${PYTHON:-}" ]; then
        fail "PYTHON=$PYTHON is no Python 3.10 or newer, which Odoo 19 needs."
    elif command -v python3 >/dev/null; then
        fail "Odoo 19 needs Python 3.10 or newer, python3 is older: install one and name it with PYTHON=/path/to/python3."
    fi
}

need_python() {
    find_python
    if [ -z "$KPI_PYTHON" ]; then
        need_packages python3 python3-venv
    elif ! "$KPI_PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        [ "$(readlink -f "$KPI_PYTHON")" = "$(readlink -f /usr/bin/python3)" ] \
            || fail "$KPI_PYTHON lacks the modules venv and ensurepip: name another one with PYTHON=/usr/bin/python3."
        need_packages python3-venv
    fi
}

# ensure_python LAYER... : the environment with these layers; sets KPI_VENV. What another
# command adds to it meanwhile is waited for only where it is needed here.
ensure_python() {
    if ! _is_python_ready "$@"; then
        lock_cache python _is_python_ready "$@"
        _is_python_ready "$@" || _prepare_python "$@"
        unlock_cache
    fi
    PATH=$KPI_VENV/bin:$PATH
    export PATH
}

# An existing one stays, whichever Python is first on PATH today, while it works.
_is_python_ready() {
    local layer
    KPI_VENV=$(readlink -f "$KPI_HOME/python")
    is_stamped venv "$(_venv_key)" && "$KPI_VENV/bin/python" -c 'import pip' 2>/dev/null || return 1
    for layer in "$@"; do
        is_stamped "python-$layer" "$(_layer_key "$layer")" || return 1
    done
}

_venv_key() {
    printf '%s' "${PYTHON:-any}"
    # an Odoo that is importable must stay importable
    [ "$KPI_ODOO_PROVIDER" != importable ] || printf -- --system-site-packages
}

_layer_key() {
    hash_of "$KPI_SETUP/requirements/$1.lock"
}

# One in which a layer was interrupted holds packages that pip takes for installed. The
# next is made beside it, with what other commands have in it, and takes its place whole.
_prepare_python() {
    local layer layers=("$@") options=()
    if _is_python_ready && ! grep -qsx unfinished "$KPI_HOME"/stamps/python-*; then
        for layer in "$@"; do
            is_stamped "python-$layer" "$(_layer_key "$layer")" || _install_layer "$layer"
            stamp "python-$layer" "$(_layer_key "$layer")"
        done
        return
    fi
    say "making a Python environment"
    _forget_environments
    for layer in "$KPI_SETUP"/requirements/*.lock; do
        layer=$(basename "$layer" .lock)
        [[ " $* " == *" $layer "* ]] || ! is_stamped "python-$layer" "$(_layer_key "$layer")" || layers+=("$layer")
    done
    [[ "$(_venv_key)" != *--* ]] || options=(--system-site-packages)
    KPI_VENV=$KPI_HOME/python.$$
    run_quietly "Python could not make an environment (the reason is above)." \
        "$KPI_PYTHON" -m venv "${options[@]}" "$KPI_VENV"
    for layer in "${layers[@]}"; do
        _install_layer "$layer"
    done
    rm -f "$KPI_HOME"/stamps/{venv,python-*}
    # a server that runs from the one before goes on
    ln -sfn "python.$$" "$KPI_HOME/python"
    stamp venv "$(_venv_key)"
    for layer in "${layers[@]}"; do
        stamp "python-$layer" "$(_layer_key "$layer")"
    done
}

# Removes the environments that no program runs from, but for the last one: a command
# that has just found it runs its programs only now.
_forget_environments() {
    local place
    for place in "$KPI_HOME"/python.*; do
        [ "$place" = "$KPI_VENV" ] || [ ! -d "$place" ] \
            || grep -qsF "$place/" /proc/[0-9]*/{environ,maps} || rm -rf "$place"
    done
}

_install_layer() {
    local layer=$1
    say "installing Python packages: $layer"
    is_stamped "python-$layer" "$(_layer_key "$layer")" || stamp "python-$layer" unfinished
    run_quietly "pip could not install setup/requirements/$layer.lock: check the network (the reason is above), then run this again." \
        _pip_install -r "$KPI_SETUP/requirements/$layer.lock"
}

# A lock names all that its packages need but Odoo, which is no package of an index. What
# uv cannot install pip tries again, and says why.
_pip_install() {
    if _has_uv && UV_CACHE_DIR=$KPI_HOME/uv "$KPI_VENV/bin/python" \
        "$KPI_SETUP/lib/uv_install.py" --no-deps "$@" >/dev/null 2>&1; then
        return
    fi
    _pip --retries 2 install --no-compile --no-deps --prefer-binary "$@"
}

# Whether the environment has uv; there is no wheel of it for every machine.
_has_uv() {
    "$KPI_VENV/bin/python" -c 'import uv' 2>/dev/null \
        || _pip --retries 0 install --only-binary :all: -r "$KPI_SETUP/requirements/uv.lock" >/dev/null
}

# Without the network each package is tried several times, each time with a warning.
_pip() {
    "$KPI_VENV/bin/python" -m pip --quiet --disable-pip-version-check "$@" 2>&1 \
        | sed '/^WARNING: /d'
}
