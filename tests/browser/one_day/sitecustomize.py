"""A Python process that has this directory on its path lives at another time: PAYDESK_TEST_SHIFT seconds from now.

The demo and its local Stripe are started so by `tests.browser.conftest`: the business is the same whenever the tests
run, with the same amounts, names and days, and so are the pictures of it.
"""

import os
import time
from datetime import timedelta

from django.utils import timezone

shift = float(os.environ["PAYDESK_TEST_SHIFT"])
real_time, real_now = time.time, timezone.now

time.time = lambda: real_time() + shift
timezone.now = lambda: real_now() + timedelta(seconds=shift)
