from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize.names import languages, romanization
from crm_etl.normalize.names.romanization import romanize

#: Language, standard (None: the default), names, how the standard writes them.
STANDARDS = [
    ("ru", None, "Юрий Щербаков Соловьёв Подъячев Цыганов", "iurii shcherbakov solovev podieiachev tsyganov"),
    ("ru", "passport-2010", "Цыганов Подъячев", "tcyganov podiachev"),
    ("ru", "passport-1997", "Юрий Соловьёв Григорьев Яна", "yuriy solovyev grigoryev yana"),
    ("ru", "bgn-pcgn", "Ельцин Алексеев Соловьёв Юрий", "yel'tsin alekseyev solov'yëv yuriy"),
    ("ru", "gost-7.79-b", "Щукин Цыган Ильич Хрущёв Эдуард", "shhukin cy'gan il`ich xrushhyov e`duard"),
    ("ru", "ala-lc", "Юрий Ильич Щербаков", "iurii ilich shcherbakov"),
    ("ru", "iso-9", "Щукин Юрий Ильич Эдуард", "ŝukin ûrij ilʹič èduard"),
    ("uk", None, "Згурський Юрій Їжакевич Знам'янський Євген", "zghurskyi yurii yizhakevych znamianskyi yevhen"),
    ("uk", "passport-2007", "Сергій Євген Юлія Ігор", "sergii ievgen iuliia igor"),
    ("uk", "legal-1996", "Щур Львів", "schur l'viv"),
    ("uk", "bgn-pcgn", "Сергій Згурський Юлія", "serhiy z'hurs'kyy yuliya"),
    ("uk", "iso-9", "Щур Ігор Євген", "ŝur ìgor êvgen"),
    ("be", None, "Аляксандр Рыгоравіч Сяргей Юрый Ціханоўская", "aliaksandr ryhoravich siarhei yury tsikhanouskaya"),
    ("be", "national-2007", "Лукашэнка Ціханоўская Аляксандр", "lukašenka cichanoŭskaja aliaksandr"),
    ("be", "iso-9", "Аляксандр Яўген", "alâksandr âŭgen"),
    ("bg", "iso-9", "Първанов Мария", "pʺrvanov mariâ"),
    ("tg", "iso-9", "Ҷамшед Раҳмон", "çamšed raḩmon"),
    ("uk", "ala-lc", "Юрій Їжакевич Згурський", "iurii izhakevych zhurskyi"),
    ("be", "bgn-pcgn", "Сяргей Яўген", "syarhyey yawhyen"),
    ("bg", None, "Първанов Георги Щерев Мария Кръстьо", "parvanov georgi shterev maria krastyo"),
    ("bg", "bgn-pcgn", "Първанов Мария", "pŭrvanov mariya"),
    ("kk", None, "Қасым-Жомарт Тоқаев Нұрсұлтан Айгүл Серікұлы", "kasym-zhomart tokayev nursultan aigul serikuly"),
    ("kk", "latin-2021", "Нұрсұлтан Айгүл Шыңғыс", "nūrsūltan aigül şyñğys"),
    ("kk", "bgn-pcgn", "Шыңғыс Қайрат", "shyngghys qayrat"),
    ("tg", None, "Эмомалӣ Раҳмон Қоҳир Ҷамшед Фирӯз", "emomali rahmon qohir jamshed firuz"),
    ("tg", "bgn-pcgn", "Эмомалӣ Фирӯз", "ėmomalí firŭz"),
    ("hy", None, "Նիկոլ Փաշինյան Երևան Ոսկան Ովսաննա Ուրարտու", "nikol pashinyan yerevan voskan ovsanna urartu"),
    ("hy", "bgn-pcgn", "Փաշինյան Մկրտչյան", "p'ashinyan mkrtch'yan"),
    ("hy", "iso-9985", "Երևան Խաչատրյան", "erewan xačatryan"),
    ("el", None, "Γιώργος Παπαδόπουλος Ευάγγελος Αικατερίνη", "giorgos papadopoulos evangelos aikaterini"),
    ("el", None, "Ευτυχία Αυγούστα Σάββας Μπάμπης Λαμπρινή", "eftychia avgousta savvas bampis lamprini"),
    ("el", None, "ΚΥΡΙΑΚΟΣ ΜΗΤΣΟΤΑΚΗΣ Αγγελική Ντόρα Ψαρρός", "kyriakos mitsotakis angeliki ntora psarros"),
    ("el", None, "Ξανθάκης Σφίγξ Χρήστος Μαΐου Παύλος Ευφροσύνη", "xanthakis sfinx christos maiou pavlos effrosyni"),
    ("ka", None, "გიორგი მარგველაშვილი ზურაბ ჟვანია", "giorgi margvelashvili zurab zhvania"),
    ("ka", None, "მიხეილ სააკაშვილი კახა ყავრელაძე წერეთელი", "mikheil saakashvili kakha qavreladze tsereteli"),
    ("ka", None, "ᲜᲘᲜᲝ ᲑᲣᲠᲯᲐᲜᲐᲫᲔ ღვინჯილია ჭანტურია ჰაინე", "nino burjanadze ghvinjilia chanturia haine"),
    ("ka", "national-2002", "კახა ჭანტურია წერეთელი ყიფიანი", "k'akha ch'ant'uria ts'ereteli q'ipiani"),
    ("ar", None, "محمد بن سلمان آل سعود", "mohammed bin salman al saud"),
    ("ar", None, "فاطمة عبد الله القحطاني", "fatima abdullah al-qahtani"),
    ("ar", None, "ناصح القذافي الحسيني", "nasih al-qadhafi al-husseini"),
    ("fa", "bgn-pcgn", "حسین محمود قاسم رضایی هاشمی", "hosseyn mahmud qasem rezai hashemi"),
    ("fa", "un-2012", "شهرام قاسم فاطمه رضایی خسرو", "šahrām qāsem fāteme rezāyi xosro"),
]  # fmt: skip

