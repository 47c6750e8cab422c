"""An explanation in HTML: each factor a column of its own, symbol over number.

A factor is told by its number and by the kind of its underline as well as by its colour. All
styles are attributes: notebooks that are not trusted take style sheets away and keep those.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from autograd import Value

from .explain_latex import COLOURS
from .explain_text import cut, equation, first_and_last, hidden_paths
from .notation import Name, bracketed, derivative_of
from .text import short

if TYPE_CHECKING:
    from .explanation import Explanation, Factor, Path

_LINES = ("solid", "dashed", "dotted", "double")
_COLUMN = "display:inline-block;vertical-align:top;text-align:center;line-height:1.35"
_SIGN = f"{_COLUMN};padding:.62em .3em 0"
_MATHS = "font-family:Cambria,'STIX Two Text',Georgia,'DejaVu Serif',serif"


def html(explanation: Explanation) -> str:
    """The equation, the paths where there is more than one, and the local derivatives."""
    spoken = escape(" = ".join(equation(explanation)), quote=True)
    parts = [
        f'<div role="math" aria-label="{spoken}" style="margin:.4em 0 1em">',
        f"{_equation(explanation)}</div>",
        _paths(explanation),
        _factors(explanation),
    ]
    return f'<div style="{_MATHS};font-size:1.05rem;overflow-wrap:anywhere">{"".join(parts)}</div>'


def _equation(explanation: Explanation) -> str:
    left = _fraction(explanation, explanation.output, explanation.wrt)
    columns = [f'<span style="{_COLUMN}">{left}</span>', _sign("=")]
    for i, path in enumerate(explanation.terms):
        columns += [_sign("+")] if i else []
        columns += _columns(explanation, path)
    if len(explanation.terms) < explanation.count:
        columns += [_sign("+"), _column("…", bracketed(short(explanation.remainder)))]
    columns += [_sign("=")] if explanation.factors else []
    total = f"<strong>{short(explanation.total)}</strong>"
    return "".join([*columns, f'<span style="{_SIGN}">{total}</span>'])


def _columns(explanation: Explanation, path: Path) -> list[str]:
    columns = []
    shown = first_and_last(path.factors)
    for i, factor in enumerate(shown):
        columns += [_sign("·")] if i else []
        if i == len(shown) // 2 and len(shown) < len(path.factors):
            columns += [_column("…", f"{len(path.factors) - len(shown)} more"), _sign("·")]
        number = f'<span style="{_underline(factor)}">{explanation.number(factor.value)}</span>'
        columns.append(
            _column(_fraction(explanation, factor.result, factor.operand), number, factor)
        )
    return columns


def _column(above: str, below: str, factor: Factor | None = None) -> str:
    index = f'<span style="font-size:.72em">[{factor.number}]</span><br>' if factor else ""
    underline = _underline(factor) if factor else ""
    return (
        f'<span style="{_COLUMN};margin:0 .1em .5em">'
        f'<span style="display:inline-block;padding-bottom:.15em;{underline}">{above}</span><br>'
        f"{index}{below}</span>"
    )


def _underline(factor: Factor) -> str:
    colour = COLOURS[(factor.number - 1) % len(COLOURS)]
    line = _LINES[(factor.number - 1) // len(COLOURS) % len(_LINES)]
    return f"border-bottom:3px {line} #{colour}"


def _sign(sign: str) -> str:
    return f'<span style="{_SIGN}">{sign}</span>'


def _fraction(explanation: Explanation, result: Value, operand: Value) -> str:
    above, below = (f"∂{name_html(explanation.typeset(n))}" for n in (result, operand))
    return (
        '<span style="display:inline-block;vertical-align:middle;text-align:center">'
        f'<span style="display:block;border-bottom:1px solid;padding:0 .2em">{above}'
        '<span style="font-size:0">/</span></span>'  # for those who copy the text
        f'<span style="display:block;padding:0 .2em">{below}</span></span>'
    )


def name_html(name: Name) -> str:
    """A name with its indices; a single letter is set in italics."""
    base = f"<bdi>{escape(name.base)}</bdi>"
    base = f"<i>{base}</i>" if len(name.base) == 1 else base
    below = f"<sub>{escape(name.below)}</sub>" if name.below else ""
    above = f"<sup>{escape(name.above)}</sup>" if name.above else ""
    return base + below + above


def _paths(explanation: Explanation) -> str:
    if explanation.count == 1:
        return ""
    items = []
    for path in explanation.paths:
        names = [name_html(explanation.typeset(node)) for node in first_and_last(path.nodes)]
        if len(names) < len(path.nodes):
            names.insert(len(names) // 2, "…")
        items.append(f"<li>{' ← '.join(names)}: {short(path.product)}</li>")
    more = f"<p>… {escape(hidden_paths(explanation))}</p>" if explanation.hidden else ""
    return f'<p style="margin:0">Paths</p><ol style="margin:.2em 0 1em">{"".join(items)}</ol>{more}'


def _factors(explanation: Explanation) -> str:
    lines = [_line(explanation, factor) for factor in explanation.factors]
    return "".join(cut(lines, "<p>… {} more</p>"))


def _line(explanation: Explanation, factor: Factor) -> str:
    """[1] ∂result/∂operand = formula = number."""
    formula = _formula(explanation, factor)
    middle = f"{formula} = " if formula else ""
    return (
        '<div style="display:inline-block;margin:.35em 2em .35em 0">'
        f'<span style="font-size:.72em">[{factor.number}]</span> '
        f'<span style="display:inline-block;vertical-align:middle;padding-bottom:.1em;'
        f'{_underline(factor)}">{_fraction(explanation, factor.result, factor.operand)}</span>'
        f" = {middle}{short(factor.value)}</div>"
    )


def _formula(explanation: Explanation, factor: Factor) -> str:
    """How the local derivative is computed; u⁽⁵⁾ in brackets where it has an exponent."""
    template = derivative_of(factor.result, factor.operand)
    texts = []
    for i, piece in enumerate(template.pieces):
        if type(piece) is Value:
            name = explanation.typeset(piece)
            written = name_html(name)
            texts.append(f"({written})" if name.above and i in template.raised else written)
        else:
            texts.append(escape(str(piece)))
    return "".join(texts)
