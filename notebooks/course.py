"""The course as pages: `python notebooks/course.py OUTPUT_FOLDER`.

Each notebook becomes one HTML page with its stored outputs and the steppers at work, and an index
lists them. The pages need nothing from anywhere else: formulas are MathML, pictures are inside.

    notebook → formulas_set_aside → nbconvert → formulas, links, ids → page
"""

from __future__ import annotations

import re
import shutil
import sys
import xml.etree.ElementTree as ET
from base64 import b64decode
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # so that it runs from a checkout that is not installed

from viz.colors import DARK, LIGHT, declarations  # noqa: E402
from viz.drawing import SHRINKS_TO  # noqa: E402

CODE_OR_FORMULA = re.compile(
    r"(?P<code>^ *```.*?^ *```|(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)|\\\$)"
    r"|\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^\s$](?:[^$]*[^\s$])?)\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)
FUNCTION = re.compile(  # before a letter, a digit or a command, other than one for brackets
    r"(\\(?:cosh?|exp|log|sinh?|tanh?)(?![a-z])) *(?=[\w\\])(?!\\left|\\[bB]ig)"
)
DESCRIPTION = re.compile(r"\n*<!-- Picture: (.+?) -->")
MINUS, BEFORE_A_SIGN = "&#x02212;", "00(?:28|5B|7B|2C|3C|3D|3E)|219[02]|226[45]|2248"
NAME = r"<m[in]>[^<]*</m[in]>|<mrow>(?:<mi mathvariant=\"normal\">\w</mi>)+</mrow>"
REPAIRS = [  # what the converter leaves to browsers, and they do not set as a textbook does
    # A prime is raised already; as an exponent most fonts make it a speck.
    (rf"<msup>({NAME})<mi>(&#x0203[2-4];)</mi></msup>", r"<mrow>\1<mo>\2</mo></mrow>"),
    # After a bracket, a comma or a relation a minus is a sign.
    (rf"(<mo[^>]*>&#x0(?:{BEFORE_A_SIGN});</mo>)<mo>({MINUS})", r'\1<mo form="prefix">\2'),
    # No space around ∂, ∞ and a slash, nor between a function and its bracket; but around ∼, and
    # before a function.
    ("<mo>(&#x0(?:2202|221E);)</mo>", r'<mi mathvariant="normal">\1</mi>'),
    ("<mo>(&#x0002F;)", r'<mo lspace="0em" rspace="0em">\1'),
    (r"<mo>(\w+</mo><mo[^>]*>&#x00028;)", r'<mo rspace="0em">\1'),
    (r'((?:<mrow>|</mo>)<mo rspace="0em")', r'\1 lspace="0em"'),
    ("<mi>&#x0007E;</mi>", "<mo>&#x0223C;</mo>"),
    (r"(</m(?:i|n|sub|sup)>)(<mi>(?:exp|log|tanh)</mi>)", r'\1<mspace width="0.167em" />\2'),
]
SET_ASIDE = re.compile("\ue000(\\d+)\ue001([.,;:?!)]*)")
SVG = "http://www.w3.org/2000/svg"
FIRST_BACKWARD_PASS = "02_backprop_step_by_step.html#cell-02-11"
NO_FRAME = "<noscript><style>.gradtable-stepper > iframe{display:none}</style></noscript>"
NETWORK_OFF = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
)


def build(output: Path, folder: Path = HERE) -> list[Path]:
    """Write the pages of all notebooks in a folder, and the index; return the paths."""
    output.mkdir(parents=True, exist_ok=True)
    sources = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    notebooks = [nbformat.read(source, as_version=4) for source in sources]
    titles = [f"{s.stem[:2]} {title_of(n)}" for s, n in zip(sources, notebooks, strict=True)]
    for i, (source, notebook) in enumerate(zip(sources, notebooks, strict=True)):
        shutil.copyfile(source, output / source.name)
        top, bottom = (navigation(sources, titles, i, where) for where in ("top", "bottom"))
        text = document(f"{titles[i]} · gradtable", top + body(notebook) + bottom)
        (output / f"{source.stem}.html").write_text(text, encoding="utf-8")
    text = document("The gradtable course", index(folder, sources, notebooks))
    (output / "index.html").write_text(text, encoding="utf-8")
    return [output / "index.html", *(output / f"{source.stem}.html" for source in sources)]


