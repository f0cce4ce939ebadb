"""Packages whose names are loaded once they are asked for."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

PACKAGES = ("syncd.config", "syncd.cycle", "syncd.segments")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_of_a_package_is_there(package: str) -> None:
    opened = import_module(package)
    assert all(getattr(opened, name).__module__.startswith("syncd") for name in opened.__all__ if name.islower())
    assert all(hasattr(opened, name) for name in opened.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = opened.nothing


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_of_a_package_is_a_modules_as_well(package: str) -> None:
    opened = import_module(package)
    modules = {module.name for module in pkgutil.iter_modules(opened.__path__)}
    assert not modules & set(opened.__all__)
