import pytest

from caledee.web.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "key", ["abcdefgh\0ijkl", "a" * 31 + "\0", "a" * 31, "a" * 33, "A" * 32, "a" * 32 + "\n", "٣" * 32, "", None]
)
def test_key_that_no_session_can_have_is_not_looked_for(key, django_assert_num_queries):
    with django_assert_num_queries(0):
        store = SessionStore(key)
        found = dict(store.items())

    assert (store.session_key, found) == (None, {})


def test_sessions_are_found_by_the_keys_that_they_get():
    made = SessionStore()
    made["clock"] = "12"
    made.create()
    made.cycle_key()
    made.save()

    found = SessionStore(made.session_key)

    assert dict(found.items()) == {"clock": "12"}
