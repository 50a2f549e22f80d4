"""`web`, as the tests of HTTP have it."""

from tests.api.conftest import web as web
