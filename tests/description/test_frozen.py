"""What sections of a description and the catalogue have of dataclasses, although their methods are not made anew."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, field, fields, replace

import pytest

from pexgen.frozen import Frozen, FrozenValue


class Point(FrozenValue):
    """Two fields, the second with a default."""

    x: int
    y: int = 0


class Place(Frozen):
    """A field that is not shown."""

    name: str
    secret: str = field(default="", repr=False)


class Other(FrozenValue):
    """The fields of a point."""

    x: int
    y: int = 0


def test_fields_are_those_of_a_dataclass() -> None:
    assert [(each.name, each.type) for each in fields(Point)] == [("x", "int"), ("y", "int")]
    point = Point(x=1)
    assert (point.x, point.y, repr(point)) == (1, 0, "Point(x=1, y=0)")
    assert replace(point, y=2) == Point(y=2, x=1)
    assert copy.deepcopy(point) == copy.copy(point) == point


def test_values_are_equal_where_class_and_fields_are() -> None:
    assert Point(x=1) == Point(x=1, y=0) != Point(x=2)
    assert hash(Point(x=1)) == hash(Point(y=0, x=1))
    assert Point(x=1) != Other(x=1)
    assert len({Point(x=1), Point(x=1), Other(x=1)}) == 2


def test_what_is_no_value_equals_itself_alone() -> None:
    place = Place(name="here", secret="there")  # noqa: S106 - no secret
    assert place == place != Place(name="here", secret="there")  # noqa: S106, PLR0124 - as above; that is the point
    assert repr(place) == "Place(name='here')"
    assert len({place, place, Place(name="here")}) == 2


@pytest.mark.parametrize(("given", "wrong"), [({}, "x"), ({"x": 1, "z": 2}, "z"), ({"y": 1, "z": 2}, "x, z")])
def test_a_field_that_is_missing_or_is_none_is_named(given: dict[str, int], wrong: str) -> None:
    with pytest.raises(TypeError, match=f"^Point: missing or not a field: {wrong}$"):
        Point(**given)


def test_nothing_is_changed_or_removed() -> None:
    point = Point(x=1)
    for name in ("x", "z"):
        with pytest.raises(FrozenInstanceError):
            setattr(point, name, 2)
        with pytest.raises(FrozenInstanceError):
            delattr(point, name)
    assert point == Point(x=1)
