"""Addresses: countries, regions and cities in three scripts, postal codes, streets in comparable form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize import addresses, lists
from crm_etl.normalize.addresses import gazetteer


@pytest.mark.parametrize(
    ("cell", "default", "expected"),
    [
        ("101000, г. Москва, ул. Мясницкая, д. 5, кв. 7", "RU", ("RU", "Moscow", "101000", "miasnitskaia 5 kv 7")),
        ("Україна, 01001, м. Київ, вул. Хрещатик, буд. 1", "RU", ("UA", "Kyiv", "01001", "khreshchatyk 1")),
        ("Khreshchatyk St 1, Kiev 01001", "UA", ("UA", "Kyiv", "01001", "khreshchatyk 1")),
        ("ул. Ленина, 1", "RU", ("RU", None, None, "lenina 1")),
        ("Москва, м. Сокол, ул. Ленина 3", "RU", ("RU", "Moscow", None, "lenina 3")),
        ("м. Сокол, ул. Ленина 3", "RU", ("RU", None, None, "lenina 3")),
        ("г. Москва, ст. м. Сокол, ул. Ленина 3", "RU", ("RU", "Moscow", None, "lenina 3")),
        ("м. Полтава, вул. Леніна 3", "RU", ("UA", "Poltava", None, "lenina 3")),
        ("г. Ленинград, Невский пр-т, 5", "RU", ("RU", "Saint Petersburg", None, "pr nevskii 5")),
        ("СПб Невский 5", "RU", ("RU", "Saint Petersburg", None, "nevskii 5")),
        ("дер. Ивановка, ул. Мира, 5", "RU", ("RU", "Ivanovka", None, "mira 5")),
        ("Россия Москва Тверская 5", "KZ", ("RU", "Moscow", None, "tverskaia 5")),
        ("Минск, пр. Независимости 5-10", "RU", ("BY", "Minsk", None, "pr nezavisimosti 5 kv 10")),
        ("Қарағанды қ., Бұқар жырау даңғылы 5", "KZ", ("KZ", "Karaganda", None, "pr buqar zhyrau 5")),
        ("ш. Душанбе, кӯчаи Рӯдакӣ 5", "TJ", ("TJ", "Dushanbe", None, "rudaki 5")),
        ("Istanbul, Atatürk Caddesi No: 5", "RU", ("TR", "Istanbul", None, "ataturk 5")),
        ("10115 Berlin, Germany", "RU", ("DE", "Berlin", "10115", None)),
        ("London SW1A 1AA, UK", "RU", ("GB", "London", "SW1A 1AA", None)),
        ("Isfahan, Saadi St, No. 12", "IR", ("IR", "Isfahan", None, "saadi 12")),
        ("Unit 3, No. 12, Saadi St, Tehran, Iran", "RU", ("IR", "Tehran", None, "saadi 12 kv 3")),
        ("12 Saadi St Tehran", "IR", ("IR", "Tehran", None, "saadi 12")),
        ("تهران ایران", "RU", ("IR", "Tehran", None, None)),
        ("кинотеатр Россия", "RU", ("RU", None, None, "kinoteatr rossiia")),
        ("ул. Москва", "RU", ("RU", None, None, "moskva")),
    ],
)
def test_addresses(cell: str, default: str, expected: tuple[str | None, ...]) -> None:
    found = addresses.parse(cell, default)
    assert (found.country, found.city, found.postal_code, found.street) == expected


@pytest.mark.parametrize(
    ("cell", "city", "postal_code", "end"),
    [
        ("تهران، خیابان ولیعصر، پلاک ۱۲", "Tehran", None, " 12"),
        ("تهران خیابان ولیعصر کوچه نسترن پلاک ۱۲ واحد ۳", "Tehran", None, " 12 kv 3"),
        ("تهران - خیابان آزادی - پلاک ۱۰", "Tehran", None, " 10"),
        ("استان فارس شهر شیراز خیابان زند پلاک ۵ طبقه ۳ کد پستی: ۷۱۳۴۵-۶۷۸۹۰", "Shiraz", "7134567890", " 5 et 3"),
        ("مشهد، بلوار ۲۲ بهمن", "Mashhad", None, "bahman"),
    ],
)
def test_persian_addresses(cell: str, city: str, postal_code: str | None, end: str) -> None:
    found = addresses.parse(cell, "RU")
    assert (found.country, found.city, found.postal_code) == ("IR", city, postal_code if postal_code else None)
    assert (found.street or "").endswith(end)


@pytest.mark.parametrize(
    ("cell", "default", "region", "city"),
    [
        ("Московская обл., г. Химки, ул. Ленина д.5", "RU", "Moscow Oblast", "Khimki"),
        ("МО, Химки, Ленина 5", "RU", "Moscow Oblast", "Khimki"),
        ("Москва, Ленина 5", "RU", "Moscow", "Moscow"),
        ("Республика Татарстан, Казань", "RU", "Tatarstan", "Kazan"),
        ("Калужская обл., г. Киров", "RU", "Kaluga Oblast", "Kirov"),
        ("Кировская обл., г. Киров", "RU", "Kirov Oblast", "Kirov"),
        ("г. Киров", "RU", "Kirov Oblast", "Kirov"),
        ("вул. Шевченка 5а, м. Львів, Львівська обл., 79000", "UA", "Lviv Oblast", "Lviv"),
        ("Свердловск", "RU", "Sverdlovsk Oblast", "Yekaterinburg"),
        ("Свердловск", "UA", "Luhansk Oblast", "Dovzhansk"),
        ("استان خراسان رضوی، مشهد", "IR", "Razavi Khorasan", "Mashhad"),
        ("کرج", "IR", "Alborz", "Karaj"),
        ("Приморский р-н, Санкт-Петербург", "RU", "Saint Petersburg", "Saint Petersburg"),
        ("Антакья", "TR", "Hatay", "Antakya"),
        ("Кандагар", "AF", "Kandahar", "Kandahar"),
    ],
)
def test_regions(cell: str, default: str, region: str, city: str) -> None:
    found = addresses.parse(cell, default)
    assert (found.region, found.city) == (region, city)


@pytest.mark.parametrize(
    "names",
    [
        ("Москва", "г. Москва", "Moskva", "مسکو", "МОСКВА"),
        ("Київ", "Киев", "Kiev", "Kyiv", "کیف", "м. Київ"),
        ("Санкт-Петербург", "СПб", "Ленинград", "St. Petersburg", "سن پترزبورگ"),
        ("Нижний Новгород", "Горький", "Nizhniy Novgorod", "Nizhnij Novgorod", "Н. Новгород"),
        ("Днепропетровск", "Дніпро", "Dnepropetrovsk", "Dnipro"),
        ("Кировоград", "Кропивницький", "Kirovograd", "Kropyvnytskyi"),
        ("Днепродзержинск", "Кам'янське"),
        ("Астана", "Нур-Султан", "Целиноград", "Nur-Sultan", "آستانه"),
        ("Алматы", "Алма-Ата", "Almaty"),
        ("Семипалатинск", "Семей", "Semey"),
        ("Худжанд", "Ленинабад", "Хуҷанд", "Khujand"),
        ("Бишкек", "Фрунзе", "Bishkek"),
        ("Гянджа", "Кировабад", "Gəncə"),
        ("Гюмри", "Ленинакан", "Gyumri"),
        ("تهران", "طهران", "Тегеран", "Tehran", "Teheran"),
        ("اصفهان", "Исфахан", "Esfahan", "Isfahan"),
        ("بندر عباس", "بندرعباس", "Bandar Abbas", "Bandarabbas", "Бендер-Аббас"),
        ("آبادان", "ابادان", "Abadan"),
        ("رضائیه", "ارومیه", "Urmia"),
        ("قائم‌شهر", "قائم شهر", "شاهی"),
        ("كرمان", "کرمان", "Kerman"),
        ("مزار شریف", "Мазари-Шариф", "Mazar-i-Sharif"),
        ("Стамбул", "İstanbul", "Istanbul", "استانبول"),
        ("Chelyabinsk", "Cheliabinsk", "Челябинск"),
        ("Дубай", "دبی", "Dubai"),
    ],
)
def test_a_city_has_one_name(names: tuple[str, ...]) -> None:
    assert len({addresses.city(name) for name in names}) == 1
    known = addresses.city(names[0])
    assert known is not None
    assert known[1] is not None


def test_every_region_and_city_of_the_lists_is_found_by_all_its_names() -> None:
    for land, regions in lists.load("addresses/regions.yml").items():
        for canonical, entry in regions.items():
            assert gazetteer.region(canonical, land) == (land, canonical)
            assert all(gazetteer.region(str(name), land) is not None for name in entry["names"]), canonical
    for land, cities in lists.load("addresses/cities.yml").items():
        for canonical, names in cities.items():
            found = [gazetteer.city(str(name), land) for name in (canonical, *names)]
            assert {(place.name, place.country) for place in found if place} == {(canonical, land)}


def test_the_gazetteer_holds_the_large_cities_and_the_capitals() -> None:
    every = {place for found in gazetteer._cities().values() for place in found}
    large = [place for place in every if place.population >= 100_000]
    least = {"RU": 160, "IR": 95, "UA": 40, "TR": 90, "KZ": 20, "BY": 12, "AF": 10, "AE": 6, "TJ": 2, "AZ": 3, "AM": 1}
    assert {land: sum(place.country == land for place in large) >= count for land, count in least.items()} == (
        dict.fromkeys(least, True)
    )
    capitals = ["Вашингтон", "Парыж", "Пекин", "Canberra", "لندن", "Оттава", "Берлін", "Токио", "Рим", "Мадрид"]
    assert [name for name in capitals if gazetteer.city(name) is None] == []


def test_a_namesake_of_like_size_keeps_the_region_open() -> None:
    place = gazetteer.city("Железногорск", "RU")
    assert place is not None
    assert (place.name, place.region) == ("Zheleznogorsk", None)
    kursk = gazetteer.city("Железногорск", "RU", "Kursk Oblast")
    assert kursk is not None
    assert kursk.region == "Kursk Oblast"


@pytest.mark.parametrize(
    ("country", "names"),
    [
        ("RU", ("Россия", "РФ", "Russia", "روسیه", "Росія", "ru", "RUS")),
        ("UA", ("Україна", "Украина", "Ukraine", "اوکراین")),
        ("IR", ("ایران", "Иран", "Іран", "Iran", "Эрон", "جمهوری اسلامی ایران")),
        ("GB", ("Великобритания", "UK", "United Kingdom", "بریتانیا", "Велика Британія")),
        ("CI", ("Кот-д’Ивуар", "Côte d’Ivoire", "ساحل عاج")),
        ("AF", ("Афганистан", "افغانستان", "Afghanistan")),
    ],
)
def test_a_country_has_one_code(country: str, names: tuple[str, ...]) -> None:
    assert {addresses.country(name).value for name in names} == {country}


@pytest.mark.parametrize(
    ("cell", "country", "code"),
    [
        ("101000", "RU", "101000"),
        ("101000.0", "RU", "101000"),
        ("индекс 101 000", "RU", "101000"),
        ("10100", "RU", None),
        ("۷۱۳۴۵-۶۷۸۹۰", "IR", "7134567890"),
        ("کد پستی 7134567890", "IR", "7134567890"),
        ("01001", "UA", "01001"),
        ("A15E3B4", "KZ", "A15E3B4"),
        ("050000", "KZ", "050000"),
        ("AZ1000", "AZ", "AZ1000"),
        ("sw1a 1aa", "GB", "SW1A 1AA"),
        ("00-950", "PL", "00950"),
        ("K1A 0B1", "CA", "K1A 0B1"),
        ("1234", "AM", "1234"),
        ("X-1", "ZZ", "X-1"),
    ],
)
def test_postal_codes(cell: str, country: str, code: str | None) -> None:
    assert addresses.postal_code(cell, country) == code


@pytest.mark.parametrize(
    ("country", "spellings"),
    [
        ("RU", ("ул. Ленина, д. 5, кв. 7", "Ленина ул., 5-7", "ул Ленина д5кв7", "Ленина, дом №5, квартира 7")),
        ("RU", ("ул. Ленина, 5, кв. 7", "Lenina St 5, apt 7", "5 Lenina st., flat 7")),
        ("RU", ("пр-т Мира, 5", "Мира просп. 5", "Mira Ave 5", "проспект Мира, дом 5")),
        ("RU", ("ул. 8 Марта, 5", "8 Марта ул., д. 5")),
        ("RU", ("д. 5, корп. 2, стр. 1", "5к2с1", "дом 5 корпус 2 строение 1")),
        ("RU", ("Ленина 5А", "ул. Ленина, 5 а")),
        ("RU", ("Ленина 5, оф. 12", "офис 12, ул. Ленина, 5")),
        ("RU", ("Ленина 5, 3 этаж", "ул. Ленина, 5, этаж 3")),
        ("UA", ("вул. Хрещатик, 1", "Хрещатик, буд. 1", "Khreshchatyk St 1", "1 Khreshchatyk St")),
        ("IR", ("خیابان ولیعصر پلاک ۱۲ واحد ۳", "خ ولیعصر پ 12 واحد 3", "خ. ولیعصر، پلاک ۱۲، واحد ۳")),
        ("IR", ("No 5, 22 Bahman Blvd", "22 Bahman Blvd, No. 5")),
        ("TR", ("Atatürk Caddesi No: 5", "Ataturk Cad. 5")),
    ],
)
def test_streets_written_in_many_ways_are_one(country: str, spellings: tuple[str, ...]) -> None:
    assert len({addresses.street(spelling, country) for spelling in spellings}) == 1


def test_another_kind_of_street_is_another_street() -> None:
    streets = [addresses.street(f"{kind} Ленина, 5") for kind in ("ул.", "пр.", "пер.", "пл.", "бул.")]
    assert len(set(streets)) == len(streets)


PIECES = ["г.", "Москва", "تهران", "обл.", "ул.", "д.", "5", "кв", "101000", ",", "-", "\n", "UK", "Россия", "№"]


@given(st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join), st.sampled_from(["RU", "IR", "UA", "ZZ"]))
def test_any_order_of_words_is_read(cell: str, default: str) -> None:
    found = addresses.parse(cell, default)
    assert found.country is not None
    assert found.known is (found.city is not None and gazetteer.city(found.city) is not None)
    assert addresses.street(cell, default) != ""
