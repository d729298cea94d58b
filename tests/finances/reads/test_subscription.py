from finances.reads.subscription import terms


def test_a_coupons_name_is_read_from_the_new_and_the_old_place_and_a_bare_id_stays() -> None:
    held = [{"source": {"coupon": {"id": "c1", "name": "PARTNER10"}}}, {"coupon": {"id": "c2"}}, "di_3"]

    assert terms({"discounts": held}).discounts == ["PARTNER10", "c2", "di_3"]
    assert terms({"discount": {"coupon": {"name": "OLD"}}}).discounts == ["OLD"]


def test_why_it_ended_is_read() -> None:
    read = terms({"cancellation_details": {"reason": "payment_failed", "feedback": None, "comment": "bye"}})

    assert (read.cancellation_reason, read.cancellation_feedback, read.cancellation_comment) == (
        "payment_failed",
        "",
        "bye",
    )


def test_nothing_stored_is_empty_terms() -> None:
    assert terms({}).discounts == []
    assert terms({"discounts": None, "pause_collection": "void"}).pause_behavior == ""
