"""Log a surprise without what it was about: a database's error quotes the row, and the row is somebody's data."""

import logging
import traceback


def log_incident(logger: logging.Logger, sentence: str, error: BaseException) -> None:
    """`sentence` holds ids only. The exception's type, its SQLSTATE and where it came from; never its text."""
    chain = [error, error.__cause__ or error.__context__]
    kinds = " from ".join(type(each).__name__ for each in chain if each)
    state = next((code for each in chain if (code := getattr(each, "sqlstate", None))), "")
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s %s\n%s", sentence, kinds, state, where)