def title_of(notebook: Any) -> str:
    """The heading of the first cell."""
    return str(notebook.cells[0].source.splitlines()[0].removeprefix("# "))


def body(notebook: Any) -> str:
    """The cells as HTML; a comment in the text before a plot describes it."""
    formulas: list[str] = []
    descriptions: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            descriptions += DESCRIPTION.findall(cell.source)
            text = DESCRIPTION.sub("", cell.source)
            cell.source = formulas_set_aside(text, formulas)
        for k, output in enumerate(cell.get("outputs", [])):
            data = output.get("data", {})
            if "image/svg+xml" in data:
                output.data = drawing(data["image/svg+xml"], f"{cell.id}-{k}-")
            elif "image/png" in data:
                description = descriptions.pop(0) if descriptions else ""
                output.data = plot(data["image/png"], description)
    exporter = HTMLExporter(template_name="basic", exclude_anchor_links=True)
    html, _ = exporter.from_notebook_node(notebook)
    html = SET_ASIDE.sub(lambda match: with_its_sign(formulas[int(match[1])], match[2]), html)
    html = re.sub(r'(<a href="[\w-]+)\.ipynb', r"\1.html", html)
    html = html.replace('id="cell-id=', 'id="cell-')
    html = html.replace("<th></th>", "<td></td>")  # the corner of a table is no header
    return f"<main>\n{html}\n</main>\n"


