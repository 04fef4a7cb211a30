# shellcheck shell=bash
# Where Odoo 19 comes from, in this order: ODOO_PATH, an importable `odoo`, Debian's
# package unpacked privately, upstream's 19.0 branch.

ODOO_GIT_URL=${ODOO_GIT_URL:-https://github.com/odoo/odoo.git}
export ODOO_BIN=$KPI_SETUP/lib/bin/odoo-bin.py

# Sets KPI_ODOO_PROVIDER.
choose_odoo() {
    if [ -n "${ODOO_PATH:-}" ]; then
        KPI_ODOO_PROVIDER=path
    elif _is_importable; then
        KPI_ODOO_PROVIDER=importable
    elif [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] && command -v apt-get dpkg >/dev/null; then
        KPI_ODOO_PROVIDER=debian
    else
        KPI_ODOO_PROVIDER=git
    fi
}

need_odoo() {
    case $KPI_ODOO_PROVIDER in
        path)
            [ -f "$ODOO_PATH/odoo/release.py" ] \
                || fail "ODOO_PATH=$ODOO_PATH holds no odoo/release.py: name the root of an Odoo 19 source tree."
            ;;
        git) command -v git >/dev/null || need_packages git ca-certificates ;;
    esac
}

# One that lies in the cache was put there, and on PYTHONPATH, by us.
_is_importable() {
    [ -n "$KPI_PYTHON" ] || return 1
    (cd / && "$KPI_PYTHON" -c 'import sys, odoo.release as r; sys.exit(
        r.version_info[0] != 19 or r.__file__.startswith(sys.argv[1]))' "$KPI_HOME") 2>/dev/null
}

fetch_odoo() {
    case $KPI_ODOO_PROVIDER in
        debian) _ensure_debian_odoo ;;
        git) _ensure_git_odoo ;;
    esac
}

# After `fetch_odoo`. Sets and exports PYTHONPATH so that Python's `odoo` is Odoo 19; sets
# KPI_ODOO_ADDONS to the addons folder outside the package, if any.
ensure_odoo() {
    local source=
    KPI_ODOO_ADDONS=
    case $KPI_ODOO_PROVIDER in
        path) source=$(cd "$ODOO_PATH" && pwd -P) ;;
        debian) source=$KPI_HOME/odoo-debian/usr/lib/python3/dist-packages ;;
        git) source=$KPI_HOME/odoo-git ;;
    esac
    [ -n "$source" ] || return 0
    PYTHONPATH=$source${PYTHONPATH:+:$PYTHONPATH}
    export PYTHONPATH
    if [ -d "$source/addons/web" ]; then
        KPI_ODOO_ADDONS=$source/addons
    fi
}

# Packages are in sid, Font Awesome 4 (which Odoo links to) in bookworm. Private
# lists: the machine's own apt never sees them.
_ensure_debian_odoo() {
    local target=$KPI_HOME/odoo-debian
    [ -d "$target" ] && return
    local work=$KPI_HOME/tmp/debian.$$ mirror
    rm -rf "$KPI_HOME"/tmp/debian.*
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/root"
    # shellcheck disable=SC2016 # apt's own placeholder
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null)
    mirror=$(grep -m 1 -E '/debian/?$' <<<"$mirror") \
        || fail "apt knows no Debian mirror: add one to /etc/apt/sources.list, or set ODOO_PATH to an Odoo 19 source tree."
    local suite
    for suite in sid bookworm; do
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    done >"$work/sources.list"
    say "fetching Odoo 19 from Debian (about 145 MB)"
    run_quietly "apt could not read Debian's package lists: check the network, or set ODOO_PATH to an Odoo 19 source tree." \
        _private_apt "$work" update
    run_quietly "apt could not fetch Odoo's package: check the network, or set ODOO_PATH to an Odoo 19 source tree." \
        _private_apt "$work" download odoo-19 libjs-jquery libjs-jquery-form libjs-underscore \
        fonts-roboto-unhinted fonts-montserrat fonts-inconsolata fonts-ocr-b fonts-font-awesome/bookworm
    say "unpacking Odoo 19"
    local package
    for package in "$work"/debs/*.deb; do
        run_quietly "dpkg could not unpack $(basename "$package") (the reason is above)." \
            dpkg -x "$package" "$work/root"
    done
    _fill_debian_gap "$work/root/usr/lib/python3/dist-packages/odoo/addons/mail"
    rm -rf "$target"
    mv "$work/root" "$target"
    rm -rf "$work"
}

# Downloads into the folder debs.
_private_apt() {
    local work=$1
    shift
    env --chdir "$work/debs" apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root \
        -o Acquire::Languages=none -o Acquire::Retries=2 "$@"
}

# Debian drops a file without a free licence that the discuss bundle still names:
# every page would log an error in the browser's console.
_fill_debian_gap() {
    local script=$1/static/lib/selfie_segmentation/selfie_segmentation.js
    [ -f "$script" ] && return
    mkdir -p "$(dirname "$script")"
    echo '// Left out of Debian: background blur in calls is not available.' >"$script"
}

_ensure_git_odoo() {
    local target=$KPI_HOME/odoo-git
    [ -d "$target" ] && return
    say "fetching Odoo 19 with git from $ODOO_GIT_URL (about 400 MB)"
    rm -rf "$KPI_HOME"/tmp/odoo-git.*
    run_quietly "git could not fetch Odoo: check the network, or set ODOO_PATH to an Odoo 19 source tree." \
        git clone --quiet --depth 1 --branch 19.0 --single-branch "$ODOO_GIT_URL" "$KPI_HOME/tmp/odoo-git.$$"
    mv "$KPI_HOME/tmp/odoo-git.$$" "$target"
}

# Exports KPI_SECRET_KEYS, the key of stored secrets: made once, and the same for all
# trees that share the cache.
_ensure_secret_key() {
    local file=$KPI_HOME/secret-key
    if [ ! -s "$file" ]; then
        (umask 077 && head -c 32 /dev/urandom | base64 | tr '+/' '-_' >"$file.$$")
        # of two commands at once the second takes the key of the first
        ln "$file.$$" "$file" 2>/dev/null || true
        rm -f "$file.$$"
    fi
    export KPI_SECRET_KEYS=${KPI_SECRET_KEYS:-$(cat "$file")}
}

# Sets and exports ODOO_RC: the options every run of this tree shares. A file per tree
# and server, so that several checkouts use one cache.
write_odoo_config() {
    local name addons=$KPI_ROOT
    _ensure_secret_key
    name=$(printf '%s' "$KPI_ROOT" | sha256sum | cut -c 1-8)
    [ -n "$KPI_ODOO_ADDONS" ] && addons+=,$KPI_ODOO_ADDONS
    ODOO_RC=$KPI_STATE/odoo-$name.conf
    export ODOO_RC
    cat >"$ODOO_RC.$$" <<CONF
[options]
addons_path = $addons
data_dir = $KPI_STATE/data
http_interface = 127.0.0.1
CONF
    mv -f "$ODOO_RC.$$" "$ODOO_RC"
}
