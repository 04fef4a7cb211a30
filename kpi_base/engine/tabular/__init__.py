"""Tables that people send: CSV, TSV and XLSX, read row by row in bounded memory.

``open_table`` → :class:`Table`; its header → what the columns are; its cells → numbers,
moments and texts, or a :class:`CellError` that says what is wrong. What a cell could
mean in two ways is never guessed: the profile of its column says so.
"""

from .cells import clip_cell, is_totals_row
from .columns import TargetColumn, fingerprint, suggest
from .entries import ColumnReader, Entry, EntryReader, has_other_width
from .errors import CellError, TableFault, TabularError
from .fixes import Fix, find_fixes
from .headers import Header, find_header
from .moments import (
    Moment,
    is_only_year_pair,
    is_year_pair,
    month_of_year,
    parse_period,
    period_without_year,
)
from .options import OptionError, TargetOption, check_options, read_options
from .profile import ColumnProfile
from .reading import Reading
from .table import Row, Table, open_table
from .write import write_csv, write_xlsx
