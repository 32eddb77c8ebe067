"""Reading a suite's files, and the files that it names, as text."""

from __future__ import annotations

from pathlib import Path

from sparring.adapters.suites.places import Place, Source
from sparring.adapters.suites.problems import Problems
from sparring.domain.errors import InvalidInput


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
    where = place.fields("file", required=("file",)).get("file")
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
