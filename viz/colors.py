"""The two colours with one meaning everywhere: values are cool, gradients are warm.

Blue and vermilion of Okabe and Ito, made darker on white and lighter on black until the contrast
is at least 4.5 : 1. They are custom properties, so that a page can set its own.
"""

from __future__ import annotations

LIGHT = {
    "paper": "#ffffff",
    "card": "#ffffff",
    "ink": "#1f2328",
    "muted": "#656d76",
    "line": "#8c959f",
    "frame": "#d0d7de",
    "value": "#0067a3",
    "value-tint": "#eaf3fa",
    "gradient": "#b84500",
    "gradient-tint": "#fdf0e7",
    "parameter-tint": "#f3f1f8",
    "output-tint": "#eaf3fa",
}

DARK = {
    "paper": "#15181c",
    "card": "#1c2026",
    "ink": "#e6e8eb",
    "muted": "#9aa4af",
    "line": "#6b7682",
    "frame": "#3a424c",
    "value": "#6cb8ec",
    "value-tint": "#17293a",
    "gradient": "#f58a4b",
    "gradient-tint": "#33221a",
    "parameter-tint": "#262338",
    "output-tint": "#17293a",
}


def declarations(colors: dict[str, str]) -> str:
    """The colours as CSS custom properties."""
    return ";".join(f"--gt-{name}:{color}" for name, color in colors.items())
