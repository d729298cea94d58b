"""One function for each type: the whole shape that Stripe answers with at 2026-05-27.dahlia, less the expansions."""

API_VERSION = "2026-05-27.dahlia"
