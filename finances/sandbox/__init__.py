"""A local Stripe: its API, a simulated business, signed webhooks, injected faults. Imports nothing of the product."""

from finances.sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
