import pytest

LIBRARY = '. "$KPI_SETUP/lib/moment.sh"\n'
AT = "2032-02-29 12:00"
# the day of a program, of a server that it asks, and whether a stop watch goes on
ASK = """
date +%F
psql --tuples-only --no-align --dbname postgres --command 'SELECT now()::date'
python3 -c "$STOP_WATCH"
"""
STOP_WATCH = """
import time
start = time.monotonic()
time.sleep(0.1)
print(0.1 <= time.monotonic() - start < 60)
"""


def test_a_program_begins_at_the_moment_that_was_named(run_library):
    lines = f"""{LIBRARY}
        MOMENT_FOLDER=/tmp/some
        for moment in "$(date --date '2 hours')" "$(date --date '2 hours ago')"; do
            _with_clock_at "$moment"
            echo "${{MOMENT_CLOCK[@]}}"
        done
    """
    process = run_library(lines)
    ahead, back = process.stdout.splitlines()
    seconds = [
        int(line.split("KPI_CLOCK_SHIFT=")[1].split()[0]) for line in (ahead, back)
    ]
    assert 7190 <= seconds[0] <= 7200
    assert -7210 <= seconds[1] <= -7200


@pytest.mark.parametrize("moment", ["next leap day", ""])
def test_what_is_no_moment_is_refused(run_library, assert_one_sentence, moment):
    lines = f"{LIBRARY}open_cache\nMOMENT_FOLDER= _with_clock_at '{moment}'"
    assert_one_sentence(run_library(lines), "--at", "2028-02-29 12:00")


@pytest.mark.long
def test_programs_and_their_postgresql_read_another_day(
    run_library, reachable_home, has_postgres
):
    lines = f"{LIBRARY}open_cache\nrun_at '{AT}' bash -c \"$ASK\""
    process = run_library(
        lines, KPI_HOME=reachable_home, ASK=ASK, STOP_WATCH=STOP_WATCH
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.split() == ["2032-02-29", "2032-02-29", "True"]
    # nothing is left of it
    left = {file.name for file in reachable_home.iterdir()}
    assert left <= {"lock", "logs", "stamps", "tmp"}
    assert not list((reachable_home / "stamps").iterdir())


@pytest.mark.long
def test_a_run_on_another_day_fails_when_its_tests_do(
    run_library, reachable_home, has_postgres
):
    lines = f"{LIBRARY}open_cache\nrun_at '{AT}' bash -c 'exit 3'"
    process = run_library(lines, KPI_HOME=reachable_home)
    assert process.returncode == 3, process.stderr
    assert not list(reachable_home.glob("moment-*"))
