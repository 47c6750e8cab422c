"""Model files: JSON, written atomically, and read with suspicion."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd import ArgumentError

from .checks import file_name

FORMAT = "gradtable parameters 1"
MAX_BYTES = 1 << 28
MAX_DEPTH = 16  # of nested lists; the shapes of layers have at most six axes


def write_state(state: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a state; floats are written so that reading gives the same bits."""
    name = file_name(path)
    try:
        text = json.dumps({"format": FORMAT, "parameters": state}, allow_nan=False)
    except ValueError:
        raise ArgumentError(
            f"a model with parameters that are not finite is not saved to {path}"
        ) from None
    _replace_file(Path(os.path.realpath(name)), text.encode())


def _replace_file(path: Path, content: bytes) -> None:
    """The old file stays whole until the new one, with its permissions, takes its place."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(beside, "xb") as file:
            if path.exists():
                os.chmod(beside, path.stat().st_mode & 0o7777)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def read_state(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The state in a file, if it is one of ours."""
    text = _limited_text(path)
    try:
        content = json.loads(
            text, parse_int=float, parse_constant=_refused, object_pairs_hook=_unrepeated
        )
    except ValueError as error:
        raise ArgumentError(f"{path} cannot be read as a model file: {error}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ArgumentError(f'{path} is no model file: it does not say "format": "{FORMAT}"')
    if content.keys() != {"format", "parameters"} or not isinstance(content["parameters"], dict):
        raise ArgumentError(f"{path} needs the entries 'format' and 'parameters' and no others")
    return content["parameters"]


def _limited_text(path: str | os.PathLike[str]) -> str:
    with open(file_name(path), "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ArgumentError(
            f"{path} is larger than the {MAX_BYTES} bytes that a model file may have"
        )
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ArgumentError(f"{path} cannot be read as a model file: {error}") from None
    if (depth := _depth(text)) > MAX_DEPTH:
        raise ArgumentError(
            f"{path} nests {depth} levels deep; a model file has at most {MAX_DEPTH}"
        )
    return text


def _depth(text: str) -> int:
    """How deep brackets nest, those inside strings not counted."""
    deepest = depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is not a finite number")


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("an entry occurs twice")
    return entries
