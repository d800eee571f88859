from django.urls import URLPattern

app_name = "oneoff"
urlpatterns: list[URLPattern] = []
