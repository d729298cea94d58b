"""A JSON list on a row that keeps its newest entries alone, in SQL: it goes into the UPDATE that has the entry."""


def with_one_more(log: str, entry: str, *, most: int, vendor: str) -> str:
    """`log`: the column. `entry`: an expression that is JSON, for PostgreSQL of its type jsonb; where that is a list of
    one there, its entry. The oldest is dropped where there are `most`."""
    if vendor == "postgresql":
        # An object on the right of || becomes the list's next entry.
        return f"(CASE WHEN jsonb_array_length({log}) >= {most} THEN {log} - 0 ELSE {log} END) || {entry}"
    kept = f"CASE WHEN json_array_length({log}) >= {most} THEN json_remove({log}, '$[0]') ELSE {log} END"
    return f"json_insert({kept}, '$[#]', json({entry}))"
