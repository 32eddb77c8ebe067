"""Reading a suite's files, and the files that it names, as text."""

from __future__ import annotations

from pathlib import Path

from sparring.adapters.suites.documents import Listing, Scalar, Table
from sparring.adapters.suites.places import Place, Source
from sparring.adapters.suites.problems import Problems
from sparring.domain.errors import InvalidInput

Chain = tuple[str, ...]
"""Files, each included by the one before."""

_FILE = "file"
_SUFFIXES = (".yaml", ".yml", ".json")


def read_text(path: Path, told: str) -> str:
    """A file's text, its line ends made `\\n`.

    Args:
        told: how the file is named in a message.

    Raises:
        InvalidInput: it is not there, not a file, not readable or not UTF-8.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InvalidInput(f"{told}: there is no such file.") from None
    except IsADirectoryError:
        raise InvalidInput(f"{told}: this is a folder, not a file.") from None
    except OSError as error:
        raise InvalidInput(f"{told}: cannot be read: {error.strerror or error}.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"0x{content[error.start]:02x}"
        raise InvalidInput(f"{told}:{line}: not UTF-8 (byte {byte}). Save the file as UTF-8.") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InvalidInput(f"{told}:{line}: holds the character NUL, so it is no text file.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def source(path: Path, problems: Problems, told: str | None = None) -> Source:
    """A file to read fields from."""
    name = told or str(path)
    return Source(name, read_text(path, name), path.parent, problems)


def included(place: Place) -> Source | None:
    """The file that `{file: NAME}` names, relative to the file it stands in; None with the mistake noted."""
    where = place.fields(_FILE, required=(_FILE,)).get(_FILE)
    name = where.text() if where is not None else None
    if where is None or name is None:
        return None
    folder = place.source.folder
    if folder is None:
        where.wrong("a file can only be included from a suite that is a file itself.")
        return None
    path = folder / name
    try:
        return source(path, place.source.problems, str(path))
    except InvalidInput as error:
        where.wrong(str(error))
        return None


def include_parts(document: Place) -> None:
    """Put the parts of a suite that stand in other files where they are named.

    `{file: NAME}` may stand for the agent, the variables, the state, the defaults, all scenarios, one or several
    of them, the mocks of the agent or of a scenario, and a scenario's expectations.
    """
    chain = (document.source.file,)
    for name in ("variables", "state", "defaults"):
        _include(document.get(name), chain)
    agent = _include(document.get("agent"), chain)
    _include(agent.get("mocks") if agent is not None else None, chain)
    _include_scenarios(document.get("scenarios"), chain)


def flattened(place: Place) -> list[Place]:
    """The scenarios of a list, those of lists in it among them."""
    return [one for item in place.items("a list of scenarios") for one in _unfolded(item)]


def _unfolded(item: Place) -> list[Place]:
    return flattened(item) if isinstance(item.node, Listing) else [item]


def _include_scenarios(place: Place | None, chain: Chain) -> None:
    if place is None:
        return
    files = _named(place, chain)
    found = _include(place, chain)
    if found is None:
        return
    if isinstance(found.node, Listing):
        for item in found.items(""):
            _include_scenarios(item, files)
    else:
        for part in ("mocks", "variables", "state", "expect"):
            _include(found.get(part), files)


def _include(place: Place | None, chain: Chain) -> Place | None:
    """The part that a place stands for: another file's content, or itself."""
    name = _file_of(place) if place is not None else None
    if place is None or name is None:
        return place
    found = included(place)
    if found is None:
        return None
    if found.file in chain:
        place.wrong(f"this file includes itself: {' > '.join((*chain, found.file))}.")
        return None
    document = found.document()
    if document is None:
        return None
    again = _file_of(document)
    part = document if again is None else _include(document, (*chain, found.file))
    if part is not None:
        place.source.parts[id(place.node)] = part
        return Place(part.node, place.path, part.source)
    return None


def _named(place: Place, chain: Chain) -> Chain:
    """The files that are open inside of a place."""
    name, folder = _file_of(place), place.source.folder
    return chain if name is None or folder is None else (*chain, str(folder / name))


def _file_of(place: Place) -> str | None:
    """The file that a place names, if it names one instead of saying what it is."""
    if not isinstance(place.node, Table) or len(place.node.pairs) != 1:
        return None
    key, value = place.node.pairs[0]
    is_name = key.text == _FILE and isinstance(value, Scalar) and value.text.endswith(_SUFFIXES)
    return value.text if is_name and isinstance(value, Scalar) else None
