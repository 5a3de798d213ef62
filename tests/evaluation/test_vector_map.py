from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kgslm.evaluation.vector_map import VectorMap, map_files, write_map


def test_the_files_of_a_map() -> None:
    names = ["map.png", "map.html"]
    for given in ("map", "map.png", "map.html"):
        assert [path.name for path in map_files(Path(given))] == names
    assert [path.name for path in map_files(Path("v1.2"))] == ["v1.2.png", "v1.2.html"]


def test_the_same_points_give_the_same_bytes(tmp_path: Path) -> None:
    drawn = VectorMap("A map", np.array([[0.0, 0], [1, 2]]), ["fever", "a </script> name"], ["finding", ""])
    first = [path.read_bytes() for path in write_map(drawn, tmp_path / "map")]
    assert [path.read_bytes() for path in write_map(drawn, tmp_path / "map")] == first
    page = first[1].decode()
    assert page.count("</script>") == 1
    assert "finding" in page
    assert "others" in page


def test_points_on_one_place(tmp_path: Path) -> None:
    write_map(VectorMap("A map", np.zeros((2, 2)), ["a", "b"], ["", ""]), tmp_path / "map")


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="2 places, 1 labels, 2 groups"):
        VectorMap("A map", np.zeros((2, 2)), ["a"], ["", ""])
