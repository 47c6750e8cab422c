"""Numbers, names and tables as text and HTML: the one place that decides how they look."""

from __future__ import annotations

from math import isinf, isnan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number_text(x: float, spec: str = ".6g") -> str:
    """A number with a real minus sign, and no zeros that say nothing."""
    if isnan(x):
        return "nan"
    if isinf(x):
        return "∞" if x > 0 else "−∞"
    return format(x + 0.0, spec).replace("-", "−")


def number_latex(x: float, spec: str = ".6g") -> str:
    """The same for LaTeX, which knows neither the real minus sign nor powers of ten."""
    mantissa, e, exponent = number_text(x, spec).replace("−", "-").partition("e")
    if mantissa == "nan":
        return r"\mathrm{nan}"
    power = rf" \cdot 10^{{{int(exponent)}}}" if e else ""
    return mantissa.replace("∞", r"\infty") + power


def factor_text(x: float, spec: str = ".6g") -> str:
    """A number as it stands in a product: negative ones in brackets."""
    text = number_text(x, spec)
    return f"({text})" if text.startswith("−") else text


def power_text(base: str, exponent: str) -> str:
    """base to the exponent; whole numbers and single letters are raised."""
    plain = exponent.replace("−", "-")
    if plain.lstrip("-").isdigit():
        return base + plain.translate(_SUPERSCRIPTS)
    return f"{base}^{exponent}" if exponent.isalnum() else f"{base}^({exponent})"


def number_above(number: int) -> str:
    """⁽⁵⁾, as in u⁽⁵⁾"""
    return f"⁽{str(number).translate(_SUPERSCRIPTS)}⁾"


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]], numeric: set[int]) -> str:
    """Columns aligned: numbers at the decimal point, the rest to the left."""
    columns = []
    for i, (title, *cells) in enumerate(zip(header, *rows, strict=True)):
        texts = [title, *(_align_points(cells) if i in numeric else cells)]
        width = max(map(_width, texts))
        padding = [" " * (width - _width(text)) for text in texts]
        pairs = zip(padding, texts, strict=True)
        lines = [pad + text if i in numeric else text + pad for pad, text in pairs]
        columns.append([lines[0], "─" * width, *lines[1:]])
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: accents none of their own, 字 two."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    wide = sum([east_asian_width(c) in "WF" for c in text])
    return len(text) + wide - sum([category(c) in ("Mn", "Me") for c in text])


def _align_points(cells: Sequence[str]) -> list[str]:
    before = [cell.partition(".")[0] for cell in cells]
    left = max(map(len, before), default=0)
    padded = [" " * (left - len(b)) + cell for b, cell in zip(before, cells, strict=True)]
    width = max(map(len, padded), default=0)
    return [cell.ljust(width) for cell in padded]


def html_table(
    caption: str, header: Sequence[str], rows: Sequence[Sequence[str]], numeric: set[int]
) -> str:
    """The same table for a notebook; every cell is escaped."""
    from html import escape  # loads slowly, and only notebooks need it

    def cell(tag: str, i: int, text: str) -> str:
        style = (
            "text-align:right;font-variant-numeric:tabular-nums"
            if i in numeric
            else "text-align:left"
        )
        return f'<{tag} style="{style}">{escape(text)}</{tag}>'

    def row(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(cell(tag, i, text) for i, text in enumerate(cells)) + "</tr>"

    body = "".join(row("td", cells) for cells in rows)
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead>{row('th', header)}</thead><tbody>{body}</tbody></table>"
    )


def one_line(text: str, limit: int = 40) -> str:
    """A label on one line, unprintable characters escaped, cut where it is long."""
    clean = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


_LATEX_ESCAPES = str.maketrans(
    {c: rf"\{c}" for c in "#$%&_{}"}
    | {"\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim ", " ": r"\ "}
)


def name_latex(label: str) -> str:
    """A label for LaTeX's mathematics, every character of it as itself."""
    if len(label) == 1 and label.isalpha():
        return label
    return rf"\mathrm{{{one_line(label).translate(_LATEX_ESCAPES)}}}"


def data_of(x: Any) -> float:
    """The number of a table entry, which is a float or a Value."""
    return x if isinstance(x, float) else float(getattr(x, "data", x))
