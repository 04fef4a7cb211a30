"""AutoETS of statsforecast, in a Python environment of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from installer import say

HOME = Path(os.environ["KPI_HOME"], "bench-statsforecast")
STATSFORECAST = "statsforecast==2.1.1"
CHILD = Path(__file__).with_name("_forecast_child.py")
ONE_THREAD = {
    name: "1" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS")
}


def auto_ets(
    series: Sequence[np.ndarray], horizons: Sequence[int], season_length: int
) -> tuple[list[dict[str, list[float]]], float] | None:
    """Forecasts of each series, and the processor seconds that they took.

    :return: forecasts with ``mean``, ``lo-80``, ``hi-80``, ``lo-95``, ``hi-95``; None
        where statsforecast cannot be had
    """
    python = _python()
    if python is None:
        return None
    jobs = [
        [values.tolist(), horizon]
        for values, horizon in zip(series, horizons, strict=True)
    ]
    output = subprocess.run(
        [python, CHILD],
        input=json.dumps({"season_length": season_length, "jobs": jobs}),
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": ""},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    answer = json.loads(output.splitlines()[-1])
    return answer["forecasts"], answer["seconds"]


def _python() -> Path | None:
    """The interpreter of an environment with statsforecast, made once."""
    python = HOME / "bin" / "python"
    if subprocess.run([sys.executable, "-m", "venv", HOME], check=False).returncode:
        return None
    command = [python, "-m", "pip", "install", "--quiet", STATSFORECAST]
    if subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode:
        say(f"skipped: {STATSFORECAST} cannot be installed")
        return None
    return python
