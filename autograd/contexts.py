"""`no_grad`, `scope` and whoever else looks at nodes as they are made.

While none of these is open anywhere, making a node costs one look at `watched`; only then are the
context variables asked, which belong to one thread or asyncio task each.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import wraps
from threading import Lock

from .errors import ArgumentTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, ParamSpec, Protocol, TypeVar

    from .value import Value

    T = TypeVar("T")
    P = ParamSpec("P")

    class Listener(Protocol):
        """Who is told of the inputs that a program makes and of its comparisons."""

        written: bool

        def begun(self, node: Value) -> None: ...
        def compared(self, left: Any, operator: str, right: Any, outcome: bool) -> None: ...
        def equal(self, left: Value, right: Any) -> Any: ...
        def refused(self, problem: str) -> None: ...
        def stands_for_number(self, x: Any) -> bool: ...


watched = 0  # how many of these contexts are open now, in any thread
_lock = Lock()

_recording: ContextVar[bool] = ContextVar("recording", default=True)
_scope: ContextVar[str] = ContextVar("scope", default="")
_observers: ContextVar[tuple[Callable[[Value], None], ...]] = ContextVar("observers", default=())
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)

# Inside a gradient graph inf and nan are data to carry on, not errors to raise (see `apply`).
carrying_edges: ContextVar[bool] = ContextVar("carrying_edges", default=False)


# What is open here: each of these contexts, and the value that its variable had before.
_opened: ContextVar[tuple[tuple[setting, Any], ...]] = ContextVar("opened", default=())


class setting:
    """Give a context variable another value for the length of a with-block.

    One object may be open several times, also in several threads and tasks. An interruption by
    Ctrl-C on the way in or out leaves nothing half done.
    """

    __slots__ = ("_variable", "_value")

    def __init__(self, variable: ContextVar[T], value: T) -> None:
        self._variable: ContextVar[Any] = variable
        self._value = value

    def __enter__(self) -> None:
        before, opened = self._variable.get(), _opened.get()
        try:
            self._put(self._value, (*opened, (self, before)))
        except BaseException:
            self._put(before, opened)
            raise

    def __exit__(self, *_details: object) -> None:
        opened, value = list(_opened.get()), self._variable.get()
        own = [i for i, (owner, _) in enumerate(opened) if owner is self]
        if not own:  # opened in another task, which goes on with what it had
            return
        _, before = opened.pop(own[-1])
        for i, (later, _) in enumerate(opened[own[-1] :], own[-1]):
            if later._variable is self._variable:  # and still open
                opened[i] = later, before
                break
        else:
            value = before
        try:
            self._put(value, tuple(opened))
        except BaseException:
            self._put(value, tuple(opened))
            raise

    def _put(self, value: Any, opened: tuple[tuple[setting, Any], ...]) -> None:
        self._variable.set(value)
        _opened.set(opened)


class _Watching(setting):
    """The same, while new nodes are told to look."""

    __slots__ = ()

    def __enter__(self) -> None:
        global watched
        super().__enter__()
        try:
            with _lock:
                watched += 1
        except BaseException:
            super().__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        global watched
        try:
            with _lock:
                watched -= 1
        finally:
            super().__exit__()


class no_grad(_Watching):
    """Record nothing: results made inside have no parents. Also works as a decorator."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(_recording, False)

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction

        kinds = isgeneratorfunction, iscoroutinefunction, isasyncgenfunction
        if any(is_one(function) for is_one in kinds):
            raise ArgumentTypeError(
                f"no_grad() cannot decorate {function.__name__}, which runs after its call has "
                "ended: write `with no_grad():` inside it"
            )

        @wraps(function)
        def unrecorded(*arguments: P.args, **named: P.kwargs) -> T:
            with no_grad():
                return function(*arguments, **named)

        return unrecorded


def recording() -> setting:
    """Record inside, as derivatives need it, whatever is open around."""
    return setting(_recording, True)


def scope(name: str) -> _Watching:
    """Nodes made inside carry this name (and those of the scopes around it) in `.scope`."""
    if not isinstance(name, str):
        raise ArgumentTypeError(f"scope(name) needs a str, but got {name!r}")
    outer = _scope.get()
    return _Watching(_scope, f"{outer}/{name}" if outer else name)


def observing(observe: Callable[[Value], None]) -> _Watching:
    """Call `observe` with each node that is recorded inside."""
    return _Watching(_observers, (*_observers.get(), observe))


class count_evaluations:
    """Count the operations that are evaluated on Values inside the block, in `.count`."""

    def __init__(self) -> None:
        self.count = 0
        self._watching = observing(self._observe)

    def _observe(self, node: Value) -> None:
        self.count += 1

    def __enter__(self) -> count_evaluations:
        self._watching.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._watching.__exit__()

    def __repr__(self) -> str:
        return f"{self.count} evaluations"


def current_scope() -> str:
    """The path of names of the scopes that are open here."""
    return _scope.get()


def remember(node: Value) -> Value:
    """Finish a node that was made while a context was open."""
    for observe in _observers.get():
        observe(node)
    node._scope = _scope.get()
    if not _recording.get():
        node._operation = node._first = node._second = None
        node._first_derivative = node._second_derivative = None
    return node


def place(nodes: Iterable[Value], paths: Iterable[str]) -> None:
    """Say where each node belongs; opening a `scope` for each would cost more than the node."""
    for node, path in zip(nodes, paths, strict=False):
        node._scope = path


def listening(listener: Listener) -> _Watching:
    """Tell the listener of inputs made and of comparisons inside."""
    return _Watching(_listener, listener)


def listened() -> bool:
    """Whether a listener is being told who writes a program."""
    listener = _listener.get()
    return listener is not None and listener.written


READS = "it reads the plain number of a Value, which may change"


def stands_for_number(x: Value) -> bool:
    """Whether it is in the place of a plain number, in a program that is being compiled."""
    listener = _listener.get()
    return listener is not None and listener.stands_for_number(x)


def refuse(problem: str) -> None:
    """Tell the listener, if there is one, of something that a program cannot do."""
    listener = _listener.get()
    if listener is not None:
        listener.refused(problem)


def begin(node: Value) -> str:
    """The scope of an input that is made while a context is open."""
    listener = _listener.get()
    if listener is not None:
        listener.begun(node)
    return _scope.get()


def compared(left: Value, operator: str, right: object, outcome: bool) -> None:
    """Tell the listener, if there is one, of a comparison."""
    listener = _listener.get()
    if listener is not None:
        listener.compared(left, operator, right, outcome)


def equal(left: Value, right: object) -> Any:
    """What `left == right` gives for two things that are not one object."""
    listener = _listener.get()
    return NotImplemented if listener is None else listener.equal(left, right)
