"""The fixed cast, in every run: one of each state that a console has to show. Newcomers go to the end of the list."""

from __future__ import annotations

from finances.sandbox.business.collecting import HOUR
from finances.sandbox.business.people import People
from finances.sandbox.business.signups import SignUp
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.periods import months_after
from finances.sandbox.money.habits import Habits
from finances.sandbox.objects.declines import EXPIRED, FAILED_3DS, GENERIC, POOR


def cast(people: People, end: int) -> list[tuple[int, SignUp]]:
    """When each of them signs up, counted back from the end of the history."""
    named = people.named
    fails = Habits(refuses_after=1, decline=POOR)
    never = Habits(pays_sent_invoices="never")

    def months_ago(months: int, days: int) -> int:
        return months_after(end, -months) - days * DAY - 9 * HOUR

    ada = named("Ada Lovelace", "ada@analytical.example", "GB", "usd")
    nadia = named("Nadia Rahman", "nadia@rahman.example", "US")
    piotr = named("Piotr Zięba", "piotr@zieba.example", "PL")
    yui = named("渡辺 結衣", "yui@watanabe.example", "JP")
    sato = named("佐藤 美咲", "misaki@sato.example", "JP")
    brass = named("Brass & Sons", "accounts@brass.example", "GB", "eur")
    tove = named("Tove Bergström", "tove@bergstrom.example", "DE")
    ines = named("Inês Duarte", "ines@duarte.example", "ES")
    omar = named("عمر حداد", "omar@haddad.example", "AE")
    lena = named("Lena Weiß", "lena@weiss.example", "DE")
    studio = named("Studio Fjord", "hello@fjord.example", "FR")
    ken = named("Ken Okafor", "ken@okafor.example", "US")
    mill = named("The Old Mill", "books@oldmill.example", "US")
    kim = named("김지민", "jimin@kim.example", "KR")
    grace = named("Grace Hopper", "grace@hopper.example", "US")
    noor = named("نور الصباح", "noor@alsabah.example", "KW")
    oliver = named("Oliver Bell", "oliver@bell.example", "GB")
    mika = named("Mika Virtanen", "mika@virtanen.example", "FI")
    chen = named("林 志明", "chen@lin.example", "TW")
    refunded = named("Maya Ortiz", "refund@ortiz.example", "US")
    disputed = named("Tyler Brooks", "dispute@brooks.example", "US")
    zoe = named("Zoé Lefèvre", "zoe@lefevre.example", "FR")
    anahit = named("Անահիտ Պետրոսյան", "anahit@petrosyan.example", "AM")
    somchai = named("สมชาย ศรีสุข", "somchai@srisuk.example", "TH")
    nino = named("ნინო ბერიძე", "nino@beridze.example", "GE")
    priya = named("प्रिया शर्मा", "priya@sharma.example", "IN")
    ruth = named("Ruth Adler", "ruth@partial.example", "IL", "usd")
    diego = named("Diego Ibáñez", "diego@chargeback.example", "ES")
    hana = named("Hana Kim", "hana@secure.example", "KR", "usd")
    bauer = named("Bauer Maschinenbau GmbH", "sepa@bauer.example", "DE")
    joana = named("Joana Araújo", "joana@araujo.example", "BR")
    return [
        (months_ago(9, 11), SignUp(ada, "Pier", quantity=3, extra=True, steady=True)),
        (months_ago(1, 2), SignUp(nadia, "Harbour", quantity=2, steady=True, habits=fails)),
        (months_ago(1, 5), SignUp(piotr, "Pier", steady=True, habits=Habits(refuses_after=1, decline=GENERIC))),
        (months_ago(1, 10), SignUp(yui, "Berth", steady=True, habits=Habits(refuses_after=1, decline=EXPIRED))),
        (months_ago(4, 20), SignUp(sato, "Pier", quantity=5, steady=True)),
        (months_ago(5, 5), SignUp(brass, "Harbour", quantity=14, days_until_due=30, steady=True, habits=never)),
        (end - 5 * DAY, SignUp(tove, "Berth", trial_days=14, steady=True)),
        (end - 10 * HOUR, SignUp(ines, "Berth", first_payment_fails=True, habits=Habits(1.0, EXPIRED))),
        (months_ago(2, 3), SignUp(omar, "Berth", steady=True, then="cancel")),
        (end - 8 * DAY, SignUp(lena, "Pier", "year", quantity=2, steady=True, then="cancel_later")),
        (months_ago(2, 0), SignUp(studio, "Harbour", steady=True, then="work", days_until_due=30)),
        (months_ago(3, 9), SignUp(ken, "Berth", steady=True, then="void")),
        (months_ago(3, 14), SignUp(mill, "Berth", steady=True, then="debt")),
        (months_ago(2, 8), SignUp(kim, "Pier", steady=True, then="draft")),
        (months_ago(6, 4), SignUp(grace, "fleet", quantity=64, steady=True, coupons=("HARBOUR10",))),
        (months_ago(5, 6), SignUp(noor, "Pier", quantity=7, steady=True, known_as="alsabah-1001", then="cast_release")),
        (months_ago(3, 6), SignUp(oliver, "Harbour", quantity=3, steady=True, taxed=True, then="cast_downgrade")),
        (months_ago(4, 12), SignUp(mika, "Pier", quantity=6, steady=True, then="cast_schedule")),
        (months_ago(4, 16), SignUp(chen, "tide", quantity=0, steady=True)),
        (months_ago(2, 12), SignUp(refunded, "Pier", steady=True, habits=Habits(refund="part"))),
        (months_ago(1, 8), SignUp(disputed, "Harbour", steady=True, habits=Habits(dispute="open"))),
        (
            months_ago(1, 20),
            SignUp(zoe, "Pier", quantity=2, steady=True, coupons=("SPRING3", "LOYAL"), taxed=True, tax_id=True),
        ),
        (months_ago(2, 6), SignUp(anahit, "Berth", trial_days=14, without_card="pause", steady=True)),
        (months_ago(5, 2), SignUp(somchai, "Pier", steady=True, then="cast_back")),
        (months_ago(3, 2), SignUp(nino, "Berth", quantity=2, steady=True, then="cast_pause")),
        (months_ago(7, 5), SignUp(priya, "Harbour", steady=True, then="cast_contract", customer_coupon="PARTNER")),
        (
            months_ago(3, 10),
            SignUp(
                joana,
                "Pier",
                steady=True,
                known_as="araujo-1002",
                habits=Habits(refuses_after=1, decline=POOR),
                left_unpaid=True,
            ),
        ),
        (end - 20 * DAY, SignUp(ruth, "Harbour", steady=True, habits=Habits(refund="part"))),
        (end - 9 * DAY, SignUp(diego, "Pier", quantity=2, steady=True, habits=Habits(dispute="open"))),
        (
            end - 6 * HOUR,
            SignUp(hana, "Berth", first_payment_fails=True, steady=True, habits=Habits(1.0, FAILED_3DS)),
        ),
        (end - 26 * HOUR, SignUp(bauer, "Harbour", quantity=6, steady=True, habits=Habits(method="sepa_debit"))),
    ]
