from caledee.outgoing import parse_address
from scheduling.calendars.providers.services import SERVICES


def test_each_service_has_an_address_that_can_be_asked():
    assert [parse_address(service.address).origin.scheme for service in SERVICES] == ["https"] * len(SERVICES)
    assert len({service.name for service in SERVICES}) == len(SERVICES)


def test_only_examples_have_hosts_that_nobody_can_have():
    assert [service.is_example for service in SERVICES] == [".example.org" in service.address for service in SERVICES]
