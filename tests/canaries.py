"""Looking for planted words everywhere a company keeps anything: every column of every table, every file of the data directory."""

from pathlib import Path

from django.db import connection

from yingxu.base import crypto

COLUMNS = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) "
    "WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND (data_type LIKE 'char%' OR data_type IN ('text', 'json', 'jsonb', 'bytea', "
    "'tsvector', 'ARRAY', 'USER-DEFINED', 'inet')) ORDER BY 1, 2"
)


def in_tables(words: list[str]) -> list[str]:
    """"table.column: word" wherever one of the words stands, sealed values opened too."""
    found = []
    with connection.cursor() as sql:
        sql.execute(COLUMNS)
        columns = sql.fetchall()
        for table, column, kind in columns:
            for word in words:
                given = word.encode() if kind == "bytea" else f"%{word}%"
                test = f'position(%s::bytea in "{column}") > 0' if kind == "bytea" else f'"{column}"::text LIKE %s'
                sql.execute(f'SELECT count(*) FROM "{table}" WHERE {test}', [given])
                if sql.fetchone()[0]:
                    found.append(f"{table}.{column}: {word}")
    return found + _sealed(words)


def _sealed(words: list[str]) -> list[str]:
    found = []
    for column in crypto.SEALED:
        for value in column.model._base_manager.values_list(column.field, flat=True):
            value = (value.get(column.part) if isinstance(value, dict) else None) if column.part else value
            if not value or isinstance(value, dict):
                continue
            raw = crypto.unseal_bytes(value, column.context) if not isinstance(value, str) else crypto.unseal(value, column.context).encode()
            found += [f"{column.label}: {word}" for word in words if word.encode() in raw]
    return found


def in_files(words: list[str], folder: Path) -> list[str]:
    """The files under a folder that hold one of the words."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [f"{path.name}: {word}" for path in paths for word in words if word.encode() in path.read_bytes()]
