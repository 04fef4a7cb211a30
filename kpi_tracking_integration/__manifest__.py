{"name": "x"}
