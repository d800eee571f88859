"""The text with which an organizer sends the link, and each time with its own link."""

from urllib.parse import quote, urlencode

from oneoff.board.rows import OneOffRow


def invitation_text(row: OneOffRow) -> str:
    """Return a message to paste anywhere. Times are in the organizer's zone, each with a link that selects it."""
    zone = row.one_off.organizer.place
    lines = [f"{row.one_off.name} ({row.duration})", "", f"Pick the time that suits you (times in {zone}):", ""]
    day = ""
    for time in (each for each in row.times if not each.is_taken):
        if time.day != day:
            day = time.day
            lines.append(day)
        lines.append(f"- {time.span}: {row.address}?{urlencode({'slot': time.key})}")
    return "\n".join([*lines, "", f"All times: {row.address}"])


def mailto_link(row: OneOffRow) -> str:
    """Return a mailto: link that opens the message in the organizer's email app."""
    subject, body = quote(row.one_off.name), quote(invitation_text(row))
    return f"mailto:{quote(row.one_off.invitee_email)}?subject={subject}&body={body}"
