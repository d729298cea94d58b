"""One function for each type: the whole shape that Stripe answers with at `API_VERSION`, less the expansions."""
