"""The admin site looks up values from addresses, and refuses those that no column can hold."""

import pytest
from django.contrib import admin
from django.db import connection
from django.urls import reverse

from caledee.accounts.models import User
from tests.authority.world import undone
from tests.support.browsers import Browser

pytestmark = pytest.mark.django_db

VALUES = ["%00", "a%00b", "9" * 30, "-" + "9" * 30, "%ED%A0%80"]
LOOKUPS = ["", "__exact", "__gte", "__in", "__contains"]


@pytest.fixture
def staff(world, monkeypatch):
    """Run each view in its own savepoint, because the whole test is one transaction."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    with undone():
        ada = world.people["owner"]
        User.objects.filter(pk=ada.pk).update(is_staff=True, is_superuser=True)
        client = Browser(raise_request_exception=False)
        client.force_login(ada)
        yield client


def faults(staff, addresses, ask="get", **sent):
    found = []
    for address in addresses:
        with undone():
            response = getattr(staff, ask)(address, sent)
        if response.status_code >= 500:
            found.append(address)
    return found


def lists():
    names = [f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry]
    return {name: reverse(f"admin:{name}_changelist") for name in names}


@pytest.mark.parametrize("value", VALUES)
def test_lists_are_filtered_by_anything(staff, value):
    queries = [
        f"{address}?{field.name}{lookup}={value}"
        for (model, registered), address in zip(admin.site._registry.items(), lists().values(), strict=True)
        for field in model._meta.fields
        if field.name in {*registered.list_filter, "id", "email", "name", "duration", "own_reminders", "status"}
        for lookup in LOOKUPS
    ]
    assert len(queries) > 50
    assert faults(staff, queries) == []


@pytest.mark.parametrize("query", ["q", "p", "o", "e", "all", "_facets", "_changelist_filters"])
def test_parameters_of_lists_are_anything(staff, query):
    assert faults(staff, [f"{address}?{query}=%00{end}" for address in lists().values() for end in ["", "9"]]) == []


def test_things_have_any_key(staff):
    keys = ["%00", "_00", "a_00", "9" * 30, "%ED%A0%80"]
    addresses = [f"{address}{key}/change/" for address in lists().values() for key in keys]
    assert faults(staff, [*addresses, "/admin/r/1/%00/", "/admin/r/1/_00/", "/admin/%00/"]) == []


def test_anything_is_chosen_in_a_list(staff):
    chosen = {"action": "delete_selected", "_selected_action": ["\0", "9" * 30], "index": "0"}
    assert faults(staff, lists().values(), "post", **chosen) == []


def test_others_than_staff_are_sent_to_sign_in(client):
    response = client.get("/admin/accounts/user/?name=%00")

    assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/accounts/login/")
