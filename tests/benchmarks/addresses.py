"""Where the benchmark's server answers, beside the console's own addresses."""

EMPTY, COMMIT, BARE, DJSTRIPE = "/bench/empty/", "/bench/commit/", "/bench/bare/", "/bench/djstripe/"
ENDPOINT = "6a1f3c9e-0000-4000-8000-5a4d0e5c0001"
DJSTRIPE_WEBHOOK = f"{DJSTRIPE}webhook/{ENDPOINT}/"
