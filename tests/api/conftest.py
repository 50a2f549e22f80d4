"""`web`: the application for the tests of one file, its city loaded; see `web.py`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.web import Web, web_on


@pytest.fixture(scope="module")
def web(module_city: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    var: Path = tmp_path_factory.mktemp("var")
    with web_on(module_city, var) as running:
        yield running
