"""Things that happen in a life, by which people look for services. A pack names them by key."""

from collections.abc import Mapping
from dataclasses import dataclass

from loket.kernel.text import in_language


@dataclass(frozen=True, slots=True)
class LifeEvent:
    key: str
    names: Mapping[str, str]

    def name(self, language: str) -> str:
        return in_language(self.names, language)


LIFE_EVENTS: tuple[LifeEvent, ...] = tuple(
    LifeEvent(key, {"en": english, "id": indonesian, "sw": swahili})
    for key, english, indonesian, swahili in (
        ("having-a-baby", "Having a baby", "Kelahiran anak", "Kupata mtoto"),
        ("starting-school", "Starting school and studying", "Sekolah dan kuliah", "Kuanza shule na masomo"),
        ("working", "Working and looking for work", "Bekerja dan mencari kerja", "Kazi na kutafuta kazi"),
        ("running-a-business", "Running a business", "Menjalankan usaha", "Kuendesha biashara"),
        ("moving-house", "Moving house", "Pindah rumah", "Kuhama nyumba"),
        ("building", "Building and land", "Bangunan dan tanah", "Ujenzi na ardhi"),
        ("driving", "Driving and transport", "Berkendara dan transportasi", "Udereva na usafiri"),
        ("getting-married", "Marriage and family", "Perkawinan dan keluarga", "Ndoa na familia"),
        ("being-ill", "Health and disability", "Kesehatan dan disabilitas", "Afya na ulemavu"),
        ("hard-times", "Help in hard times", "Bantuan di masa sulit", "Msaada wakati wa shida"),
        ("retiring", "Retiring", "Pensiun", "Kustaafu"),
        ("a-death", "When someone dies", "Saat seseorang meninggal", "Mtu anapofariki"),
        ("travelling", "Identity and travel", "Identitas dan perjalanan", "Utambulisho na safari"),
        (
            "asking-government",
            "Asking government for information",
            "Meminta informasi dari pemerintah",
            "Kuomba taarifa kutoka serikalini",
        ),
    )
)

BY_KEY: Mapping[str, LifeEvent] = {event.key: event for event in LIFE_EVENTS}
