# shellcheck shell=bash
# The library of the commands in setup/: sourced first, gives the folders and
# the rest of the library. The caller has set `set -euo pipefail`.

KPI_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
KPI_SETUP=$KPI_ROOT/setup

for topic in messages cache packages python odoo postgres; do
    # shellcheck source=/dev/null
    . "$KPI_SETUP/lib/$topic.sh"
done
unset topic
