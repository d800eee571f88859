import pytest

from caledee.email.text import clean_lines, one_line


@pytest.mark.parametrize(
    "name",
    [
        "O'Brien",
        "Jörg Müller-Lüdenscheidt",
        "👩‍💻 Zoë",
        "山田　太郎",
        "محمد",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_legitimate_name_stays_as_typed(name):
    assert one_line(name) == name


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Eve\r\nBcc: all@example.com", "Eve Bcc: all@example.com"),
        ("a\x00b\x0bc\x85d\u2028e\u2029f\rg", "a b c d e f g"),
        ("  a \n\t b  ", "a b"),
        ("evil\u202egpj.exe\u2066", "evilgpj.exe"),
        ("\n", ""),
    ],
)
def test_hostile_text_becomes_one_harmless_line(text, line):
    assert one_line(text) == line


def test_lines_are_kept_without_indent_or_gaps():
    assert clean_lines("\r\n  one\ttwo \x00\u2028\n\n\n  three\x0b\n") == ["one two", "", "three"]


def test_no_text_has_no_lines():
    assert clean_lines(" \n \n") == []
