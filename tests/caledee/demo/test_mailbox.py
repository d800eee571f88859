import email
import email.policy
import importlib
import re

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import override_settings
from django.urls import clear_url_caches

import caledee.urls
from caledee.email.files import EmailBackend
from caledee.ops.environment import parse_email_url
from tests.support.pages import read

CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
HTML = '<!doctype html><p style="margin: 0">The <b>HTML</b></p>'
HOSTILE = "</iframe></pre><script>alert(1)</script><a target=_top href=javascript:alert(2)>Confirm</a>"
BROKEN = {
    "20261201T090000000001Z-00000001": b"",
    "20261201T090000000002Z-00000002": b"\xff\xfe\x00 no mail at all",
    "20261201T090000000003Z-00000003": b"To: =?utf-8?q?=\r\nSubject: a\x00b\r\nDate: never\r\n"
    b"Content-Type: text/plain; charset=none\r\n\r\n\xe9",
    "20261201T090000000004Z-00000004": b'From: "\r\nTo: @,<\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n'
    b"--x\r\nContent-Type: text/html\r\n",
    "20261201T090000000005Z-00000005": b"Content-Type: text/html; charset=none\r\n\r\n<p>\xe9\xed\xa0\x80",
    "20261201T090000000006Z-00000006": b"Content-Type: text/calendar; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n!\xed\xa0\x80",
    "20261201T090000000007Z-00000007": b"Content-Type: text/html\r\n\r\n<p>\xe9\xed\xa0\x80",
}


@pytest.fixture
def folder(tmp_path):
    """The folder of the demo's emails, while the addresses of the demo exist."""
    folder = tmp_path / "mail box"
    folder.mkdir()
    mailers = {"default": parse_email_url(f"file://{folder}".replace(" ", "%20"))}
    with override_settings(DEMO=True, MAILERS=mailers):
        reload_urls()
        yield folder
    reload_urls()


def reload_urls():
    clear_url_caches()
    importlib.reload(caledee.urls)


def send(folder, subject="Intro call with Zoë", to="grace@example.com", html=HTML):
    message = EmailMultiAlternatives(
        subject, "The text\n.\nwith a dot", "Caledee <caledee@example.com>", [to], bcc=["hidden@example.com"]
    )
    message.attach_alternative(html, "text/html")
    message.attach_alternative(CALENDAR, "text/calendar; method=REQUEST")
    assert EmailBackend(folder=str(folder), alias="default").send_messages([message]) == 1


def names(folder):
    return sorted(file.stem for file in folder.iterdir())


def test_a_message_is_one_file_with_the_bytes_of_smtp(tmp_path):
    folder = tmp_path / "made" / "when needed"
    send(folder)
    [file] = folder.iterdir()
    content = file.read_bytes()
    assert b"\n" not in content.replace(b"\r\n", b"")
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert (message["To"], message["Bcc"]) == ("grace@example.com", None)
    assert message["Subject"] == "Intro call with Zoë"
    assert [part.get_content_type() for part in message.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]


def test_files_sort_by_the_time_they_were_sent(tmp_path):
    for number in range(20):
        send(tmp_path, subject=f"Mail {number}")
    files = sorted(tmp_path.iterdir())
    subjects = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default)["Subject"] for file in files]
    assert subjects == [f"Mail {number}" for number in range(20)]


def test_a_message_to_nobody_is_not_written(tmp_path):
    assert EmailBackend(folder=str(tmp_path), alias="default").send_messages([EmailMultiAlternatives("Hello")]) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_list_shows_recipients_and_times_with_the_newest_first(client, folder):
    send(folder, subject="The first")
    send(folder, subject="The second", to="Mary <mary@example.com>")
    (folder / "notes.eml").write_text("Subject: not one of ours\n\n")

    page = client.get("/demo/mail/")

    assert page.status_code == 200
    newest, oldest = reversed(names(folder)[:2])
    assert [(each.name, each.subject, each.to) for each in page.context["emails"]] == [
        (newest, "The second", "Mary <mary@example.com>"),
        (oldest, "The first", "grace@example.com"),
    ]
    assert f'<a href="/demo/mail/{newest}/">The second</a>' in page.text
    assert "not one of ours" not in page.text


def test_an_email_was_sent_at_the_time_in_its_name_on_the_clock_of_the_reader(client, folder, grace):
    (folder / "20261201T090000000001Z-00000001.eml").write_text("To: ada@example.com\nSubject: Hello\n\n")

    anonymous = client.get("/demo/mail/").text
    client.force_login(grace)
    signed_in = client.get("/demo/mail/").text

    assert "1 Dec, 09:00 UTC" in anonymous
    assert "1 Dec, 04:00 EST" in signed_in


def test_an_email_shows_its_html_in_a_frame_that_runs_nothing(client, folder):
    send(folder)
    [name] = names(folder)

    frame = read(client.get(f"/demo/mail/{name}/")).one("iframe")

    assert frame.attributes == {
        "class": "email-frame",
        "title": "Email: Intro call with Zoë",
        "src": f"/demo/mail/{name}/message.html",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
        "referrerpolicy": "no-referrer",
    }


def test_the_framed_html_has_its_own_styles_and_a_policy_that_allows_nothing_else(client, folder):
    send(folder)
    [name] = names(folder)

    framed = client.get(f"/demo/mail/{name}/message.html")

    assert framed.text == f'<!doctype html><base target="_blank">{HTML}\n'
    assert framed["Content-Type"] == "text/html; charset=utf-8"
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert framed["Content-Security-Policy"].split("; ") == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    ]


