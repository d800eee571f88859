HTMX = {"HX-Request": "true"}


def test_htmx_moves_the_whole_page_to_the_sign_in(client, db):
    response = client.get("/meetings/", headers=HTMX)

    assert (response.status_code, response["HX-Redirect"]) == (200, "/accounts/login/?next=/meetings/")
    assert response.content == b""


def test_what_a_redirect_brings_along_comes_with_htmx_too(client, ada):
    client.force_login(ada)

    response = client.post(f"/event-types/{ada.event_types.get().pk}/switch/", headers=HTMX)

    assert response["HX-Redirect"] == "/event-types/"
    assert "“Intro call” is inactive." in client.get("/event-types/").text
    assert "messages" in response.cookies
