"""What speaks HTTP: Stripe's addresses, lists, expansions and errors, keys, faults, webhooks, the control address."""
