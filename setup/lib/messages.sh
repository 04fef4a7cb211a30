# shellcheck shell=bash
# What the commands say: progress on stderr, one sentence when they cannot go on.

# A finished or starting part of the work, with the seconds since the start.
say() {
    printf '[%3ds] %s\n' "$SECONDS" "$*" >&2
}

# One sentence: what is wrong and what to do. Ends the command.
fail() {
    printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Runs a command silently; when it fails, shows the end of what it wrote and
# then the sentence.
#   run_quietly "sentence" command...
run_quietly() {
    local sentence=$1 log
    shift
    log=$(mktemp "$KPI_HOME/tmp/log.XXXXXX")
    if ! "$@" >"$log" 2>&1 9>&-; then
        tail -n 12 "$log" | sed 's/^/    /' >&2
        rm -f "$log"
        fail "$sentence"
    fi
    rm -f "$log"
}

# Prints the comment block at the top of a command: its --help.
print_help() {
    sed -n '2,/^$/{s/^# \{0,1\}//p}' "$0"
}
