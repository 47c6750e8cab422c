"""Layers: which column (row, from top to bottom) each node of an acyclic graph goes to."""

from __future__ import annotations

from collections.abc import Sequence


def topological_order(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The nodes, each after those that it depends on; nodes on cycles are left out."""
    waiting = [0] * count
    following: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        following[source].append(target)
        waiting[target] += 1
    order = [v for v in range(count) if not waiting[v]]
    for v in order:  # grows while it is walked
        for w in following[v]:
            waiting[w] -= 1
            if not waiting[w]:
                order.append(w)
    return order


def layers_of(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """A layer for each node: after all its operands, and leaves right before their consumers."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    order = topological_order(count, edges)
    layer = [0] * count
    for v in order:
        layer[v] = max([layer[p] + 1 for p in before[v]], default=0)
    _pull_towards_consumers(order, before, after, layer)
    lowest = min(layer, default=0)
    return [k - lowest for k in layer]


def _pull_towards_consumers(
    order: list[int], before: list[list[int]], after: list[list[int]], layer: list[int]
) -> None:
    """Move right what only loose leaves and shared operands hold back.

    The lines from a shared operand go together for most of their way, so that each costs less.
    """
    held = [0.0] * len(layer)  # what it costs to leave the operands that do not come along
    loose = [False] * len(layer)
    for v in order:
        held[v] = sum(
            [1 / len(after[p]) for p in before[v] if not (loose[p] and len(after[p]) == 1)]
        )
        loose[v] = not before[v] or not held[v]
    for v in reversed(order):
        if after[v] and held[v] < 1:
            layer[v] = min([layer[w] for w in after[v]]) - 1


def rings(count: int, edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The sets of nodes that depend on one another in a ring (strongly connected, two or more)."""
    ring = set(range(count)) - set(topological_order(count, edges))
    ring -= set(topological_order(count, [(b, a) for a, b in edges]))
    inner = [(a, b) for a, b in edges if a in ring and b in ring]
    finished = [v for group in _walks(sorted(ring), inner) for v in group]
    found = _walks(finished[::-1], [(b, a) for a, b in inner])
    return [sorted(group) for group in found if len(group) > 1]


def _walks(starts: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """What is newly reached from each start, in the order in which a depth-first walk leaves it."""
    following: dict[int, list[int]] = {v: [] for v in starts}
    for a, b in edges:
        following[a].append(b)
    seen: set[int] = set()
    groups = []
    for start in starts:
        group: list[int] = []
        stack = [] if start in seen else [(start, iter(following[start]))]
        seen.add(start)
        while stack:
            v, rest = stack[-1]
            w = next((w for w in rest if w not in seen), None)
            if w is None:
                stack.pop()
                group.append(v)
            else:
                seen.add(w)
                stack.append((w, iter(following[w])))
        groups.append(group)
    return [group for group in groups if group]
