"""A projection's row classes have the columns of its tables."""

from dataclasses import fields

import pytest

from tracker.operating.projecting import ALL

TABLES = [table for projection in ALL for table in projection.tables]
COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = %s"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_row_class_names_every_column(module_log, table):
    columns = {name for (name,) in module_log.connection.execute(COLUMNS, [table.name])}

    assert {field.name for field in fields(table.row)} == columns
    assert set(table.key) <= columns
