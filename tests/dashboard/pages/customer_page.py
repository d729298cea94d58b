"""The page of a customer, and what Stripe said of them."""

from djstripe import models as djstripe


def page_of(desk, customer) -> str:
    response = desk.get(f"/console/customers/{customer.id}/")
    assert response.status_code == 200
    return response.content.decode()


def whole(customer, **stripe_data):
    return djstripe.Customer.objects.create(id=customer.id, livemode=False, stripe_data=stripe_data)
