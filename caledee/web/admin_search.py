"""Search by a pasted email address in lists of the admin site."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from caledee.email.addresses import read_address


class AddressSearchMixin(admin.ModelAdmin):
    """For models that are searched by email address."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        sought = read_address(search_term) if "@" in search_term else search_term
        return super().get_search_results(request, queryset, sought)
