"""The usual clock by region, from the Unicode CLDR (`timeData`, and the patterns of its languages)."""

from django.utils.translation.trans_real import parse_accept_lang_header

from caledee.timekeeping.clock import Clock

# Regions that usually use a 12-hour clock. All others use 24 hours.
_TWELVE_HOURS = """
ae ag al as au bb bd bh bm bn bs bt ca co cy dj dm do dz eg eh er et fj fm gd gh gm gr gu gy hk in iq jm jo ki kn kp kr
kw ky lb lc lr ls ly mh mo mp mr mw mx my na nz om pa pg ph pk pr ps pw qa sa sb sd sg sl so ss sy sz tc td tn to tt tw
um us vc ve vg vi vu ws ye zm
"""
TWELVE_HOURS = frozenset(_TWELVE_HOURS.split())
# Languages that use 24 hours in every region.
TWENTY_FOUR_EVERYWHERE = frozenset({"da", "de", "fr", "it", "nl", "pt", "ru"})
# The region that a language implies.
REGIONS = {
    "am": "et",
    "ar": "eg",
    "bn": "bd",
    "el": "gr",
    "en": "us",
    "fil": "ph",
    "hi": "in",
    "ko": "kr",
    "ms": "my",
    "so": "so",
    "sq": "al",
    "tl": "ph",
    "ur": "pk",
    **dict.fromkeys(["as", "gu", "kn", "ml", "mr", "or", "pa", "ta", "te"], "in"),
}
SCRIPTS = {"hant": "tw"}


def clock_for(accept_language: str) -> Clock:
    """Return the clock of the browser's preferred language (`Accept-Language`), or 24 hours if there is none."""
    for tag, weight in parse_accept_lang_header(accept_language):
        if weight and tag != "*":
            return _clock_of(tag)
    return Clock.TWENTY_FOUR


def _clock_of(tag: str) -> Clock:
    language, *subtags = tag.split("-")
    scripts = [SCRIPTS[each] for each in subtags if each in SCRIPTS]
    regions = [each for each in subtags if len(each) == 2]
    region = next(iter([*regions, *scripts]), REGIONS.get(language, ""))
    twelve = region in TWELVE_HOURS and language not in TWENTY_FOUR_EVERYWHERE
    return Clock.TWELVE if twelve else Clock.TWENTY_FOUR
