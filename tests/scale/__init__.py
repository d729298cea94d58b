"""A business of any size: the local Stripe's objects, mirrored once, then multiplied straight into PostgreSQL."""
