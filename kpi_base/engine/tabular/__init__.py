"""Tables that people send: CSV, TSV and XLSX, read row by row in bounded memory.

``open_table`` → :class:`Table`; its header → what the columns are; its cells → numbers,
moments and texts, or a :class:`CellError` that says what is wrong. What a cell could
mean in two ways is never guessed: the profile of its column says so.
"""

from ..spreadsheet import write_csv, write_xlsx
from .cells import (
    Amount,
    CellError,
    CoveredCell,
    MergedCell,
    Moment,
    TableFault,
    TabularError,
    UnreadableCell,
    clip_cell,
    is_only_year_pair,
    is_totals_row,
    is_year_pair,
    list_period_titles,
    month_of_year,
    parse_period,
    parse_title_period,
    period_without_year,
    plain_cell,
    read_text,
    write_merged,
)
from .columns import (
    ColumnReader,
    Entry,
    EntryReader,
    Header,
    OptionError,
    TargetColumn,
    TargetOption,
    check_options,
    find_header,
    fingerprint,
    has_other_width,
    read_options,
    suggest,
)
from .files import Row, Table, open_table
from .goals import Goal, GoalRange
from .groups import GroupProfile, fill_groups
from .reading import ColumnProfile, Fix, Reading, find_fixes
from .units import find_units, fold_units, is_factor, split_title
