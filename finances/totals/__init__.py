"""Daily totals: marked by the database when a row changes, summed anew by a worker, and only the days that changed."""
