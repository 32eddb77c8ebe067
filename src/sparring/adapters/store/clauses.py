"""What the databases have different words for: parts of JSON text, and locks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, ClauseElement, Column, Double, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Members(FunctionElement[str]):
    """The texts of a JSON array, as rows."""

    inherit_cache = True

    def __init__(self, array: BindParameter[str]) -> None:
        super().__init__(array)


@compiles(Members, "sqlite")
def _members_on_sqlite(members: Members, compiler: SQLCompiler, **how: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(members.clauses, **how)}))"  # noqa: S608


@compiles(Members, "postgresql")
def _members_on_postgresql(members: Members, compiler: SQLCompiler, **how: Any) -> str:
    return f"(SELECT json_array_elements_text(({compiler.process(members.clauses, **how)})::json))"


class Part(FunctionElement[Any]):
    """A part of a column's JSON object, NULL where there is none."""

    inherit_cache = False

    def __init__(self, column: Column[str], *path: str, cast: str = "text") -> None:
        super().__init__(column)
        self.path = path
        self.turned = cast


@compiles(Part, "sqlite")
def _part_on_sqlite(part: Part, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_extract({compiler.process(part.clauses, **how)}, '$.{'.'.join(part.path)}')"


@compiles(Part, "postgresql")
def _part_on_postgresql(part: Part, compiler: SQLCompiler, **how: Any) -> str:
    return f"(({compiler.process(part.clauses, **how)})::json #>> '{{{','.join(part.path)}}}')::{part.turned}"


class Entries(FunctionElement[Any]):
    """The keys and values of a column's JSON object, as rows with a text each."""

    inherit_cache = True


@compiles(Entries, "sqlite")
def _entries_on_sqlite(entries: Entries, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_each({compiler.process(entries.clauses, **how)})"


@compiles(Entries, "postgresql")
def _entries_on_postgresql(entries: Entries, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_each_text(({compiler.process(entries.clauses, **how)})::json)"


class Reserve(ClauseElement):
    """Lets nobody else write a table until the transaction is over; SQLite has one writer anyway."""

    inherit_cache = False

    def __init__(self, table: Table) -> None:
        self.table = table


@compiles(Reserve, "sqlite")
def _reserve_on_sqlite(reserve: Reserve, compiler: SQLCompiler, **how: Any) -> str:
    return "SELECT 1"


@compiles(Reserve, "postgresql")
def _reserve_on_postgresql(reserve: Reserve, compiler: SQLCompiler, **how: Any) -> str:
    return f"LOCK TABLE {reserve.table.name} IN SHARE ROW EXCLUSIVE MODE"


class Now(FunctionElement[float]):
    """The database's own time, in unix seconds."""

    inherit_cache = True
    type = Double()


@compiles(Now, "sqlite")
def _now_on_sqlite(now: Now, compiler: SQLCompiler, **how: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(Now, "postgresql")
def _now_on_postgresql(now: Now, compiler: SQLCompiler, **how: Any) -> str:
    return "EXTRACT(EPOCH FROM clock_timestamp())::float8"
