"""The words with which an organizer sends the link: every time with a link of its own."""

from urllib.parse import quote, urlencode

from oneoff.board.rows import OneOffRow


def invitation_text(row: OneOffRow) -> str:
    """A message to paste anywhere: what, how long, and each time, in the organizer's zone, with its deep link."""
    zone = row.one_off.organizer.place
    lines = [f"{row.one_off.name} ({row.duration})", "", f"Pick the time that suits you (times in {zone}):", ""]
    day = ""
    for time in (each for each in row.times if not each.is_taken):
        if time.day != day:
            day = time.day
            lines.append(day)
        lines.append(f"- {time.span}: {row.address}?{urlencode({'slot': time.key})}")
    return "\n".join([*lines, "", f"All times: {row.address}"])


def mail_link(row: OneOffRow) -> str:
    """A mailto: address that opens the organizer's own mail program with the message written."""
    subject, body = quote(row.one_off.name), quote(invitation_text(row))
    return f"mailto:{quote(row.one_off.invitee_email)}?subject={subject}&body={body}"
