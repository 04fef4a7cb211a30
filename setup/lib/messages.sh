# shellcheck shell=bash
# What the commands say: progress on stderr, one sentence when they cannot go on.

# A starting part of the work, with the seconds since the command began.
say() {
    printf '[%3ds] %s\n' "$SECONDS" "$*" >&2
    KPI_LAST_SAID=$*
}

# One sentence: what is wrong and what to do. Ends the command.
fail() {
    printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Runs a command silently, showing that it goes on; when it fails, shows the end of
# what it wrote and then the sentence.
#   run_quietly "sentence" command...
run_quietly() {
    local sentence=$1 log
    shift
    log=$(mktemp "$KPI_HOME/tmp/log.XXXXXX")
    if ! run_logged "$log" "$@"; then
        tail -n 12 "$log" | sed 's/^/    /' >&2
        rm -f "$log"
        fail "$sentence"
    fi
    rm -f "$log"
}

# run_logged LOG command... : its status; shows that it goes on.
run_logged() {
    local log=$1 status=0 ticker
    shift
    _show_life 9>&- &
    ticker=$!
    "$@" >"$log" 2>&1 9>&- || status=$?
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    return "$status"
}

# On a terminal counts the seconds behind the last line, elsewhere adds a line now
# and then.
_show_life() {
    local pause=15
    [ -t 2 ] && pause=1
    while sleep "$pause" >/dev/null 2>&1; do
        if [ -t 2 ]; then
            printf '\r\033[K[%3ds] ... %s\r' "$SECONDS" "$KPI_LAST_SAID" >&2
        else
            printf '[%3ds] ... %s\n' "$SECONDS" "$KPI_LAST_SAID" >&2
        fi
    done
}

# Prints the comment block at the top of a command: its --help.
print_help() {
    sed -n '2,/^$/{s/^# \{0,1\}//p}' "$0"
}
