"""Forecasts of statsforecast's AutoETS; run by the interpreter that has it.

Reads ``{"season_length": 12, "jobs": [[values, horizon], …]}``, writes
``{"forecasts": [{"mean": […], "lo-80": […], …}, …], "seconds": …}``.
"""

import json
import sys
import time

import numpy as np
from statsforecast.models import AutoETS


def main() -> None:
    task = json.load(sys.stdin)
    season_length = task["season_length"]
    _forecast(*task["jobs"][0], season_length)  # compiles
    start = time.process_time()
    forecasts = [_forecast(*job, season_length) for job in task["jobs"]]
    seconds = time.process_time() - start
    print(json.dumps({"forecasts": forecasts, "seconds": seconds}))


def _forecast(values: list[float], horizon: int, season_length: int) -> dict:
    model = AutoETS(season_length=season_length)
    result = model.forecast(y=np.array(values), h=horizon, level=[80, 95])
    return {name: list(map(float, numbers)) for name, numbers in result.items()}


if __name__ == "__main__":
    main()
