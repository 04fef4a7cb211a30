"""AutoETS of statsforecast, in a Python environment of its own.

There this file is run: it reads ``[season_length, [[values, horizon], …]]`` and writes
``[[{"mean": […], "lo-80": […], …}, …], seconds]``.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

STATSFORECAST = "statsforecast==2.1.1"
ONE_THREAD = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS")

Forecasts = list[dict[str, list[float]]]


def auto_ets(
    series: Sequence[np.ndarray], horizons: Sequence[int], season_length: int
) -> tuple[Forecasts, float] | None:
    """Forecasts of each series, and the processor seconds that they took.

    :return: forecasts with ``mean``, ``lo-80``, ``hi-80``, ``lo-95``, ``hi-95``; None
        where statsforecast cannot be had
    """
    home = Path(os.environ["KPI_HOME"], "bench-statsforecast")
    python = home / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", STATSFORECAST]
    for command in ([sys.executable, "-m", "venv", home], install):
        if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
            print(f"skipped: {STATSFORECAST} cannot be installed", file=sys.stderr)
            return None
    values = [one.tolist() for one in series]
    task = [season_length, list(zip(values, horizons, strict=True))]
    output = subprocess.run(
        [python, __file__],
        input=json.dumps(task),
        env={**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONPATH": ""},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    forecasts, seconds = json.loads(output.splitlines()[-1])
    return forecasts, seconds


def main() -> None:
    from statsforecast.models import AutoETS

    season_length, jobs = json.load(sys.stdin)

    def forecast(values: list[float], horizon: int) -> dict[str, list[float]]:
        model = AutoETS(season_length=season_length)
        result = model.forecast(y=np.array(values), h=horizon, level=[80, 95])
        return {name: list(map(float, numbers)) for name, numbers in result.items()}

    forecast(*jobs[0])  # compiles
    start = time.process_time()
    forecasts = [forecast(*job) for job in jobs]
    print(json.dumps([forecasts, time.process_time() - start]))


if __name__ == "__main__":
    main()
