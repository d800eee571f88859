"""The whole content of the database, to check that nothing changed."""

import json
from collections.abc import Collection

from django.apps import apps
from django.db import connection


def all_rows() -> dict[str, list[dict[str, object]]]:
    """Return each table's rows in key order by the model's label, in one query, because many tests compare them."""
    statement = "SELECT '{}', coalesce(jsonb_agg(t ORDER BY {}), '[]')::text FROM {} t"
    metas = [model._meta for model in apps.get_models()]
    each = [statement.format(meta.label, meta.pk.column, meta.db_table) for meta in metas]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return {label: json.loads(rows) for label, rows in cursor.fetchall()}


def digests(*, but: Collection[str] = ()) -> dict[str, str]:
    """Return a digest of each table, which is quicker to compare than its rows; `but` are labels to leave out."""
    kept = [model._meta for model in apps.get_models() if model._meta.label not in but]
    each = [
        f"SELECT '{meta.label}', md5(string_agg(t::text, ',' ORDER BY t::text)) FROM \"{meta.db_table}\" t"
        for meta in kept
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return dict(cursor.fetchall())
