"""Reads what the formats write with the real tools, and gives back the text in it; raises where it is not valid."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from json_schema import SCHEMA
from lxml import etree
from pypdf import PdfReader

try:
    import jsonschema  # comes with nbclient
except ImportError:
    jsonschema = None

from gradviz.render.graphviz import layout

TOOLS = Path(__file__).resolve().parents[1] / "tools" / "mermaid"
NODE_MODULES = Path(os.environ.get("GRADVIZ_MERMAID", TOOLS))


def svg(data: bytes) -> str:
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    names = {etree.QName(element).localname for element in root.iter() if isinstance(element.tag, str)}
    assert names <= {"svg", "g", "title", "desc", "style", "text", "polygon", "polyline", "path", "ellipse"}, names
    for element in root.iter():
        assert not any(name.startswith("on") or name.endswith("href") for name in element.attrib), element.attrib
    return "".join(root.itertext())


def pdf(data: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data), strict=True).pages)


def png(data: bytes) -> str:
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place, pixels = 8, b""
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", data, place + 8 + length)[0] == zlib.crc32(kind + body)
        pixels += body if kind == b"IDAT" else b""
        place += 12 + length
    width, height = struct.unpack_from(">II", data, 16)
    assert len(zlib.decompress(pixels)) > width * height
    return ""


def dot(data: bytes) -> str:
    assert layout(data.decode(), "plain").data.startswith(b"graph ")
    return data.decode()


def json_(data: bytes) -> str:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    content = json.loads(data, parse_constant=refuse)
    assert content["format"] == "gradviz-graph"
    if jsonschema is not None:
        jsonschema.validate(content, SCHEMA)
    ids = {node["id"] for node in content["nodes"]}
    assert {edge[end] for edge in content["edges"] for end in ("source", "target")} <= ids
    return data.decode()


def tex(data: bytes) -> str:
    text = data.decode("ascii")
    body = re.sub(r"(?m)(?<!\\)%.*$", "", text).replace(r"\{", "").replace(r"\}", "")
    assert body.count("{") == body.count("}")
    assert re.sub(r"\\\$", "", body).count("$") % 2 == 0
    return text


def mermaid(data: bytes) -> str:
    text = data.decode()
    assert len(text) <= 50_000  # more is drawn by no page that doesn't ask for it
    assert text.splitlines()[1].startswith("flowchart ")
    assert all(line.count('"') % 2 == 0 for line in text.splitlines()[1:])
    return text


def txt(data: bytes) -> str:
    text = data.decode()
    assert not any((sign < " " and sign != "\n") or "\x7f" <= sign <= "\x9f" for sign in text)
    return text


#: format → what reads it.
VALID: dict[str, Callable[[bytes], str]] = {
    "svg": svg,
    "pdf": pdf,
    "png": png,
    "dot": dot,
    "json": json_,
    "tikz": tex,
    "mermaid": mermaid,
    "txt": txt,
}


# -- the tools that take long: many files in one run -------------------------------------------------------------------


def no_latex() -> str | None:
    """Why pdflatex can't be run here."""
    if shutil.which("pdflatex") is None:
        return "needs pdflatex: apt-get install texlive-latex-base texlive-pictures texlive-latex-extra"
    if subprocess.run(["kpsewhich", "standalone.cls", "tikz.sty"], capture_output=True).stdout.count(b"\n") < 2:
        return "needs TikZ and standalone.cls: apt-get install texlive-pictures texlive-latex-extra"
    return None


def latex_pages(documents: Sequence[bytes]) -> list[str]:
    """The text of each of many TikZ documents, set as the pages of one: pdflatex takes long to start."""
    heads, bodies = list[str](), list[str]()
    for document in documents:
        head, _, rest = document.decode("ascii").partition("\\begin{document}\n")
        heads += [line for line in head.splitlines() if not line.startswith("%")]
        bodies.append(rest.removesuffix("\\end{document}\n"))
    whole = "\n".join([*dict.fromkeys(heads), "\\begin{document}", *bodies, "\\end{document}"])
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "f.tex").write_text(whole)
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "f.tex"]
        run = subprocess.run(command, cwd=folder, capture_output=True, encoding="latin-1", timeout=120)
        assert run.returncode == 0, run.stdout[-2000:]
        pages = [page.extract_text() for page in PdfReader(Path(folder, "f.pdf")).pages]
    assert len(pages) == len(documents)
    return pages


def no_mermaid() -> str | None:
    """Why the mermaid package can't be run here."""
    if shutil.which("node") is None:
        return "needs node"
    if not (NODE_MODULES / "node_modules" / "mermaid").is_dir():
        return f"needs the mermaid package: npm install --prefix {TOOLS} (or elsewhere, named by GRADVIZ_MERMAID)"
    return None


def mermaid_pictures(documents: Sequence[bytes]) -> list[dict[str, object]]:
    """What the mermaid package has drawn of each document: its labels, its title, or the error."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{place}.mmd") for place in range(len(documents))]
        for file, document in zip(files, documents, strict=True):
            file.write_bytes(document)
        command = ["node", str(TOOLS / "check.mjs"), str(NODE_MODULES), *map(str, files)]
        run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120)
    assert run.returncode == 0, run.stderr[-2000:]
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
