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

# Ctrl-C: one line, whatever the program that it ended makes of it.
trap _interrupted INT
_interrupted() {
    trap '' INT
    [ -z "${KPI_TICKER:-}" ] || kill "$KPI_TICKER" 2>/dev/null || true
    rm -f "$KPI_HOME/tmp/log.$$"
    printf '\n%s: interrupted; run it again to go on.\n' "$(basename "$0")" >&2
    exit 130
}

# Runs a command silently, showing that it goes on; when it fails, shows the end of
# what it wrote and then the sentence; a full disk gets its own.
#   run_quietly "sentence" command...
run_quietly() {
    local sentence=$1 log=$KPI_HOME/tmp/log.$$
    shift
    if ! run_logged "$log" "$@"; then
        tail -n 12 "$log" | sed 's/^/    /' >&2
        if _is_disk_full "$log"; then
            sentence="the disk that holds $KPI_HOME is full: make room there, or set KPI_HOME to a folder on another one, then run this again."
        fi
        rm -f "$log"
        fail "$sentence"
    fi
    rm -f "$log"
}

# _is_disk_full LOG : what fails there may say so, or something else.
_is_disk_full() {
    grep -qiE 'no space left|ENOSPC|disk (is )?full|disk quota' "$1" 2>/dev/null \
        || [ "$(df --output=avail --block-size=1M "$KPI_HOME" | tail -n 1)" -lt 5 ]
}

# run_logged LOG command... : its status; shows that it goes on.
run_logged() {
    local log=$1 status=0
    shift
    _show_life 9>&- &
    KPI_TICKER=$!
    # a subshell, as a trap writes where what it comes between writes
    ("$@") >"$log" 2>&1 9>&- || status=$?
    kill "$KPI_TICKER" 2>/dev/null || true
    wait "$KPI_TICKER" 2>/dev/null || true
    KPI_TICKER=
    return "$status"
}

# On a terminal counts the seconds behind the last line, elsewhere adds a line now
# and then. Ends with the command, even one that is killed.
_show_life() {
    local pause=15
    [ -t 2 ] && pause=1
    trap '' INT
    # a pipe that says nothing: a program that sleeps would outlive one killed meanwhile
    exec 8<> <(:)
    while kill -0 $$ 2>/dev/null; do
        read -rt "$pause" <&8 || true
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
