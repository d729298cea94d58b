"""What runs as it does in production: gunicorn, workers and PostgreSQL as processes that can be killed."""
