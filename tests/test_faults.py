"""Faults say what, where and what to do, and survive the way between processes."""

import pickle

from crm_etl.faults import Fault, LayoutFault, Where


def test_renders_what_where_and_remedy() -> None:
    fault = LayoutFault("column missing", where=Where("a.csv", row=3, column="Code"), remedy="map it")
    assert str(fault).splitlines() == ["column missing", "  where: a.csv, row 3, column 'Code'", "  to do: map it"]
    assert fault.exit_code == 2


def test_pickles_with_its_facts() -> None:
    fault = pickle.loads(pickle.dumps(LayoutFault("x", where=Where("f", sheet="s"), remedy="r")))
    assert isinstance(fault, LayoutFault)
    assert (fault.what, fault.where, fault.remedy) == ("x", Where("f", sheet="s"), "r")


def test_place_may_be_absent() -> None:
    assert str(Fault("broken")) == "broken"
