def go(client, words: str, **options):
    """The one search, asked for these words."""
    return client.get("/console/go/", {"q": words}, **options)
