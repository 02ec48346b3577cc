"""A small pack for the tests, and ways to spoil it."""

PACK = """\
schema: 1
key: fishing-permit
agency: water
title: {en: Get a fishing permit, id: Mengurus izin memancing, sw: Pata kibali cha uvuvi}
summary:
  en: Fish with a rod in public waters for one year.
  id: Memancing dengan joran di perairan umum selama satu tahun.
  sw: Vua samaki kwa ndoano katika maji ya umma kwa mwaka mmoja.
life_events: [working]
keywords: {en: [fishing, angling, licence], id: [mancing, ikan], sw: [samaki, leseni]}
languages: [en, id, sw]
sign_in: none
promise: {working_days: 3}
takes_minutes: 4
needs:
  - {en: your date of birth, id: tanggal lahir Anda, sw: tarehe yako ya kuzaliwa}
purpose: {en: To decide on your permit., id: Untuk memutuskan izin Anda., sw: Ili kuamua kibali chako.}
retention: {years: 2, after: closed}
form:
  pages:
    - id: you
      questions:
        - id: full_name
          kind: name
          label: {en: What is your full name?, id: Siapa nama lengkap Anda?, sw: Jina lako kamili ni nani?}
          display: true
        - id: born
          kind: date
          label: {en: When were you born?, id: Kapan Anda lahir?, sw: Ulizaliwa lini?}
    - id: waters
      questions:
        - id: water
          kind: choice
          label: {en: Where will you fish?, id: Di mana Anda akan memancing?, sw: Utavua wapi?}
          measure: true
          options:
            - {value: lake, label: {en: In a lake, id: Di danau, sw: Ziwani}}
            - {value: sea, label: {en: At sea, id: Di laut, sw: Baharini}}
    - id: boat
      when: water == "sea"
      questions:
        - id: boat_name
          kind: text
          label: {en: What is your boat called?, id: Apa nama perahu Anda?, sw: Boti lako linaitwaje?}
          pattern: '[A-Z].*'
workflow:
  start: sort
  stages:
    sort:
      kind: automatic
      label: {en: Received, id: Diterima, sw: Limepokelewa}
      choose:
        - {when: 'water == "sea"', to: check}
        - {to: check}
    check:
      kind: review
      label: {en: Being checked, id: Sedang diperiksa, sw: Linakaguliwa}
      team: permits
      within: {working_days: 2}
      actions:
        grant: {to: granted, label: {en: Grant, id: Kabulkan, sw: Kubali}}
        refuse: {to: refused, label: {en: Refuse, id: Tolak, sw: Kataa}, reason: required}
        ask: {to: waiting, label: {en: Ask, id: Tanya, sw: Uliza}, asks: true}
    waiting:
      kind: applicant
      label: {en: Waiting for you, id: Menunggu Anda, sw: Linakungoja}
      returns_to: check
      within: {days: 14}
      on_timeout: {to: refused}
    granted:
      kind: final
      label: {en: Granted, id: Dikabulkan, sw: Limekubaliwa}
      outcome: granted
      effects: [{tell: [coast-guard]}]
    refused: {kind: final, label: {en: Refused, id: Ditolak, sw: Limekataliwa}, outcome: refused}
appeal:
  en: You can appeal to the water board within 30 days.
  id: Anda dapat mengajukan banding ke dewan air dalam 30 hari.
  sw: Unaweza kukata rufaa kwa bodi ya maji ndani ya siku 30.
"""


def spoiled(old: str, new: str) -> str:
    """The pack with `old` replaced, which must be there exactly once."""
    assert PACK.count(old) == 1, f"{old!r} is there {PACK.count(old)} times"
    return PACK.replace(old, new)


def place_of(text: str, piece: str) -> tuple[int, int]:
    """Line and column, from 1, where `piece` first stands."""
    before = text[: text.index(piece)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
