"""An optimiser's parameters where a compiled program has them: in arrays, and some elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd import ArgumentError, Value

from .optimiser import numbers_of

LARGE = 10_000  # numbers, from which on copying an array takes longer than a rule of its own


def index_of(places: list[int]) -> Any:
    """These places, as a slice where they follow each other, which is quicker."""
    import numpy as np

    first = places[0] if places else 0
    if places == list(range(first, first + len(places))):
        return slice(first, first + len(places))
    return np.array(places)


class Piece:
    """A parameter array: `numbers[own]` are the optimiser's parameters at `places`."""

    def __init__(self, name: str, numbers: Any, own: Any, places: list[int]) -> None:
        self.name, self.numbers, self.own, self.places = name, numbers, own, places

    def thetas(self) -> Any:
        return self.numbers[self.own]

    def slopes(self, gradients: Mapping[str, Any]) -> Any:
        """The gradients; of a program for other batches there are none."""
        import numpy as np

        if self.name in gradients:
            return gradients[self.name].reshape(-1)[self.own]
        return np.zeros(len(self.places))

    def put_back(self, new: Any) -> None:
        self.numbers[self.own] = new


class Elsewhere(Piece):
    """The parameters that are in no array."""

    def __init__(self, parameters: list[Value], places: list[int]) -> None:
        super().__init__("", [parameters[i] for i in places], slice(None), places)

    def thetas(self) -> Any:
        import numpy as np

        return np.array(numbers_of(self.numbers))

    def put_back(self, new: Any) -> None:
        for value, theta in zip(self.numbers, new.tolist(), strict=True):
            value.data = theta


class Part:
    """Pieces that the optimiser moves as one array."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.places = index_of([place for piece in pieces for place in piece.places])

    def gathered(self, gradients: Mapping[str, Any]) -> tuple[Any, Any]:
        """The parameters, and their gradients."""
        import numpy as np

        if len(self.pieces) == 1:
            return self.pieces[0].thetas(), self.pieces[0].slopes(gradients)
        thetas = np.concatenate([piece.thetas() for piece in self.pieces])
        return thetas, np.concatenate([piece.slopes(gradients) for piece in self.pieces])

    def put_back(self, new: Any) -> None:
        """The parameters, after a step."""
        stop = 0
        for piece in self.pieces:
            start, stop = stop, stop + len(piece.places)
            piece.put_back(new[start:stop])


def parts_of(pieces: list[Piece], parameters: list[Value]) -> list[Part]:
    """Large arrays are not copied together; the small ones are, so that a rule is run once."""
    known = {place for piece in pieces for place in piece.places}
    if not known:
        raise ArgumentError("none of the optimiser's parameters has a part in the loss")
    if len(known) < len(parameters):
        elsewhere = [i for i in range(len(parameters)) if i not in known]
        pieces = [*pieces, Elsewhere(parameters, elsewhere)]
    small = [piece for piece in pieces if len(piece.places) < LARGE]
    large = [Part([piece]) for piece in pieces if len(piece.places) >= LARGE]
    return [*large, Part(small)] if small else large
