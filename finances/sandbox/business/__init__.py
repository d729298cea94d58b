"""Who comes, what they buy, and what becomes of their subscriptions; every invoice computed."""
