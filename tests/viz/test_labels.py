"""Labels are data: whatever they hold is shown as text, and nothing breaks out."""

from __future__ import annotations

import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings, strategies as st

import autograd
from autograd import Value, backprop, scope
from autograd.display import one_line
from viz import Drawing, draw
from viz.text import LONGEST, label_text, xml

from .pictures import SVG, tree_of

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")

HOSTILE = [
    '"</script><script>alert(1)</script>',
    "'\"`",
    "<b>bold</b>",
    "&amp; &lt;",
    "|{}|<f0>",
    "two\nlines\r\n\ttab",
    "--",
    "]]>",
    "]]>--><![CDATA[",
    "</svg></style><img src=x onerror=alert(1)>",
    "مرحبا بالعالم",
    "\u202eright to left\u202c",
    "e" + "\u0301" * 50,
    "\x00\x07\x1b[31m\x7f\x85\ufffe",
    "\ud800 alone \udfff",
    "x" * 10_000,
    "\\N \\G \\",
    "#quot; #35;",
    "end",
    "%% comment",
    "${evil} `evil`",
    "{{ evil }}",
    " ",
    "\u2028\u2029\ufeff",
    "<TABLE><TR><TD>",
]  # fmt: skip

labels = st.text(max_size=60) | st.text(st.characters(), max_size=60) | st.sampled_from(HOSTILE)


def drawing_of(label: str, other: str = "") -> Drawing:
    """A label on an input, on an operation, on a scope and as a variable's name."""
    with scope(label):
        x = Value(2.0, label)
    y = autograd.sigmoid(x) * Value(3.0)
    y.label = other or label
    return draw(backprop(y), names={label: x, "plain": y.parents[1]}, layout="builtin")


def elements(svg: str) -> list[str]:
    return [e.tag for e in ElementTree.fromstring(svg).iter()]


@settings(max_examples=150)
@given(labels)
def test_svg_is_well_formed_and_holds_the_label_as_text(label: str) -> None:
    drawing = drawing_of(label)
    svg = drawing.svg
    svg.encode("utf-8")
    root = tree_of(svg)
    shown = label_text(label)
    texts = ["".join(t.itertext()) for t in root.iter(f"{SVG}text")]
    assert not shown or shown in texts
    kinds = {tag.removeprefix(SVG) for tag in elements(svg)}
    assert kinds <= {
        "svg", "title", "desc", "style", "defs", "marker", "path", "rect", "g", "text"
    }  # fmt: skip


@settings(max_examples=100)
@given(labels)
def test_the_picture_has_the_same_elements_whatever_the_label(label: str) -> None:
    plain, hostile = drawing_of("scope", "label"), drawing_of(label, "label")
    if label_text(label) and label.strip("/") and "/" not in label:
        assert sorted(elements(hostile.svg)) == sorted(elements(plain.svg))


@pytest.mark.parametrize("label", HOSTILE)
def test_notebook_output_is_the_same_safe_text(label: str) -> None:
    bundle = drawing_of(label)._repr_mimebundle_()
    ElementTree.fromstring(bundle["image/svg+xml"])
    (image,) = ElementTree.fromstring(bundle["text/html"].replace("></div>", "/></div>"))
    assert set(image.attrib) == {"alt", "style", "src"}
    assert bundle["text/plain"].isprintable()
    assert len(bundle["text/plain"]) < 200


def test_long_labels_are_cut_with_an_ellipsis() -> None:
    drawing = drawing_of("x" * 10_000)
    assert drawing.scene.cards[0].label == "x" * (LONGEST - 1) + "…"
    assert len(drawing.svg) < 30_000


@settings(max_examples=100)
@given(labels)
def test_mermaid_keeps_labels_inside_quotes(label: str) -> None:
    text = drawing_of(label).mermaid
    lines = text.splitlines()
    assert lines[0] == "flowchart LR"
    for line in lines[2:]:
        assert line.count('"') in (0, 2)
        quoted = line.split('"')[1] if '"' in line else ""
        bare = quoted.replace("<br/>", "")
        assert not re.search(r"[<>\"'`|{}\[\]()\\&%$-]", bare)
        assert not re.search(r"[^\x20-\x7e]", line.replace(quoted, ""))


@needs_dot
def test_dot_accepts_every_label() -> None:
    source = "\n".join(drawing_of(label).graphviz.source for label in HOSTILE)
    run = subprocess.run(
        ["dot", "-Tsvg"], input=source.encode(), capture_output=True, timeout=60, check=False
    )
    assert (run.returncode, run.stderr) == (0, b"")
    pictures = re.split(rb"(?=<\?xml)", run.stdout)[1:]
    assert len(pictures) == len(HOSTILE)
    for picture, label in zip(pictures, HOSTILE, strict=True):
        texts = ["".join(t.itertext()) for t in ElementTree.fromstring(picture).iter(f"{SVG}text")]
        shown = label_text(label)
        assert not shown.strip() or shown.strip() in [t.strip().replace("\xa0", " ") for t in texts]


@needs_dot
@settings(max_examples=15)
@given(st.lists(labels, min_size=8, max_size=8))
def test_dot_accepts_any_labels(some: list[str]) -> None:
    source = "\n".join(drawing_of(label).graphviz.source for label in some)
    run = subprocess.run(
        ["dot", "-Tplain"], input=source.encode(), capture_output=True, timeout=60, check=False
    )
    assert (run.returncode, run.stderr) == (0, b"")


@given(st.text(st.characters(), max_size=300))
def test_label_text_is_one_printable_line(label: str) -> None:
    text = label_text(label)
    assert text.isprintable()
    assert len(text) <= LONGEST
    assert text in ("", one_line(label[: 4 * LONGEST], LONGEST))


@given(st.text(st.characters(), max_size=50))
def test_xml_survives_a_parser(text: str) -> None:
    element = ElementTree.fromstring(f'<t a="{xml(text)}">{xml(text)}</t>')
    if text.isprintable():
        assert (element.text or "") == text == element.get("a")


def test_deep_scopes_do_not_make_deep_boxes() -> None:
    with scope("/".join(f"s{i}" for i in range(2000))):
        x = Value(1.0)
    drawing = draw(x * 2)
    assert len(drawing.scene.boxes) == 8
    tree_of(drawing.svg)
