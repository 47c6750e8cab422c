"""Numbers and labels as they stand in a drawing: short, on one line, and of a known width."""

from __future__ import annotations

from html import escape

from autograd.display import number_text, one_line

LONGEST = 22  # characters of a label that a card shows; the tooltip has more
_EXPONENT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_NARROW = set("iIjlft.,:;|!'`()[]{}/ ")
_WIDE = set("mwMWΣΠ@%—…")


def short(x: float) -> str:
    """A number in four significant digits, as in 3.986, −0.25 or 1.235×10⁴."""
    text = number_text(x, ".4g")
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    return f"{mantissa}×10{str(int(exponent.replace('−', '-'))).translate(_EXPONENT)}"


def exact(x: float | None) -> str:
    """A number with all its digits."""
    return "not known" if x is None else repr(x + 0.0).replace("-", "−")


def label_text(label: str, limit: int = LONGEST) -> str:
    """A label as it is shown: one line, control characters visible, cut with an ellipsis."""
    if len(label) > 4 * limit:  # enough to be cut at the limit, whatever it holds
        label = label[: 4 * limit]
    clean = one_line(label, limit)
    return clean.strip() and clean


def printable(text: str) -> str:
    """Text in which only line breaks are left of what cannot be printed; the rest is escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def xml(text: str) -> str:
    """Text for an XML element or attribute; what XML cannot hold is shown as an escape."""
    return escape(printable(text))


def width_of(text: str, size: float) -> float:
    """About how wide a text is; a little more than most fonts need."""
    if text.isascii() and text.isalnum():
        return 0.64 * size * len(text)
    return size * sum(_em(c) for c in text)


def _em(c: str) -> float:
    if c in _NARROW:
        return 0.42
    if c in _WIDE:
        return 0.98
    if c < "\u0300" or c in "−∇×·σ∂":
        return 0.66
    return 0.66 if c < "\u1100" or "\u2000" <= c < "\u2e00" else 1.02
