"""What a page shows, read from its HTML: a small tree of elements, and queries for the tests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
INLINE = {"a", "abbr", "b", "q", "small", "span", "strong", "time"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    content: list["Element | str"] = field(default_factory=list)

    def __iter__(self) -> Iterator["Element"]:
        """Iterate over this element and all within it, in page order."""
        yield self
        for each in self.content:
            if isinstance(each, Element):
                yield from each

    def all(self, tag: str, **attributes: str) -> list["Element"]:
        """Return the elements of this tag with these attributes; `class_` for class, `data_x` for data-x."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [each for each in self if each.tag == tag and wanted.items() <= each.attributes.items()]

    def one(self, tag: str, **attributes: str) -> "Element":
        (element,) = self.all(tag, **attributes)
        return element

    def by_id(self, name: str) -> "Element":
        (element,) = [each for each in self if each.attributes.get("id") == name]
        return element

    @property
    def text(self) -> str:
        """Return the readable text, with one space for several, and for the end of a line or block."""
        return " ".join(self._words().split())

    def _words(self) -> str:
        words = "".join(each if isinstance(each, str) else each._words() for each in self.content)
        return words if self.tag in INLINE else f" {words} "

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]


class TreeBuilder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("page", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f"<{self.open[-1].tag}> is closed by </{tag}>"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].content.append(data)


def read(response) -> Element:
    """Return the page of a response. Fail if any element is not closed properly."""
    builder = TreeBuilder()
    builder.feed(response.content.decode())
    builder.close()
    assert builder.open == [builder.root]
    return builder.root


def slots_on(page: Element) -> list[tuple[str, str]]:
    """Return the moment of each offered slot, button or radio, with its whole name."""
    buttons = page.all("button", name="slot")
    labels = [label for label in page.all("label") if label.all("input", name="slot")]
    return [(each.one("time")["datetime"], each.text) for each in buttons + labels]


def moments_on(page: Element) -> list[str]:
    return [moment for moment, _ in slots_on(page)]


def typed_in(page: Element) -> dict[str, str]:
    """Return the values of the page's POST form, without the invisible field."""
    (form,) = [form for form in page.all("form", method="post") if form.all("input", name="email")]
    inputs = {
        each["name"]: each.attributes.get("value", "")
        for each in form.all("input")
        if each.attributes.get("type") != "radio"
    }
    del inputs["homepage"]
    return inputs | {each["name"]: each.text for each in form.all("textarea")}
