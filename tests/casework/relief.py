"""A service that charges by table, waives with proof, and decides small things by itself."""

from datetime import datetime
from typing import Any

from loket.catalogue import actions as catalogue
from loket.kernel.actors import SYSTEM

KEY = "stall-relief"
PACK = """
schema: 1
key: stall-relief
agency: civil-registry
title: {en: Relief for stall holders, id: Keringanan pedagang, sw: Nafuu kwa wenye vibanda}
summary: {en: Ask for relief., id: Minta keringanan., sw: Omba nafuu.}
languages: [en, id, sw]
promise: {working_days: 3}
takes_minutes: 3
purpose: {en: To decide on relief., id: Untuk memutuskan keringanan., sw: Kuamua nafuu.}
retention: {days: 30, after: closed}
form:
  pages:
    - id: money
      questions:
        - id: income
          kind: whole_number
          label: {en: What do you earn in a month?, id: Berapa penghasilan Anda sebulan?,
                  sw: Unapata kiasi gani kwa mwezi?}
        - id: letter
          kind: file
          required: false
          label: {en: Upload the letter of your chief, id: Unggah surat lurah, sw: Pakia barua ya chifu}
    - id: contact
      questions:
        - {id: contact, kind: contact, label: {en: Where shall we write?, id: Ke mana kami menulis?,
                                              sw: Tukuandikie wapi?}}
tables:
  help:
    rules:
      - when: income < 10000
        gives: {share: "1", kind: "'all'"}
        because: {en: Who earns less than 10 000 pays nothing., id: Di bawah 10 000 gratis.,
                  sw: Anayepata chini ya 10 000 halipi.}
      - when: income < 20000
        gives: {share: "0.5", kind: "'half'"}
        because: {en: Who earns less than 20 000 pays half., id: Di bawah 20 000 separuh.,
                  sw: Anayepata chini ya 20 000 analipa nusu.}
      - gives: {share: "0", kind: "'none'"}
        because: {en: Everybody else pays all., id: Yang lain membayar penuh., sw: Wengine hulipa yote.}
fees:
  - {id: filing, label: {en: Filing fee, id: Biaya berkas, sw: Ada ya faili}, currency: KES, amount: "'0'"}
  - id: card
    label: {en: Card, id: Kartu, sw: Kadi}
    currency: KES
    amount: 'income > 100000 ? "2000" : "1000"'
    when: income == 15000 || income > 50000
    says: {en: KES 1 000 or 2 000 by income., id: KES 1 000 atau 2 000., sw: KES 1 000 au 2 000.}
waivers:
  - {id: poor, label: {en: Relief for the poor, id: Keringanan, sw: Nafuu kwa maskini},
     share: help.share, proof: letter}
workflow:
  start: sort
  stages:
    sort:
      kind: automatic
      silent: true
      label: {en: Sorting, id: Dipilah, sw: Inapangwa}
      choose:
        - when: help.kind == "all"
          to: granted
          because: {en: Who pays nothing is granted at once., id: Langsung dikabulkan.,
                    sw: Asiyelipa anakubaliwa mara moja.}
        - when: income > 45000
          to: refused
          because: {en: Above 45 000 there is no relief., id: Di atas 45 000 tidak.,
                    sw: Zaidi ya 45 000 hakuna.}
        - to: look
    look:
      kind: review
      team: registry-desk
      label: {en: We look at it, id: Kami periksa, sw: Tunaangalia}
      actions:
        grant: {to: granted, label: {en: Grant, id: Kabulkan, sw: Kubali}}
        refuse:
          to: refused
          label: {en: Refuse, id: Tolak, sw: Kataa}
          reason: required
          reasons: [{value: full, label: {en: There is no money., id: Tidak ada dana., sw: Hakuna fedha.}}]
    granted: {kind: final, outcome: granted, label: {en: Granted, id: Dikabulkan, sw: Limekubaliwa},
              says: {en: You get relief., id: Anda mendapat keringanan., sw: Unapata nafuu.}}
    refused: {kind: final, outcome: refused, label: {en: Refused, id: Ditolak, sw: Limekataliwa}}
appeal: {en: Write to the council within 30 days., id: Tulis ke dewan dalam 30 hari.,
         sw: Andikia baraza ndani ya siku 30.}
"""


def publish(now: datetime) -> None:
    catalogue.publish(source=PACK, by=SYSTEM, now=now)


def answers(income: int) -> dict[str, Any]:
    return {
        "income": income,
        "letter": None,
        "contact": {"channel": "email", "address": "achieng@example.com"},
    }
