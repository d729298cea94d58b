"""Stripe's JSON -> read-model rows. Old and new API shapes are both read, new first; nothing but ids is taken on trust.

Pure: no query, no clock. Rows come without account, which the writer sets.
"""
