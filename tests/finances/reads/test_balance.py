from finances.models import StripeObject
from finances.reads.balance import movements_of


def test_the_newest_six_movements_of_one_customer(db, django_assert_num_queries) -> None:
    for day in range(8):
        StripeObject.objects.create(
            id=f"cbtxn_{day}",
            type="customer_balance_transaction",
            customer_id="cus_1",
            stripe_data={
                "id": f"cbtxn_{day}", "customer": "cus_1", "created": 86400 * day, "amount": -day, "currency": "eur",
                "type": "applied_to_invoice", "invoice": "in_1", "ending_balance": -100,
            },
        )  # fmt: skip
    StripeObject.objects.create(
        id="cbtxn_x", type="customer_balance_transaction", customer_id="cus_2", stripe_data={"created": 1}
    )
    StripeObject.objects.create(id="cn_x", type="other", customer_id="cus_1", stripe_data={"created": 1})

    with django_assert_num_queries(1):
        movements = movements_of("cus_1")
    assert [each.id for each in movements] == [f"cbtxn_{day}" for day in (7, 6, 5, 4, 3, 2)]
    assert (movements[0].amount, movements[0].balance, movements[0].cause_id) == (-7, -100, "in_1")


def test_a_movement_of_a_broken_shape_is_empty_and_no_error(db) -> None:
    StripeObject.objects.create(
        id="cbtxn_1", type="customer_balance_transaction", customer_id="cus_1", stripe_data={"amount": "much"}
    )

    (movement,) = movements_of("cus_1")
    assert (movement.amount, movement.balance, movement.created_at) == (0, None, None)
