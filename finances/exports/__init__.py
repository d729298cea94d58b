"""Files that a worker makes, whatever is in them: asked for, made piece by piece under a lease, kept for a while.

What is in a file is the console's business: it names its maker once (`making.made_by`).
"""
