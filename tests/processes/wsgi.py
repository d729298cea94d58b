"""`dashboard.wsgi` with stops in it."""

from dashboard.wsgi import application
from tests.processes import stops

stops.put_into_the_web_server()

__all__ = ["application"]
