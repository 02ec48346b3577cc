"""Made-up people of Kenya and Indonesia: names, homes and addresses as they are there, and nobody's own.

Numbers begin with codes that no network has, and e-mail addresses end in a domain that is kept free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

_T = TypeVar("_T")


class Locale(StrEnum):
    KENYA = "ke"
    INDONESIA = "id"


@dataclass(frozen=True, slots=True)
class Person:
    full_name: str
    language: str
    national_id: str
    phone: str
    email: str
    street: str
    town: str
    postcode: str
    born_on: str


@dataclass(frozen=True, slots=True)
class _Land:
    first: Sequence[str]
    last: Sequence[str]
    streets: Sequence[str]
    towns: Sequence[tuple[str, str]]
    # With their share of ten.
    languages: Sequence[str]
    codes: Sequence[str]
    digits: int


def _words(written: str) -> tuple[str, ...]:
    return tuple(written.split())


_KENYA = _Land(
    first=_words(
        "Achieng Akinyi Amina Anyango Atieno Auma Barasa Brian Chebet Chepkoech Cherono David Dennis Esther "
        "Fatuma Faith Fredrick George Grace Halima Hassan Ibrahim Jackline James Jane Jepkosgei John Joseph "
        "Joyce Juma Kamau Kariuki Kevin Kiprono Kipchumba Lucy Lydia Makena Margaret Mary Mercy Michael "
        "Mohamed Moraa Mutua Mwende Mwikali Naliaka Nanjala Njeri Njoki Nyambura Odhiambo Omar Otieno "
        "Peter Purity Rehema Rose Said Samuel Sharon Stephen Susan Tabitha Wairimu Wambui Wangari Wanjiku "
        "Wanjiru Winfred Yusuf Zainabu Zawadi"
    ),
    last=_words(
        "Abdi Adhiambo Ali Barasa Bett Chege Cheruiyot Chirchir Gathoni Gichuru Gitau Hassan Juma Kamau "
        "Karanja Kariuki Keter Kibet Kimani Kinyua Kipkemboi Kiptoo Koech Korir Langat Macharia Maina Makau "
        "Makori Mbugua Mohamed Momanyi Muriuki Musyoka Mutai Mutiso Mutua Mwangi Mwinyi Ndegwa Ndungu Ngugi "
        "Njoroge Nyong'o Obura Ochieng Odera Okello Okoth Omondi Ondieki Ongeri Onyango Otieno Ouko Ouma "
        "Owino Rotich Simiyu Wafula Wanjala Wanyama Waweru Were"
    ),
    streets=(
        "Baobab Street",
        "Barabara ya Soko",
        "Bridge Road",
        "Harambee Avenue",
        "Lake View Road",
        "Market Lane",
        "Mtaa wa Mnazi",
        "Mtaa wa Mwembe",
        "Mtaa wa Pwani",
        "Quay Street",
        "School Lane",
        "Uhuru Road",
    ),
    towns=(("Tumaini", "40110"), ("Bandarini", "80210"), ("Kilimani", "40120"), ("Ziwani", "40130")),
    languages=("sw", "sw", "sw", "sw", "sw", "en", "en", "en", "en", "en"),
    codes=("25412", "25415", "25416", "25417", "25419"),
    digits=7,
)
_INDONESIA = _Land(
    first=_words(
        "Ade Agus Ahmad Aisyah Andi Ani Anisa Arief Ayu Bagus Bambang Bayu Budi Citra Dedi Dewi Dian Dimas "
        "Eka Eko Endang Fajar Fitri Galih Gita Hadi Hendra Ika Indah Intan Irfan Joko Kartika Kurnia Lestari "
        "Lina Made Maya Mega Muhammad Nanda Ni Nur Nyoman Oki Putra Putri Rahmat Rani Ratna Reza Rina Rini "
        "Rizki Sari Siti Slamet Sri Sinta Taufik Teguh Tri Umi Wahyu Wati Wayan Wulan Yanti Yoga Yuni"
    ),
    last=_words(
        "Anggraini Aritonang Astuti Cahyono Ginting Gunawan Hakim Halim Handayani Haryanto Hasibuan Hidayat "
        "Hutapea Irawan Iskandar Kusuma Kusumawati Lubis Maharani Mulyani Nababan Nasution Nugraha Nugroho "
        "Nurhayati Pangestu Permana Permatasari Pertiwi Prabowo Pranata Prasetyo Pratama Purnama Rahayu "
        "Rahmawati Ramadhan Safitri Santoso Saputra Saragih Setiawan Siahaan Simanjuntak Siregar Sitompul "
        "Subagyo Suharto Sulistyo Suryadi Susanto Sutrisno Utami Wahyuni Wibowo Wijaya Wulandari Yulianti"
    ),
    streets=(
        "Gang Mawar",
        "Jalan Anggrek",
        "Jalan Diponegoro",
        "Jalan Gajah Mada",
        "Jalan Kartini",
        "Jalan Kenanga",
        "Jalan Melati",
        "Jalan Merdeka",
        "Jalan Pasar Baru",
        "Jalan Sudirman",
    ),
    towns=(("Harapan", "55210"), ("Muara Baru", "55310"), ("Sukamaju", "55410"), ("Karang Asri", "55510")),
    languages=("id", "id", "id", "id", "id", "id", "id", "id", "id", "en"),
    codes=("62840", "62842", "62845", "62848"),
    digits=7,
)
_LANDS = {Locale.KENYA: _KENYA, Locale.INDONESIA: _INDONESIA}


def person(seed: int, number: int, locale: Locale) -> Person:
    """Person `number` of a population: the same again for the same seed."""
    land = _LANDS[locale]
    chance = Random(seed * 1_000_003 + number).random  # noqa: S311 - nobody's secret
    first, last = _one(land.first, chance()), _one(land.last, chance())
    middle = _one(land.first, chance()) if chance() < 0.4 else ""
    town, postcode = _one(land.towns, chance())
    year, month, day = 1946 + int(chance() * 60), 1 + int(chance() * 12), 1 + int(chance() * 28)
    return Person(
        full_name=f"{first} {middle} {last}" if middle and middle != first else f"{first} {last}",
        language=_one(land.languages, chance()),
        national_id=f"{10_000_000 + number * 7_919 % 89_999_999:08d}",
        phone=f"+{_one(land.codes, chance())}{number * 7_919 % 10**land.digits:0{land.digits}d}",
        email=f"{first}.{last}.{number}@example.org".lower().replace("'", ""),
        street=f"{1 + int(chance() * 180)} {_one(land.streets, chance())}",
        town=town,
        postcode=postcode,
        born_on=f"{year}-{month:02d}-{day:02d}",
    )


def _one(choices: Sequence[_T], chance: float) -> _T:
    return choices[int(chance * len(choices))]
