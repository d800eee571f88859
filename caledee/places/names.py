"""Names of zones for sentences: "Kathmandu", "New York", "UTC+2". Pure functions."""

import re
from functools import cache

from caledee.places.tables import country_names, present_name, zone_rows

# Cities that the tzdata package spells in ASCII or in an older way, and zones not named after a city.
CITIES = {
    "Africa/El_Aaiun": "El Aaiún",
    "Africa/Lome": "Lomé",
    "Africa/Ndjamena": "N'Djamena",
    "Africa/Sao_Tome": "São Tomé",
    "America/Araguaina": "Araguaína",
    "America/Argentina/Cordoba": "Córdoba",
    "America/Argentina/Rio_Gallegos": "Río Gallegos",
    "America/Argentina/Tucuman": "Tucumán",
    "America/Asuncion": "Asunción",
    "America/Belem": "Belém",
    "America/Bogota": "Bogotá",
    "America/Cancun": "Cancún",
    "America/Ciudad_Juarez": "Ciudad Juárez",
    "America/Cuiaba": "Cuiabá",
    "America/Curacao": "Curaçao",
    "America/Eirunepe": "Eirunepé",
    "America/Lower_Princes": "Sint Maarten",
    "America/Maceio": "Maceió",
    "America/Mazatlan": "Mazatlán",
    "America/Merida": "Mérida",
    "America/Noronha": "Fernando de Noronha",
    "America/Port-au-Prince": "Port-au-Prince",
    "America/Santarem": "Santarém",
    "America/Sao_Paulo": "São Paulo",
    "America/Scoresbysund": "Ittoqqortoormiit",
    "America/St_Barthelemy": "Saint Barthélemy",
    "America/St_Johns": "St. John's",
    "America/St_Kitts": "Saint Kitts",
    "America/St_Lucia": "Saint Lucia",
    "America/St_Thomas": "Saint Thomas",
    "America/St_Vincent": "Saint Vincent",
    "Antarctica/DumontDUrville": "Dumont d'Urville",
    "Antarctica/Macquarie": "Macquarie Island",
    "Asia/Macau": "Macao",
    "Atlantic/Canary": "Canary Islands",
    "Atlantic/Faroe": "Faroe Islands",
    "Atlantic/Reykjavik": "Reykjavík",
    "Atlantic/St_Helena": "Saint Helena",
    "Australia/Lord_Howe": "Lord Howe Island",
    "Europe/Busingen": "Büsingen",
    "Europe/Chisinau": "Chișinău",
    "Europe/Tirane": "Tirana",
    "Europe/Zurich": "Zürich",
    "Indian/Christmas": "Christmas Island",
    "Indian/Cocos": "Cocos Islands",
    "Indian/Comoro": "Comoros",
    "Indian/Mahe": "Mahé",
    "Indian/Reunion": "Réunion",
    "Pacific/Chatham": "Chatham Islands",
    "Pacific/Easter": "Easter Island",
    "Pacific/Galapagos": "Galápagos Islands",
    "Pacific/Gambier": "Gambier Islands",
    "Pacific/Marquesas": "Marquesas Islands",
    "Pacific/Midway": "Midway Islands",
    "Pacific/Norfolk": "Norfolk Island",
    "Pacific/Noumea": "Nouméa",
    "Pacific/Wake": "Wake Island",
}
COUNTRIES = {
    "AQ": "Antarctica",
    "AS": "American Samoa",
    "CD": "DR Congo",
    "CG": "Republic of the Congo",
    "CI": "Côte d'Ivoire",
    "CW": "Curaçao",
    "CZ": "Czechia",
    "FK": "Falkland Islands",
    "GB": "United Kingdom",
    "KP": "North Korea",
    "KR": "South Korea",
    "MM": "Myanmar",
    "PS": "Palestine",
    "RE": "Réunion",
    "SZ": "Eswatini",
    "VA": "Vatican City",
    "VG": "British Virgin Islands",
    "VI": "US Virgin Islands",
    "WS": "Samoa",
}
FIXED_OFFSET = re.compile(r"Etc/GMT([+-])(\d{1,2})")


def name_of_zone(key: str) -> str:
    """Return the city or offset that people know this zone by. Accepts old IANA names."""
    return _name_of(present_name(key))


@cache
def name_of_country(code: str) -> str:
    return COUNTRIES.get(code) or country_names()[code].replace("St ", "Saint ")


@cache
def country_of_zone() -> dict[str, str]:
    """Return the country code of each zone, the first one if several countries share it."""
    return {zone: code for code, zone in reversed(zone_rows())}


@cache
def _name_of(key: str) -> str:
    if key in CITIES:
        return CITIES[key]
    if match := FIXED_OFFSET.fullmatch(key):
        # POSIX names have the opposite sign.
        return f"UTC{'-' if match[1] == '+' else '+'}{match[2]}" if match[2] != "0" else "UTC"
    return key.rpartition("/")[2].replace("_", " ")
