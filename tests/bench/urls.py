"""Every real address, and those of the floors."""

from django.urls import include, path

from caledee.urls import handler400, handler403, handler404, handler429, handler500
from tests.bench import floors

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500"]

urlpatterns = [
    path("floor/public/<str:name>/", floors.public),
    path("floor/signed-in/<str:name>/", floors.signed_in),
    path("floor/sql/<str:name>/", floors.sql_of),
    path("floor/insert/", floors.insert_one_row),
    path("floor/sign-in/<str:handle>/", floors.sign_in),
    path("floor/memory/", floors.memory),
    path("", include("caledee.urls")),
]