def formulas_set_aside(markdown: str, formulas: list[str]) -> str:
    """Markdown with a mark in the place of each formula, which is added to the list as MathML."""

    def mark(match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        kind = "block" if match["display"] else "inline"
        formula = FUNCTION.sub(r"\1\,", (match["display"] or match["inline"]).strip())
        formulas.append(mathml(formula, kind))
        return f"\ue000{len(formulas) - 1}\ue001"

    return CODE_OR_FORMULA.sub(mark, markdown)


def mathml(formula: str, kind: str) -> str:
    """A formula; several with wide gaps between them stand below one another if they must."""
    parts = formula.split(r"\qquad")
    if kind == "inline" or r"\begin" in formula or any(p.count("{") != p.count("}") for p in parts):
        parts = [formula]
    written = [repaired(convert(part, display=kind)) for part in parts]
    return written[0] if len(parts) == 1 else f'<span class="several">{"".join(written)}</span>'


def repaired(formula: str) -> str:
    for pattern, replacement in REPAIRS:
        formula = re.sub(pattern, replacement, formula)
    return formula


def with_its_sign(formula: str, sign: str) -> str:
    """A formula in the text, and the punctuation mark that must not begin the next line."""
    inline = 'display="inline"' in formula
    return f'<span class="whole">{formula}{sign}</span>' if sign and inline else formula + sign


def drawing(svg: str, prefix: str) -> dict[str, str]:
    """A drawing as an output: text that can be selected, and tooltips."""
    root = ET.fromstring(svg)
    width = float(root.attrib["width"])
    return picture(with_ids_of_its_own(root, prefix), width, SHRINKS_TO * width)


def plot(png: str, description: str) -> dict[str, str]:
    """A plot as an output; the first chunk of a PNG says how wide it is."""
    width = int.from_bytes(b64decode(png[:32])[16:20])
    source = f"data:image/png;base64,{png.strip()}"
    least = 0 if width <= 620 else 0.75 * width
    return picture(f'<img alt="{escape(description)}" src="{source}">', width, least)


def picture(content: str, width: float, least: float) -> dict[str, str]:
    """A picture that shrinks with the room, down to the least width, and is then scrolled."""
    style = f"--width:{width:g}px;--least:{least:g}px"
    return {"text/html": f'<div class="picture" style="{style}">{content}</div>'}


def with_ids_of_its_own(root: ET.Element, prefix: str) -> str:
    """A drawing whose ids begin with a prefix, so that two can stand on one page."""
    ET.register_namespace("", SVG)
    for element in root.iter():
        for name, value in element.attrib.items():
            if name in ("id", "aria-labelledby", "data-source", "data-target"):
                value = " ".join(prefix + word for word in value.split())
            element.set(name, value.replace("url(#", f"url(#{prefix}"))
    return ET.tostring(root, encoding="unicode")


def navigation(sources: list[Path], titles: list[str], i: int, where: str) -> str:
    """Links to the page before, to the index, and to the page after."""

    def link(j: int, text: str, relation: str) -> str:
        if not 0 <= j < len(sources):
            return "<span></span>"
        title = text.format(escape(titles[j]))
        return f'<a rel="{relation}" href="{sources[j].stem}.html">{title}</a>'

    return (
        f'<nav aria-label="Pages, {where}">{link(i - 1, "←&nbsp;{}", "prev")}'
        f'<a href="index.html">The course</a>{link(i + 1, "{}&nbsp;→", "next")}</nav>\n'
    )


def index(folder: Path, sources: list[Path], notebooks: list[Any]) -> str:
    """The page that lists the others."""
    subjects = dict(
        re.findall(
            r"^\| \[.*?\]\((\w+)\.ipynb\) \| (.*?) \|$",
            (folder / "README.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    rows = "\n".join(
        f"<li><span>{source.stem[:2]}</span>"
        f'<a href="{source.stem}.html">{escape(title_of(notebook))}</a>'
        f"<p>{escape(subjects.get(source.stem, ''))}</p>"
        f'<p class="quiet">{escape(duration(notebook))} · '
        f'<a href="{source.name}">the notebook itself</a></p></li>'
        for source, notebook in zip(sources, notebooks, strict=True)
    )
    return (
        '<main class="index"><h1>The gradtable course</h1>\n'
        "<p>From one sum and one product to networks that learn, on graphs that can be looked at. "
        "The steppers on these pages work by click and by arrow key, and nothing here needs a "
        "connection.</p>\n<p>Start with 01, or go straight to the "
        f'<a href="{FIRST_BACKWARD_PASS}">first backward pass to step through</a>.</p>\n'
        f"<ol>\n{rows}\n</ol></main>\n"
    )


def duration(notebook: Any) -> str:
    """How long it takes to read."""
    found = re.search(r"about \d+ minutes", notebook.cells[0].source)
    return found[0] if found else ""


def document(title: str, content: str) -> str:
    """A whole page."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{NETWORK_OFF}">\n'
        f'<link rel="icon" href="data:,">\n<title>{escape(title)}</title>\n'
        f"<style>{styles()}</style>\n{NO_FRAME}\n</head>\n<body>\n{content}</body>\n</html>\n"
    )


def styles() -> str:
    """The colours of the drawings, and the style sheet."""
    return (
        f":root{{{declarations(LIGHT)}}}"
        f"@media(prefers-color-scheme:dark){{:root{{{declarations(DARK)}}}}}"
        f"@media print{{:root{{{declarations(LIGHT)}}}}}\n"
        + (HERE / "course.css").read_text(encoding="utf-8")
    )


def main(arguments: list[str]) -> int:
    """Build, check, and say where the pages are."""
    from course_check import problems

    if len(arguments) != 1:
        print("usage: python notebooks/course.py OUTPUT_FOLDER", file=sys.stderr)
        return 2
    pages = build(Path(arguments[0]))
    found = problems(Path(arguments[0]))
    print(*found, f"{len(pages)} pages; open {pages[0]}", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
