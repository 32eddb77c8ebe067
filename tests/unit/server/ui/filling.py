"""Filling in the form of an editor, as a browser without scripts does."""

from html.parser import HTMLParser


class Fields(HTMLParser):
    """The fields of a form, as a browser would send them: the editor's, or the one that is sent to an address."""

    def __init__(self, text, action=None):
        super().__init__(convert_charrefs=True)
        self.found = {}
        self._action = action
        self._inside = False
        self._area = self._select = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self._inside = "data-editor" in given if self._action is None else given["action"] == self._action
        if not self._inside:
            return
        name = given.get("name")
        if tag == "input" and name:
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
            if ticked:
                self.found[name] = given.get("value") or ""
        elif tag == "textarea":
            self._area, self.found[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.found):
            self.found[self._select] = given.get("value") or ""

    def handle_data(self, data):
        if self._area:
            self.found[self._area] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._area:
            self.found[self._area] = self.found[self._area].removeprefix("\n")
            self._area = None
        if tag == "select":
            self._select = None
        if tag == "form":
            self._inside = False


def fields(page, action=None):
    return Fields(page, action).found


async def edit(client, path, do, **changes):
    """Open an editor, change some fields (`s__name` is `s.name`), press a button."""
    page = await client.get(path)
    assert page.status_code == 200, page.text
    sent = {**fields(page.text), **{name.replace("__", "."): text for name, text in changes.items()}, "do": do}
    return await client.post(path, data=sent)
