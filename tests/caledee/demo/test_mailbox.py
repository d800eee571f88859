import email
import email.policy
import importlib

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import override_settings
from django.urls import clear_url_caches

import caledee.urls
from caledee.email.files import EmailBackend
from caledee.ops.environment import parse_email_url

CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
BROKEN = {
    "20261201T090000000001Z-00000001": b"",
    "20261201T090000000002Z-00000002": b"\xff\xfe\x00 no mail at all",
    "20261201T090000000003Z-00000003": b"To: =?utf-8?q?=\r\nSubject: a\x00b\r\nDate: never\r\n"
    b"Content-Type: text/plain; charset=none\r\n\r\n\xe9",
    "20261201T090000000004Z-00000004": b'From: "\r\nTo: @,<\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n'
    b"--x\r\nContent-Type: text/html\r\n",
}


@pytest.fixture
def folder(tmp_path):
    """Of the demo's mail, with its addresses."""
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


def send(folder, subject="Intro call with Zoë", to="grace@example.com"):
    message = EmailMultiAlternatives(
        subject, "The text\n.\nwith a dot", "Caledee <caledee@example.com>", [to], bcc=["hidden@example.com"]
    )
    message.attach_alternative("<p>The <b>HTML</b></p>", "text/html")
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


def test_the_list_shows_the_newest_first(client, folder):
    send(folder, subject="The first")
    send(folder, subject="The second", to="Mary <mary@example.com>")
    (folder / "notes.eml").write_text("Subject: not of ours\n\n")
    page = client.get("/demo/mail/")
    assert page.status_code == 200
    assert [(mail.subject, mail.to) for mail in page.context["mails"]] == [
        ("The second", "Mary <mary@example.com>"),
        ("The first", "grace@example.com"),
    ]
    assert "not of ours" not in page.text


def test_a_mail_is_shown_as_text_whatever_is_in_it(client, folder):
    send(folder, subject="<script>alert(1)</script>")
    [name] = names(folder)
    page = client.get(f"/demo/mail/{name}/")
    assert page.context["mail"].parts == [
        ("Text", "The text\n.\nwith a dot\n"),
        ("HTML source", "<p>The <b>HTML</b></p>\n"),
        ("Calendar", CALENDAR.replace("\r\n", "\n")),
    ]
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text
    assert "<b>HTML</b>" not in page.text


def test_a_mail_can_be_downloaded_as_it_is(client, folder, db):
    send(folder)
    [name] = names(folder)
    answer = client.get(f"/demo/mail/{name}/message.eml")
    assert b"".join(answer.streaming_content) == (folder / f"{name}.eml").read_bytes()
    assert answer["Content-Type"] == "message/rfc822"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}.eml"'
    answer.close()


def test_broken_files_are_shown_as_far_as_they_go(client, folder):
    for name, content in BROKEN.items():
        (folder / f"{name}.eml").write_bytes(content)
        assert client.get(f"/demo/mail/{name}/").status_code == 200
    page = client.get("/demo/mail/")
    assert [mail.name for mail in page.context["mails"]] == sorted(BROKEN, reverse=True)


@pytest.mark.parametrize(
    "name",
    ["20261201T090000000001Z-0000000f", "..%2Fsecret", "%2e%2e", "notes", "20261201T090000000001Z-00000001%0a"],
)
def test_no_other_file_is_given_out(client, folder, name):
    (folder.parent / "secret.eml").write_text("Subject: secret\n\n")
    (folder / "notes.eml").write_text("Subject: notes\n\n")
    (folder / "20261201T090000000001Z-00000001.eml").write_text("Subject: there\n\n")
    assert client.get(f"/demo/mail/{name}/").status_code == 404
    assert client.get(f"/demo/mail/{name}/message.eml").status_code == 404


def test_an_empty_list_says_how_to_fill_it(client, folder):
    folder.rmdir()
    assert "Book a meeting" in client.get("/demo/mail/").text


def test_mail_is_not_shown_where_it_is_no_demo(client, db):
    assert client.get("/demo/mail/").status_code == 404
