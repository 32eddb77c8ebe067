"""From the statements to the module `sql`, which needs no SQLAlchemy."""

from __future__ import annotations

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.schema import CreateIndex, CreateTable, SetColumnComment

from sparring.adapters.store.schema import metadata
from sparring.adapters.store.statements import statements

_HEAD = '''"""The statements of `statements`, compiled. Generated; do not edit.

Each name holds SQLite's text, which also names the statement; `POSTGRES` leads from it to PostgreSQL's.

`python -m sparring.adapters.store.statements > src/sparring/adapters/store/sql.py` writes it anew.
"""
# ruff: noqa: E501
'''


def compiled() -> str:
    """The text of the module `sql`."""
    lite, postgres = sqlite.dialect(paramstyle="named"), psycopg.dialect()  # type: ignore[no-untyped-call]
    named = statements().items()
    parts = [_HEAD]
    parts += [f'{name} = """\\\n{_text_for(lite, statement)}"""\n' for name, statement in named]
    texts = (f'    {name}: """\\\n{_text_for(postgres, statement)}""",\n' for name, statement in named)
    parts.append(f"POSTGRES = {{\n{''.join(texts)}}}\n")
    names = "".join(f'    "{table.name}",\n' for table in metadata.sorted_tables)
    parts.append(f"TABLES = (\n{names})\n")
    parts.append(f"CREATE = (\n{_tables(lite)})\n")
    parts.append(f"CREATE_POSTGRES = (\n{_tables(postgres)})\n")
    return "\n".join(parts)


def _text_for(dialect: Dialect, statement: ClauseElement) -> str:
    return _plain(statement.compile(dialect=dialect).string)


def _tables(dialect: Dialect) -> str:
    """What makes all tables and their indexes, each text as an item of a tuple."""
    made: list[ClauseElement] = []
    for table in metadata.sorted_tables:
        made.append(CreateTable(table))
        if dialect.supports_comments:
            made += [SetColumnComment(column) for column in table.c if column.comment is not None]
        made += [CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name))]
    return "".join(f'    """\\\n{_text_for(dialect, element)}""",\n' for element in made)


def _plain(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())