def test_the_page_around_the_frame_is_as_strict_as_every_other_page(client, folder):
    send(folder)
    [name] = names(folder)

    listed, shown = [client.get(address) for address in ("/demo/mail/", f"/demo/mail/{name}/")]

    policies = [re.sub(r" 'nonce-[^']+'", "", answer["Content-Security-Policy"]) for answer in (listed, shown)]
    assert policies[1] == f"{policies[0]}; frame-src 'self'"
    assert "unsafe" not in policies[0]
    assert [answer["X-Frame-Options"] for answer in (listed, shown)] == ["DENY", "DENY"]


def test_markup_in_an_email_cannot_leave_its_place(client, folder):
    send(folder, subject=f'"{HOSTILE}', to=f'"{HOSTILE}" <eve@example.com>', html=HOSTILE)
    [name] = names(folder)
    send(folder, subject="Harmless", to="Harmless <grace@example.com>", html="<p>Harmless</p>")
    [harmless] = set(names(folder)) - {name}

    for hostile, usual in [("", ""), (f"{name}/", f"{harmless}/")]:
        page, like = [read(client.get(f"/demo/mail/{path}")) for path in (hostile, usual)]
        assert "alert(1)" in page.text
        assert [each.tag for each in page] == [each.tag for each in like]
        assert [link["href"] for link in page.all("a") if "javascript" in link["href"]] == []


def test_the_other_parts_of_an_email_are_on_its_page(client, folder):
    send(folder)
    [name] = names(folder)

    page = read(client.get(f"/demo/mail/{name}/"))

    folds = [(fold.one("summary").text, [each.text for each in fold.all("pre")]) for fold in page.all("details")]
    assert folds == [
        ("Plain text", ["The text . with a dot"]),
        ("Source", [HTML, "BEGIN:VCALENDAR METHOD:REQUEST END:VCALENDAR"]),
    ]
    facts = [(row.one("dt").text, row.one("dd").text) for row in page.one("dl").all("div")]
    assert facts[:2] == [("From", "Caledee <caledee@example.com>"), ("To", "grace@example.com")]
    assert facts[3:] == [("Attached", "invite.ics")]
    assert page.all("a", href=f"/demo/mail/{name}/invite.ics")


def test_an_email_without_html_shows_its_text(client, folder):
    EmailBackend(folder=str(folder), alias="default").send_messages(
        [EmailMultiAlternatives("Plain", "Only <b>text</b>", "caledee@example.com", ["ada@example.com"])]
    )
    [name] = names(folder)

    page = read(client.get(f"/demo/mail/{name}/"))

    assert [each.text for each in page.all("pre")] == ["Only <b>text</b>"]
    assert page.all("iframe") == []
    assert "invite.ics" not in page.text
    assert client.get(f"/demo/mail/{name}/message.html").status_code == 404
    assert client.get(f"/demo/mail/{name}/invite.ics").status_code == 404


def test_each_email_leads_to_the_one_before_and_the_one_after(client, folder):
    for number in range(3):
        send(folder, subject=f"Email {number}")
    first, second, third = names(folder)

    def ways(name):
        links = read(client.get(f"/demo/mail/{name}/")).one("nav", aria_label="Emails").all("a")
        return {link.text: link["href"] for link in links}

    to_all = {"All emails": "/demo/mail/"}
    assert ways(first) == to_all | {"Newer": f"/demo/mail/{second}/"}
    assert ways(second) == to_all | {"Newer": f"/demo/mail/{third}/", "Older": f"/demo/mail/{first}/"}
    assert ways(third) == to_all | {"Older": f"/demo/mail/{second}/"}


def test_an_email_and_its_invitation_can_be_downloaded_as_they_are(client, folder):
    send(folder)
    [name] = names(folder)

    whole, invitation = [client.get(f"/demo/mail/{name}/{file}") for file in ("message.eml", "invite.ics")]

    assert whole.content == (folder / f"{name}.eml").read_bytes()
    assert whole["Content-Type"] == "message/rfc822"
    assert whole["Content-Disposition"] == f'attachment; filename="{name}.eml"'
    assert invitation.content == CALENDAR.encode()
    assert invitation["Content-Type"] == "text/calendar; charset=utf-8"
    assert invitation["Content-Disposition"] == 'attachment; filename="invite.ics"'


def test_broken_files_are_shown_as_far_as_they_go(client, folder):
    for name, content in BROKEN.items():
        (folder / f"{name}.eml").write_bytes(content)
        assert client.get(f"/demo/mail/{name}/").status_code == 200
        for file in ("message.html", "invite.ics", "message.eml"):
            assert client.get(f"/demo/mail/{name}/{file}").status_code in {200, 404}
    page = client.get("/demo/mail/")
    assert [each.name for each in page.context["emails"]] == sorted(BROKEN, reverse=True)


@pytest.mark.parametrize(
    "name",
    ["20261201T090000000001Z-0000000f", "..%2Fsecret", "%2e%2e", "notes", "20261201T090000000001Z-00000001%0a"],
)
def test_no_other_file_is_served(client, folder, name):
    (folder.parent / "secret.eml").write_text("Subject: secret\n\n")
    (folder / "notes.eml").write_text("Subject: notes\n\n")
    (folder / "20261201T090000000001Z-00000001.eml").write_text("Subject: there\n\n")
    for file in ("", "message.html", "invite.ics", "message.eml"):
        assert client.get(f"/demo/mail/{name}/{file}").status_code == 404


def test_an_empty_list_says_how_to_fill_it(client, folder):
    folder.rmdir()
    assert "Book a meeting" in client.get("/demo/mail/").text


def test_emails_are_only_shown_by_the_demo(client, db):
    assert client.get("/demo/mail/").status_code == 404
