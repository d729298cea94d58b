from finances.reads.subscription import terms


def test_why_it_ended_is_read() -> None:
    read = terms({"cancellation_details": {"reason": "payment_failed", "feedback": None, "comment": "bye"}})

    assert (read.cancellation_reason, read.cancellation_feedback, read.cancellation_comment) == (
        "payment_failed",
        "",
        "bye",
    )


def test_nothing_stored_is_empty_terms() -> None:
    assert terms({}).metadata == []
    assert terms({"discounts": None, "pause_collection": "void"}).pause_behavior == ""
