from . import test_kpi_card_lines