#: Persian names and how Iranians write them: from the tables, built of known parts, with endings.
PERSIAN = [
    ("محمدرضا", "mohammadreza"),
    ("محمّد", "mohammad"),
    ("مُحَمَّد", "mohammad"),
    ("محمد رضا", "mohammad reza"),
    ("حسین‌زاده", "hosseinzadeh"),
    ("حسین زاده", "hossein zadeh"),
    ("حسین‌پور", "hosseinpour"),
    ("محمدی", "mohammadi"),
    ("رضایی", "rezaei"),
    ("رضائی", "rezaei"),
    ("كريمي", "karimi"),
    ("کریمیان", "karimian"),
    ("رضاییان", "rezaeian"),
    ("نیک‌نژاد", "niknejad"),
    ("قانعی‌فرد", "ghaneifard"),
    ("گل‌محمدی", "golmohammadi"),
    ("شاهمیرزایی", "shahmirzaei"),
    ("بادامچیان", "badamchian"),
    ("خامنه‌ای", "khamenei"),
    ("روح‌الله", "rouhollah"),
    ("فاطمه", "fatemeh"),
    ("ﻣﺤﻤﺪ", "mohammad"),
    ("المدنی", "al-madani"),
    ("پاتریک کندی", "patrick kennedy"),
]

#: Persian words that no table has: the model supplies the vowels.
UNKNOWN = [("زمانپور", "zamanpour"), ("دلشادیان", "delshadian"), ("کاشفی", "kashefi"), ("ناصحی", "nasehi")]


@pytest.mark.parametrize(("language", "standard", "native", "latin"), STANDARDS)
def test_standards(language: str, standard: str | None, native: str, latin: str) -> None:
    assert romanize(native, language, standard) == latin
    assert romanize(native.upper(), language, standard) == latin


@pytest.mark.parametrize(("native", "latin"), [*PERSIAN, *UNKNOWN])
def test_persian_as_iranians_write_it(native: str, latin: str) -> None:
    assert romanize(native) == latin


def test_every_declared_standard_is_tried_here() -> None:
    tried = {(language, standard) for language, standard, _, _ in STANDARDS}
    declared = {
        (code, None if place == 0 else name)
        for code, one in languages.table().items()
        for place, name in enumerate(one.standards)
    }
    assert declared - tried == {("en", None), ("fa", None)}


def test_a_standard_implies_its_language() -> None:
    assert romanize("Сергiй Ігор Гнат", standard="kmu-2010") == romanize("Сергiй Ігор Гнат", "uk")
    assert romanize("Игорь Гончар", standard="kmu-2010") == "yhor honchar"


def test_words_of_a_language_without_the_standard_follow_their_own() -> None:
    assert romanize("Юрий Юрьевич رضایی", standard="iso-9") == "ûrij ûrʹevič rezaei"


def test_an_unknown_standard_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"there is no standard 'fantasy'; there are .*icao-9303.*kmu-2010"):
        romanize("Юрий", standard="fantasy")
    with pytest.raises(ValueError, match="Russian has no standard 'kmu-2010'; it has icao-9303, passport-2010"):
        romanize("Юрий", "ru", "kmu-2010")


@pytest.mark.parametrize(
    ("native", "latin"),
    [
        ("Ива\u0301нов", "ivanov"),
        ("Müller Łódź Çelik", "muller lodz chelik"),
        ("ООО «Ромашка» № ۱۲", "ooo «romashka» № 12"),
        ("Љубљана", "ljubljana"),
        ("王小明", "王小明"),
        ("", ""),
        ("ՅԱՆՂАБ", "yanghab"),
    ],
)
def test_what_else_stands_in_names(native: str, latin: str) -> None:
    assert romanize(native) == latin


NAMES = [one.name for one in romanization.standards()]
LETTERS = st.text(alphabet="АБЕЁЙЦЪЫЬЭЮЯІЇЄҐЎӢҚʹʺ'’`abčǰšñžı علیمحدآوهئ‌ՆԵՈՒևѣ-.١2́ß", max_size=20)


@given(
    st.one_of(st.text(max_size=30), LETTERS), st.sampled_from([None, "ru", "uk", "fa", "kk", "hy", "el", "ka", "xx"])
)
def test_total_deterministic_and_settled(text: str, language: str | None) -> None:
    once = romanize(text, language)
    assert romanize.__wrapped__(text, language) == once
    assert romanize(once, language) == once
    assert romanize(once) == once


@given(st.one_of(st.text(max_size=30), LETTERS), st.sampled_from(sorted(set(NAMES))))
def test_settled_by_every_standard(text: str, standard: str) -> None:
    once = romanize(text, standard=standard)
    assert romanize(once, standard=standard) == once
