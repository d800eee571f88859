from django.urls import path

from scheduling.calendars.pages import views

app_name = "calendars"
urlpatterns = [
    path("", views.calendars, name="calendars"),
    path("feeds/", views.add_feed, name="add_feed"),
    path("caldav/", views.add_caldav, name="add_caldav"),
    path("<uuid:key>/", views.connection, name="connection"),
    path("<uuid:key>/choose/", views.choose_calendars, name="choose"),
    path("<uuid:key>/refresh/", views.refresh, name="refresh"),
    path("<uuid:key>/search/", views.search, name="search"),
    path("<uuid:key>/reconnect/", views.connect_again, name="reconnect"),
    path("<uuid:key>/disconnect/", views.remove, name="disconnect"),
]
