"""What the fields of customers say."""

from __future__ import annotations

from connectors.sandbox.shopify.getters import Getter, Table, identity, money, same
from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import gid, instant_text, maybe_instant_text
from connectors.sandbox.world.records import Address, Customer


def _display_name(customer: Customer, _: View) -> str:
    name = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return name or customer.email or customer.phone or ""


def _said(name: str) -> Getter:
    return lambda answer, _: answer[name]


def _area(address: Address, _: View) -> str:
    where = " ".join(part for part in (address.city, address.province_code) if part)
    return f"{where}, {address.country}"


_CUSTOMER: dict[str, Getter] = identity("Customer") | {
    "addresses": lambda c, _: c.addresses[:250],
    "amountSpent": money(lambda c: c.amount_spent),
    "canDelete": lambda c, _: c.number_of_orders == 0,
    "companyContactProfiles": lambda c, _: c.companies,
    "createdAt": lambda c, _: instant_text(c.created_at),
    "dataSaleOptOut": lambda _c, _: False,
    "defaultAddress": lambda c, _: c.addresses[0] if c.addresses else None,
    "defaultEmailAddress": lambda c, _: c if c.email else None,
    "defaultPhoneNumber": lambda c, _: c if c.phone else None,
    "displayName": _display_name,
    "email": lambda c, _: c.email,
    "emailMarketingConsent": lambda c, _: c if c.email else None,
    "firstName": lambda c, _: c.first_name,
    "lastName": lambda c, _: c.last_name,
    "lastOrder": lambda c, view: view.order(c.last_order_id),
    "locale": lambda c, _: c.locale,
    "note": lambda c, _: c.note,
    "numberOfOrders": lambda c, _: str(c.number_of_orders),
    "phone": lambda c, _: c.phone,
    "productSubscriberStatus": lambda c, _: c.product_subscription,
    "state": lambda c, _: c.state,
    "statistics": same,
    "tags": lambda c, _: c.tags,
    "taxExempt": lambda c, _: c.tax_exempt,
    "updatedAt": lambda c, _: instant_text(c.updated_at),
    "validEmailAddress": lambda c, _: c.consent != "INVALID",
    "verifiedEmail": lambda c, _: c.verified_email,
}

_OF_A_MEMBER = (
    "amountSpent defaultAddress defaultEmailAddress defaultPhoneNumber displayName firstName lastName note "
    "numberOfOrders"
)

TABLE: Table = {
    "Company": {"id": lambda company, _: gid("Company", company.id), "name": lambda company, _: company.name},
    "CompanyContact": {"company": same, "id": lambda company, _: gid("CompanyContact", company.contact)},
    "Customer": _CUSTOMER,
    "CustomerEmailAddress": {
        "emailAddress": lambda c, _: c.email,
        "marketingOptInLevel": lambda c, _: c.opt_in_level,
        "marketingState": lambda c, _: c.consent,
        "marketingUnsubscribeUrl": lambda c, view: f"https://{view.shop.profile.domain}/unsubscribe/{c.id}",
        "marketingUpdatedAt": lambda c, _: maybe_instant_text(c.consent_at),
        "validFormat": lambda c, _: c.consent != "INVALID",
    },
    "CustomerEmailMarketingConsentState": {
        "consentUpdatedAt": lambda c, _: maybe_instant_text(c.consent_at),
        "marketingOptInLevel": lambda c, _: c.opt_in_level,
        "marketingState": lambda c, _: c.consent,
    },
    "CustomerPhoneNumber": {
        "marketingCollectedFrom": lambda _c, _: "OTHER",
        "marketingOptInLevel": lambda _c, _: None,
        "marketingState": lambda c, _: c.sms_consent,
        "marketingUpdatedAt": lambda _c, _: None,
        "phoneNumber": lambda c, _: c.phone,
        "smsMarketingConsent": same,
    },
    "CustomerSmsMarketingConsent": {
        "collectedFrom": lambda _c, _: "OTHER",
        "optInLevel": lambda _c, _: None,
        "state": lambda c, _: "NEVER_SUBSCRIBED" if c.sms_consent == "NOT_SUBSCRIBED" else c.sms_consent,
        "updatedAt": lambda _c, _: None,
    },
    "CustomerSegmentMember": {name: _CUSTOMER[name] for name in _OF_A_MEMBER.split()}
    | {
        "id": lambda c, _: gid("CustomerSegmentMember", c.id),
        "lastOrderId": lambda c, _: None if c.last_order_id is None else gid("Order", c.last_order_id),
    },
    "CustomerStatistics": {
        "predictedSpendTier": lambda c, _: c.spend_tier,
        "rfmGroup": lambda c, _: c.rfm_group,
    },
    "Segment": {
        "creationDate": lambda s, _: instant_text(s.created_at),
        "id": lambda s, _: gid("Segment", s.id),
        "lastEditDate": lambda s, _: instant_text(s.edited_at),
        "name": lambda s, _: s.name,
        "query": lambda s, _: s.query,
    },
    "Metafield": {
        "id": lambda m, _: gid("Metafield", m.id),
        "key": lambda m, _: m.key,
        "namespace": lambda m, _: m.namespace,
        "type": lambda m, _: m.type,
        "value": lambda m, _: m.value,
    },
    "StoreCreditAccount": {
        "balance": money(lambda account: account.balance),
        "id": lambda account, _: gid("StoreCreditAccount", account.id),
    },
    "SegmentMembership": {name: _said(name) for name in ("isMember", "segmentId")},
    "SegmentMembershipResponse": {"memberships": _said("memberships")},
    "MailingAddress": {
        "id": lambda a, _: gid("MailingAddress", a.id),
        "address1": lambda a, _: a.address1,
        "city": lambda a, _: a.city,
        "coordinatesValidated": lambda a, _: a.latitude is not None,
        "country": lambda a, _: a.country,
        "countryCodeV2": lambda a, _: a.country_code,
        "formattedArea": _area,
        "latitude": lambda a, _: a.latitude,
        "longitude": lambda a, _: a.longitude,
        "province": lambda a, _: a.province,
        "provinceCode": lambda a, _: a.province_code,
        "zip": lambda a, _: a.zip,
    },
}
