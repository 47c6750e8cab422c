"""Lists that are handed out, of numbers that are kept elsewhere."""

from __future__ import annotations

from typing import Any, NoReturn

from autograd import ArgumentTypeError


def refuse_write(self: Any, *_: Any, **__: Any) -> NoReturn:
    """What there is to write instead."""
    raise ArgumentTypeError(
        "what is written here is lost, as such lists are made when asked for: set one number by "
        "layer.weight[i][j].data = …, all by layer.weight.data = [[…]]"
    )


_refused: Any = refuse_write


class ReadOnly(list[Any]):
    """A list that refuses to be written into; copies of it are plain lists."""

    __slots__ = ()

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refused
    append = extend = insert = pop = remove = clear = sort = reverse = _refused

    def __reduce_ex__(self, _: Any) -> Any:
        """Pickled and copied as the list that it is equal to."""
        return list, (list(self),)
