"""The web server of the tests of sources."""

from tests.unit.sources.conftest import make_server, no_environment, page, server

__all__ = ["make_server", "no_environment", "page", "server"]
