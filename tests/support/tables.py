"""All that is in the database, to show that something changed nothing."""

from collections.abc import Collection

from django.apps import apps
from django.db import connection


def all_rows() -> dict[str, list[dict[str, object]]]:
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


def digests(*, but: Collection[str] = ()) -> dict[str, str]:
    """One word for what each table holds, where all of it would be read too often; `but` are labels to leave out."""
    kept = [model._meta for model in apps.get_models() if model._meta.label not in but]
    each = [
        f"SELECT '{meta.label}', md5(string_agg(t::text, ',' ORDER BY t::text)) FROM \"{meta.db_table}\" t"
        for meta in kept
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return dict(cursor.fetchall())
