"""Why a KPI moved: the parts of a change between two of its periods."""
