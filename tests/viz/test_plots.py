"""The plots draw the numbers they are given: read back from matplotlib's own objects."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, strategies as st

import viz
from autograd import ArgumentError, ArgumentTypeError, Value
from viz.maps import hinton, plot_maps, plot_receptive_field
from viz.plots import plot_decision, plot_history, plot_paths

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def drawn(axes: Any) -> None:
    """Draw for real; what matplotlib objects to comes up here."""
    axes.figure.canvas.draw()


@given(st.lists(st.floats(-5, 5), min_size=6, max_size=6))
def test_blobs_have_the_area_of_the_magnitude_and_the_colour_of_the_sign(
    weights: list[float],
) -> None:
    from matplotlib import pyplot

    axes = hinton(weights, (2, 3))
    biggest = max(map(abs, weights))
    blobs = {}
    for patch in axes.patches:
        centre = (
            round(patch.get_x() + patch.get_width() / 2),
            round(patch.get_y() + patch.get_height() / 2),
        )
        blobs[centre] = (patch.get_width() * patch.get_height(), patch.get_facecolor()[0])
    for i, weight in enumerate(weights):
        area, white = blobs.get((i % 3, i // 3), (0.0, None))
        if biggest:
            assert area == pytest.approx(0.81 * abs(weight) / biggest, rel=1e-9, abs=1e-300)
        if area:
            assert white == (1.0 if weight > 0 else 0.0)
    pyplot.close(axes.figure)


def test_a_diagram_stands_as_the_image_does() -> None:
    rows = [[Value(1.0), Value(-2.0)], [Value(0.0), Value(0.5)], [Value(3.0), Value(1.0)]]
    axes = hinton(rows, title="$\\frac")
    assert (axes.get_xlim(), axes.get_ylim()) == ((-0.5, 1.5), (2.5, -0.5))
    assert axes.get_aspect() == 1.0
    drawn(axes)


def test_zero_weights_draw_nothing() -> None:
    assert len(hinton([[0.0, 0.0]]).patches) == 0


def test_several_diagrams_share_one_scale() -> None:
    figure = plot_maps([[[1.0, 4.0]], [[2.0, -1.0]]], weights=True, titles=["one", "two"])
    first, second = figure.axes[:2]
    areas = [
        sorted(p.get_width() * p.get_height() for p in axes.patches) for axes in (first, second)
    ]
    full = 0.81
    assert areas == [
        pytest.approx([full / 4, full]),
        pytest.approx([full / 4, full / 2]),
    ]
    assert [axes.get_title() for axes in (first, second)] == ["one", "two"]


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (3, 3), (5, 5), (6, 3), (7, 4), (8, 4), (9, 3), (10, 5), (11, 4)]
)
def test_rows_of_maps_are_even(count: int, columns: int) -> None:
    figure = plot_maps([[[0.0, 1.0]]] * count)
    assert figure.axes[0].get_gridspec().ncols == columns


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_maps_are_found_at_any_depth(depth: int) -> None:
    numpy = pytest.importorskip("numpy")
    numbers = numpy.arange(3.0 ** (depth - 2) * 20).reshape(*[3] * (depth - 2), 4, 5)
    figure = plot_maps(numbers)
    shown = [axes.images[0] for axes in figure.axes if axes.images]
    assert len(shown) == 3 ** (depth - 2)
    assert all(image.get_array().shape == (4, 5) for image in shown)
    assert {image.get_clim() for image in shown} == {(0.0, numbers.max())}
    drawn(figure.axes[0])


def test_the_receptive_field_is_framed() -> None:
    image = [[float(i * j) for j in range(8)] for i in range(6)]
    axes = plot_receptive_field(image, [(1, 3), (2, 6)])
    frame = axes.patches[-1]
    assert (frame.get_x(), frame.get_y(), frame.get_width(), frame.get_height()) == (1.5, 0.5, 5, 3)
    shaded = sum(p.get_width() * p.get_height() for p in axes.patches[:-1])
    assert shaded == 6 * 8 - 3 * 5
    drawn(axes)


def test_a_field_that_reaches_into_the_padding_is_shown_whole() -> None:
    axes = plot_receptive_field([[0.0] * 4] * 4, [(-1, 1), (2, 4)])
    assert (axes.get_xlim(), axes.get_ylim()) == ((-0.5, 4.5), (3.5, -1.5))


def test_the_receptive_field_of_nn() -> None:
    nn = pytest.importorskip("nn")
    layers = [nn.Conv2d(1, 1, 3, seed=0), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3, seed=0)]
    field = nn.receptive_field(layers, 0, 1)
    axes = plot_receptive_field([[0.0] * 14] * 14, field)
    frame = axes.patches[-1]
    assert (frame.get_width(), frame.get_height()) == (8, 8)


def test_a_history_has_its_losses_and_its_metrics() -> None:
    history = SimpleNamespace(
        loss=[1.0, 0.5, 0.25],
        validation_loss=[1.1, 0.6, 0.4],
        metrics={"accuracy": [0.5, 0.75, 1.0]},
    )
    axes = plot_history(history)
    assert [curves_in(a) for a in axes.figure.axes] == [
        {"loss": [1.0, 0.5, 0.25], "validation loss": [1.1, 0.6, 0.4]},
        {"accuracy": [0.5, 0.75, 1.0]},
    ]
    assert axes is axes.figure.axes[0]
    assert list(axes.lines[0].get_xdata()) == [1, 2, 3]
    assert len({line.get_linestyle() for line in axes.lines}) == 2
    drawn(axes)


def curves_in(axes: Any) -> dict[str, list[float]]:
    return {line.get_label(): list(line.get_ydata()) for line in axes.lines}


def test_a_history_goes_into_axes_that_are_given() -> None:
    from matplotlib import pyplot

    _, place = pyplot.subplots()
    axes = plot_history({"loss": [1.0, 0.5], "accuracy": [0.5, 0.75]}, axes=place, log=True)
    assert axes is place
    assert curves_in(place) == {"loss": [1.0, 0.5], "accuracy": [0.5, 0.75]}
    assert place.get_yscale() == "log"
    assert len(place.figure.axes) == 1
    drawn(axes)


def test_epochs_are_whole_numbers() -> None:
    axes = plot_history({"loss": [0.5]})
    drawn(axes)
    assert [tick for tick in axes.get_xticks() if tick % 1] == []


def test_titles_and_names_may_be_anything_that_prints() -> None:
    drawn(hinton([[1.0]], title=4))
    drawn(plot_paths(lambda x, y: x + y, {0.1: [(0, 0), (1, 1)]}, resolution=4))
    legend = plot_decision(lambda p: p[0], [(0, 0), (1, 1)], [-1, 1], resolution=4).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["−1", "1"]


def test_numbers_alone_are_losses() -> None:
    for losses in ([1.0, 0.5], (1.0, Value(0.5)), iter([1.0, 0.5])):
        axes = plot_history(losses)
        assert [curves_in(a) for a in axes.figure.axes] == [{"loss": [1.0, 0.5]}]
        assert axes.get_ylabel() == "loss"


def test_a_mapping_is_a_history_too() -> None:
    axes = plot_history({"loss": [3.0, 2.0]}, log=True)
    assert axes.get_yscale() == "log"
    assert len(axes.figure.axes) == 1


def test_samples_and_the_border_between_classes() -> None:
    axes = plot_decision(
        lambda p: p[0] + p[1], [(0, 0), (1, 1), (0.2, 0.9)], [0, 1, 1], threshold=1
    )
    border = next(c for c in axes.collections if c.get_linewidth()[0] == 0.8 and len(c.get_paths()))
    points = [p for path in border.get_paths() for p in path.vertices]
    assert len(points) > 10
    assert all(x + y == pytest.approx(1.0) for x, y in points)
    offsets = [
        tuple(p)
        for c in axes.collections
        for p in c.get_offsets()
        if len(c.get_offsets()) < 3 and c.get_label()[:1] != "_"
    ]
    assert sorted(offsets) == [(0.0, 0.0), (0.2, 0.9), (1.0, 1.0)]
    drawn(axes)


def test_a_model_with_several_outputs_decides_for_the_largest() -> None:
    xs = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
    model = lambda p: [Value(-p[0] - p[1]), Value(p[0]), Value(p[1])]  # noqa: E731
    axes = plot_decision(model, xs, [[1, 0, 0], [0, 1, 0], [0, 0, 1]], resolution=20)
    assert axes.get_legend_handles_labels()[1] == ["0", "1", "2"]
    drawn(axes)


def test_a_network_of_nn_decides() -> None:
    nn = pytest.importorskip("nn")
    model = nn.MLP(2, [3, 1], seed=0)
    drawn(plot_decision(model, [(0, 0), (1, 1)], [-1, 1], resolution=5))


def test_paths_over_a_surface() -> None:
    paths = {"straight": [(0.0, 0.0), (1.0, 1.0)], "bent": [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]}
    axes = plot_paths(lambda x, y: x * x + 10 * y * y, paths, resolution=20)
    lines = {line.get_label(): line.get_xydata().tolist() for line in axes.lines}
    assert lines["straight"] == [[0.0, 0.0], [1.0, 1.0]]
    assert lines["bent"] == [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    drawn(axes)


def test_a_surface_of_values_that_is_flat_or_infinite_in_places() -> None:
    drawn(plot_paths(lambda x, y: Value(1.0), {"p": [(0, 0), (1, 1)]}, resolution=5))
    steep = lambda x, y: math.inf if x > 0.5 else x * y  # noqa: E731
    drawn(plot_paths(steep, {"p": [(0, 0), (1, 1)]}, resolution=9))


def test_plots_are_drawn_into_axes_that_are_given() -> None:
    from matplotlib import pyplot

    _, (left, right) = pyplot.subplots(1, 2)
    assert hinton([[1.0]], axes=left) is left
    assert (
        plot_paths(lambda x, y: x + y, {"p": [(0, 0), (1, 1)]}, resolution=4, axes=right) is right
    )
    assert len(pyplot.get_fignums()) == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: hinton([1.0, 2.0, 3.0], (2, 2)), "3 numbers are no image of shape"),
        (lambda: hinton([1.0, 2.0]), "a shape for a flat list"),
        (lambda: hinton([[1.0], [1.0, 2.0]]), "rows of one length"),
        (lambda: hinton([[float("nan")]]), "finite numbers, but got nan"),
        (lambda: hinton([[1.0]], largest=-1.0), "largest="),
        (lambda: hinton("abc"), "rows of numbers"),
        (lambda: plot_maps([]), "at least one image"),
        (lambda: plot_maps([[[1.0]]], titles=["a", "b"]), "titles for 1 images, not"),
        (lambda: plot_receptive_field([[1.0]], [(0, 1)]), "first row, last row"),
        (lambda: plot_history({"loss": []}), "nothing to plot"),
        (lambda: plot_history(3), "needs a History"),
        (lambda: plot_history("ab"), "needs a History"),
        (lambda: plot_history([]), "nothing to plot"),
        (lambda: plot_history([[1.0]]), "loss needs numbers"),
        (lambda: plot_decision(sum, [(1, 2, 3)], [1]), "points of two numbers"),
        (lambda: plot_decision(sum, [(1, 2)], [1, 0]), "1 samples and 2 targets"),
        (lambda: plot_decision(sum, [(1, 2), (3, 4)], [1, 0], resolution=1), "at least 2 points"),
        (lambda: plot_paths(max, {}), "points of two numbers each, by name"),
        (lambda: plot_paths(lambda x, y: math.nan, {"p": [(0, 1)]}), "nowhere finite"),
        (lambda: hinton([1.0, 2.0], 2), "2 numbers are no image of shape 2"),
        (lambda: hinton([1.0, 2.0], "ab"), "no image of shape 'ab'"),
        (lambda: hinton([1.0, 2.0], (-1, -2)), "no image of shape"),
        (lambda: hinton([[1.0]], largest="x"), "largest=.* but got 'x'"),
        (lambda: plot_maps(5), "rows and columns, but got 5"),
        (lambda: plot_maps([5]), "rows and columns, but got"),
        (lambda: plot_maps([[[1.0]], [3.0]]), "rows and columns"),
        (lambda: plot_maps([[[1.0]]], titles=5), "titles for 1 images, not 5"),
        (lambda: plot_receptive_field([[1.0]], [(1, 0), (0, 0)]), "first row, last row"),
        (lambda: plot_receptive_field([[1.0]], [(0.5, 1), (0, 0)]), "first row, last row"),
        (lambda: plot_history({"loss": 5}), "loss needs a list of numbers, but got 5"),
        (lambda: plot_history({"loss": ["a"]}), "loss needs numbers, but got 'a'"),
        (lambda: plot_decision(None, [(1, 2)], [1]), "a function, but got None"),
        (lambda: plot_decision(sum, None, [1]), "points of two numbers"),
        (lambda: plot_decision(sum, [1, 2], [1, 0]), "points of two numbers"),
        (lambda: plot_decision(sum, [(1, 2)], 3), "a list of targets, but got 3"),
        (lambda: plot_decision(sum, [(1, 2), (3, 4)], [1, 0], resolution="a"), "not 'a'"),
        (lambda: plot_decision(sum, [(1, 2), (3, 4)], [1, 0], threshold="a"), "threshold"),
        (lambda: plot_decision(str, [(1, 2), (3, 4)], [1, 0]), "of the model needs numbers"),
        (lambda: plot_decision(lambda p: [], [(1, 2), (3, 4)], [1, 0]), "of the model needs"),
        (lambda: plot_paths(max, [(0, 1)]), "points of two numbers each, by name"),
        (lambda: plot_paths(max, {"p": []}), "p needs points of two numbers"),
        (lambda: plot_paths(max, {"p": [1, 2]}), "p needs points of two numbers"),
        (lambda: plot_paths(None, {"p": [(0, 1)]}), "a function, but got None"),
        (lambda: plot_paths(lambda x, y: "a", {"p": [(0, 1)]}), "surface needs numbers"),
    ],
)
def test_wrong_arguments(call: Any, words: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=words):
        call()


def test_without_matplotlib_the_error_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['matplotlib'] = None; sys.modules['matplotlib.pyplot'] = None\n"
        "from viz.maps import hinton\n"
        "try: hinton([[1.0]])\n"
        "except ImportError as error: print(error)"
    )
    root = str(Path(viz.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=True
    )
    assert "pip install gradtable[plots]" in done.stdout


def test_matplotlib_is_loaded_only_when_something_is_plotted() -> None:
    script = (
        "import sys, viz, viz.maps, viz.plots, viz.stepper\n"
        "print('matplotlib' in sys.modules, 'nn' in sys.modules)"
    )
    root = str(Path(viz.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.split() == ["False", "False"]
