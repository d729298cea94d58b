"""The version of Stripe's API whose shapes the sandbox speaks."""

API_VERSION = "2026-05-27.dahlia"
