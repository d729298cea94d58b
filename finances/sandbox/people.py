"""Who the customers are: names in several scripts, addresses that fit them, e-mail addresses nobody owns."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .store import Object


@dataclass(frozen=True)
class Country:
    """Names are pairs "as written/in Latin letters"; places are "city|postal code|state|street"."""

    code: str
    currency: str
    locale: str
    dialling: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    companies: tuple[str, ...]
    places: tuple[str, ...]
    family_first: bool = False
    weight: int = 2


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    address: Object
    phone: str | None
    locale: str
    currency: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COUNTRIES = (
    Country(
        "US",
        "usd",
        "en-US",
        "+1",
        _words("Maya Ethan Olivia Jamal Grace Dakota Noah Priya Carlos Hannah Tyler Naomi"),
        _words("Walker Nguyen Johnson Ortiz Brooks Kim Fitzgerald Washington Patel Sullivan Reyes Cohen"),
        ("Bluebird Robotics Inc.", "Cedar & Pine Dental", "Northwind Freight LLC", "Tidewater Books"),
        ("Portland|97205|OR|SW Alder Street", "Austin|78701|TX|Congress Avenue", "Chicago|60607|IL|W Lake Street"),
        weight=5,
    ),
    Country(
        "GB",
        "usd",
        "en-GB",
        "+44",
        _words("Arthur Isla Rhys Fiona Callum Beatrice Imran Poppy"),
        _words("O'Connor Hughes MacLeod Ashworth Khan Pemberton Bell Okafor"),
        ("Analytical Instruments Ltd", "Fenland Cycles", "Harrow & Sons"),
        ("London|EC1A 1BB||St Martin's Le Grand", "Cardiff|CF10 1EP||Castle Street"),
    ),
    Country(
        "DE",
        "eur",
        "de-DE",
        "+49",
        ("Jürgen/juergen", "Änne/aenne", "Lukas/lukas", "Sophie/sophie", "Björn/bjoern", "Käthe/kaethe", "Emre/emre"),
        ("Müller/mueller", "Weiß/weiss", "Schröder/schroeder", "Großmann/grossmann", "Yılmaz/yilmaz", "Böhm/boehm"),
        ("Bäckerei Süßmann GmbH/suessmann", "Förde Logistik AG/foerde", "Waldkauz Software UG/waldkauz"),
        ("Köln|50667||Hohe Straße", "Berlin|10115||Invalidenstraße", "München|80331||Sendlinger Straße"),
        weight=3,
    ),
    Country(
        "FR",
        "eur",
        "fr-FR",
        "+33",
        ("Zoé/zoe", "François/francois", "Héloïse/heloise", "Loïc/loic", "Amélie/amelie", "Youssef/youssef"),
        ("Lefèvre/lefevre", "Benoît/benoit", "d'Arc/darc", "Çelik/celik", "Garçon/garcon", "Noël/noel"),
        ("Librairie de l'Étoile/etoile", "Fromagerie Bœuf & Fils/boeuf"),
        ("Paris|75004||Rue de Rivoli", "Lyon|69002||Rue de la République"),
    ),
    Country(
        "ES",
        "eur",
        "es-ES",
        "+34",
        ("Íñigo/inigo", "Lucía/lucia", "Andrés/andres", "Begoña/begona", "Nuria/nuria"),
        ("Muñoz/munoz", "García-Peña/garciapena", "Ibáñez/ibanez", "Núñez/nunez", "Roca/roca"),
        ("Cerámica Peñíscola S.L./ceramica",),
        ("Valencia|46002||Calle de la Paz", "Madrid|28013||Calle Mayor"),
    ),
    Country(
        "PL",
        "eur",
        "pl-PL",
        "+48",
        ("Łukasz/lukasz", "Żaneta/zaneta", "Grażyna/grazyna", "Michał/michal"),
        ("Wiśniewska/wisniewska", "Dąbrowski/dabrowski", "Zięba/zieba", "Król/krol"),
        ("Śląskie Narzędzia Sp. z o.o./slaskie",),
        ("Kraków|31-042||Rynek Główny",),
        weight=1,
    ),
    Country(
        "JP",
        "jpy",
        "ja-JP",
        "+81",
        ("さくら/sakura", "健太/kenta", "陽菜/hina", "翔/sho", "美咲/misaki", "蓮/ren", "結衣/yui", "大輔/daisuke"),
        ("佐藤/sato", "鈴木/suzuki", "高橋/takahashi", "渡辺/watanabe", "伊藤/ito", "山本/yamamoto", "小林/kobayashi"),
        ("株式会社 青空システム/aozora", "合同会社 みなと印刷/minato", "有限会社 竹内商店/takeuchi"),
        (
            "千代田区|100-0005|東京都|丸の内1丁目",
            "大阪市北区|530-0001|大阪府|梅田2丁目",
            "札幌市中央区|060-0042|北海道|大通西4丁目",
        ),
        family_first=True,
        weight=4,
    ),
    Country(
        "GR",
        "eur",
        "el-GR",
        "+30",
        ("Ελένη/eleni", "Γιώργος/giorgos", "Δέσποινα/despoina", "Νίκος/nikos"),
        ("Παπαδόπουλος/papadopoulos", "Οικονόμου/oikonomou", "Βασιλείου/vasileiou"),
        ("Ελαιώνες Καλαμάτας Α.Ε./kalamata",),
        ("Αθήνα|105 57||Οδός Ερμού",),
        weight=1,
    ),
    Country(
        "UA",
        "usd",
        "uk-UA",
        "+380",
        ("Олена/olena", "Тарас/taras", "Софія/sofiia", "Андрій/andrii", "Їжакевич/yizhak"),
        ("Шевченко/shevchenko", "Коваленко/kovalenko", "Гриценко/hrytsenko"),
        ("ТОВ «Ластівка»/lastivka",),
        ("Київ|01001||вулиця Хрещатик", "Львів|79008||площа Ринок"),
        weight=1,
    ),
    Country(
        "KR",
        "usd",
        "ko-KR",
        "+82",
        ("지민/jimin", "서연/seoyeon", "민준/minjun", "하은/haeun"),
        ("김/kim", "이/lee", "박/park", "최/choi", "정/jung"),
        ("주식회사 한빛/hanbit",),
        ("서울특별시|04524||세종대로", "부산광역시|48058||센텀중앙로"),
        family_first=True,
        weight=1,
    ),
    Country(
        "TW",
        "usd",
        "zh-TW",
        "+886",
        ("怡君/yijun", "志明/zhiming", "雅婷/yating", "家豪/jiahao"),
        ("陳/chen", "林/lin", "黃/huang", "歐陽/ouyang"),
        ("玉山茶業有限公司/yushan",),
        ("臺北市|100||中山南路",),
        family_first=True,
        weight=1,
    ),
    Country(
        "AE",
        "usd",
        "ar",
        "+971",
        ("ليلى/layla", "عمر/omar", "فاطمة/fatima", "يوسف/yusuf"),
        ("الهاشمي/alhashimi", "حداد/haddad", "منصور/mansour"),
        ("شركة الواحة للتجارة/waha",),
        ("دبي|||شارع الشيخ زايد",),
        weight=1,
    ),
    Country(
        "IN",
        "usd",
        "hi-IN",
        "+91",
        ("अनन्या/ananya", "रोहन/rohan", "मीरा/meera", "अर्जुन/arjun"),
        ("शर्मा/sharma", "वर्मा/verma", "जोशी/joshi"),
        ("सूर्योदय टेक्सटाइल्स/suryoday",),
        ("मुंबई|400001|महाराष्ट्र|महात्मा गांधी मार्ग",),
        weight=1,
    ),
    Country(
        "IL",
        "usd",
        "he-IL",
        "+972",
        ("נועה/noa", "איתן/eitan", "תמר/tamar"),
        ("לוי/levi", "מזרחי/mizrahi", "פרץ/peretz"),
        ("סטודיו כרמל/carmel",),
        ("תל אביב-יפו|6578317||שדרות רוטשילד",),
        weight=1,
    ),
)


class People:
    """Makes one person or company after another; never the same e-mail address twice."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()
        self._weights = [country.weight for country in COUNTRIES]

    def new(self, country_code: str | None = None) -> Person:
        rng = self._rng
        country = rng.choices(COUNTRIES, self._weights)[0]
        if country_code is not None:
            country = next(each for each in COUNTRIES if each.code == country_code)
        if rng.random() < 0.3:
            name, latin = _pair(rng.choice(country.companies))
            domain = "".join(letter for letter in latin.lower().split()[0] if letter.isascii() and letter.isalnum())
            email = self._free("billing", f"{domain}.example")
        else:
            given, given_latin = _pair(rng.choice(country.given))
            family, family_latin = _pair(rng.choice(country.family))
            glue = "" if country.code == "KR" else " "
            name = f"{family}{glue}{given}" if country.family_first else f"{given} {family}"
            letters = f"{given_latin}.{family_latin}".lower().replace("'", "")
            email = self._free(letters, rng.choice(("mail.example", "post.example", "inbox.example")))
        phone = f"{country.dialling}555{rng.randrange(10**6):06}" if rng.random() < 0.6 else None
        return Person(name, email, self._address(country), phone, country.locale, country.currency)

    def named(self, name: str, email: str, country_code: str, currency: str | None = None) -> Person:
        """Somebody of the fixed cast."""
        self._taken.add(email)
        country = next(each for each in COUNTRIES if each.code == country_code)
        phone = f"{country.dialling}555{self._rng.randrange(10**6):06}"
        return Person(name, email, self._address(country), phone, country.locale, currency or country.currency)

    def address_in(self, country_code: str) -> Object:
        """A new place in the same country, for somebody who moves."""
        return self._address(next((each for each in COUNTRIES if each.code == country_code), COUNTRIES[0]))

    def _address(self, country: Country) -> Object:
        city, postal_code, state, street = self._rng.choice(country.places).split("|")
        number = self._rng.randrange(1, 190)
        first = country.code in ("US", "GB", "FR", "IN")
        return {
            "city": city,
            "country": country.code,
            "line1": f"{number} {street}" if first else f"{street} {number}",
            "line2": f"Suite {self._rng.randrange(100, 900)}" if country.code == "US" and number % 3 == 0 else None,
            "postal_code": postal_code or None,
            "state": state or None,
        }

    def _free(self, local: str, domain: str) -> str:
        email, number = f"{local}@{domain}", 2
        while email in self._taken:
            email, number = f"{local}{number}@{domain}", number + 1
        self._taken.add(email)
        return email


def _pair(text: str) -> tuple[str, str]:
    written, _, latin = text.partition("/")
    return written, latin or written
