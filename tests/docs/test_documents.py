"""README and guides are executed: every shell line, every file and every snippet in them.

A fenced block of `sh` is run by bash, one of `python` as a program (with `await` at the top), and a block behind
`<!-- file: NAME -->` is written to that file; all blocks of one document in order, in one empty folder, with this
project's commands on the path. What a document starts in the background is ended with it.
"""

import ast
import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
PORT = re.compile(r"(?<=[ :])8[34]\d\d\b")
"""A port as documents write it; each becomes one that is free."""


def blocks(document):
    for match in BLOCK.finditer(document.read_text(encoding="utf-8")):
        yield match["file"], match["language"], match["body"]


def program(document, folder):
    """The document as one bash script."""
    lines, ports = ["set -eu -o pipefail"], defaultdict(free_port)
    for number, (file, language, body) in enumerate(blocks(document)):
        if language == "sh":
            body = re.sub(r"sparring serve(?! --port)", "sparring serve --port 8321", body)
        body = PORT.sub(lambda port: str(ports[port[0]]), body)
        if file is not None:
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            lines.append(f"cat > {file} <<'END_OF_FILE'\n{body}END_OF_FILE")
        elif language == "sh":
            lines.append(body)
        elif language == "python":
            (folder / f"snippet_{number}.py").write_text(body, encoding="utf-8")
            lines.append(f"{sys.executable} {__file__} snippet_{number}.py")
    return "\n".join(lines)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ready_environment(folder):
    """A stand-in for what `make` sets up, fresh enough that it sets up nothing and touches no real one."""
    folder.mkdir()
    (folder / "bin").symlink_to(Path(sys.executable).parent)
    for stamp in (".python", ".runtime", ".dev"):
        (folder / stamp).touch()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_and_snippet_of_a_document_works(document, tmp_path):
    script = program(document, tmp_path)
    if "\n" not in script:
        pytest.skip("nothing in it can be executed")
    for name in ("Makefile", "src", "examples", "requirements", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    ready_environment(tmp_path / ".venv")
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "SPARRING_API_KEY": "spk_the_key_of_the_documents",
        "COVERAGE_PROCESS_START": "",
    }
    process = subprocess.Popen(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=(out := (tmp_path / "output.txt").open("w+")),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        code = process.wait(timeout=120)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        out.seek(0)
        printed = out.read()
        out.close()
    assert code == 0, f"{document.name}:\n{textwrap.indent(script[-3000:], '  ')}\nprinted:\n{printed[-3000:]}"


def test_the_readme_is_short_and_shows_output_by_line_twelve():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 100
    assert any("make demo" in line for line in lines[:12])
    assert any("pass^1" in line for line in lines[:14])


def links(document):
    """Where a document leads within the repository: the file, and the place in it or None."""
    prose = re.sub(
        r"^```.*?^```$|`[^`\n]*`", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield (document.parent / path).resolve() if path else document, anchor or None


def anchors(document):
    """The places that GitHub gives the headings of a document."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document):
    lost = [
        f"{path.relative_to(ROOT)}#{anchor}"
        for path, anchor in links(document)
        if not path.exists() or (anchor is not None and anchor not in anchors(path))
    ]
    assert lost == []


def test_the_readme_leads_to_every_guide():
    assert {path for path in DOCUMENTS[1:]} <= {path for path, _ in links(DOCUMENTS[0])}


def run_snippet(path):
    """Execute a file whose top level may await."""
    code = compile(Path(path).read_text(encoding="utf-8"), path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, {"__name__": "__main__"})
    if result is not None:
        asyncio.run(result)


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    run_snippet(sys.argv[1])
