"""How gunicorn serves Paydesk: `gunicorn dashboard.wsgi`. Its own command line overrides each of these."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = 2
threads = 4
timeout = 30  # seconds
# Only these may say that the request came over TLS and from whom; nobody else's X-Forwarded-... is believed.
forwarded_allow_ips = os.environ.get("PAYDESK_TRUSTED_PROXIES", "127.0.0.1,::1")
