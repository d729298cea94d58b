"""`manage.py work` with stops in it: `python -m tests.processes.work`."""

import django
from django.core.management import execute_from_command_line

from tests.processes import stops

django.setup()
stops.put_into_the_worker()
execute_from_command_line(["manage.py", "work"])
