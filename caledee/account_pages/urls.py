from django.urls import path

from caledee.account_pages import views

app_name = "account_pages"
urlpatterns = [
    path("", views.settings_page, name="settings"),
    path("data/", views.data, name="data"),
    path("data/caledee.json", views.data_file, name="data_file"),
    path("data/meetings.ics", views.meetings_file, name="meetings_file"),
    path("delete/", views.delete_account, name="delete"),
]
