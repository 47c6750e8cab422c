"""How much work a call is: counted, as times vary from run to run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def instructions(act: Callable[[], Any]) -> int:
    """How many of Python's instructions a call takes."""
    return (_monitored if sys.version_info >= (3, 12) else _traced)(act)


def _monitored(act: Callable[[], Any]) -> int:
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
    count = 0

    def instruction(code: Any, offset: int) -> None:
        nonlocal count
        count += 1

    tool, event = monitoring.PROFILER_ID, monitoring.events.INSTRUCTION
    monitoring.use_tool_id(tool, "instructions")
    monitoring.register_callback(tool, event, instruction)
    monitoring.set_events(tool, event)
    try:
        act()
    finally:
        monitoring.set_events(tool, 0)
        monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)
    return count


def _traced(act: Callable[[], Any]) -> int:
    count = 0

    def traced(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        act()
    finally:
        sys.settrace(before)
    return count
