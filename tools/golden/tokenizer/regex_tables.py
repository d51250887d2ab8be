"""Writes the tables of general categories, scripts and word characters that regular expressions need, as the
`tokenizers` library sees them: its regular expressions are asked about every code point.

    python tools/golden/tokenizer/regex_tables.py
"""

from packed_runs import POINTS, constant, pack_kinds, pack_set, write_table
from tokenizers import Regex, pre_tokenizers

CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()

# Short names with long ones where they differ.
SCRIPTS = """Zzzz=Unknown Zyyy=Common Zinh=Inherited Adlm=Adlam Aghb=Caucasian_Albanian Ahom Arab=Arabic
Armi=Imperial_Aramaic Armn=Armenian Avst=Avestan Bali=Balinese Bamu=Bamum Bass=Bassa_Vah Batk=Batak Beng=Bengali
Berf=Beria_Erfe Bhks=Bhaiksuki Bopo=Bopomofo Brah=Brahmi Brai=Braille Bugi=Buginese Buhd=Buhid Cakm=Chakma
Cans=Canadian_Aboriginal Cari=Carian Cham Cher=Cherokee Chrs=Chorasmian Copt=Coptic Cpmn=Cypro_Minoan Cprt=Cypriot
Cyrl=Cyrillic Deva=Devanagari Diak=Dives_Akuru Dogr=Dogra Dsrt=Deseret Dupl=Duployan Egyp=Egyptian_Hieroglyphs
Elba=Elbasan Elym=Elymaic Ethi=Ethiopic Gara=Garay Geor=Georgian Glag=Glagolitic Gong=Gunjala_Gondi
Gonm=Masaram_Gondi Goth=Gothic Gran=Grantha Grek=Greek Gujr=Gujarati Gukh=Gurung_Khema Guru=Gurmukhi Hang=Hangul
Hani=Han Hano=Hanunoo Hatr=Hatran Hebr=Hebrew Hira=Hiragana Hluw=Anatolian_Hieroglyphs Hmng=Pahawh_Hmong
Hmnp=Nyiakeng_Puachue_Hmong Hung=Old_Hungarian Ital=Old_Italic Java=Javanese Kali=Kayah_Li Kana=Katakana Kawi
Khar=Kharoshthi Khmr=Khmer Khoj=Khojki Kits=Khitan_Small_Script Knda=Kannada Krai=Kirat_Rai Kthi=Kaithi
Lana=Tai_Tham Laoo=Lao Latn=Latin Lepc=Lepcha Limb=Limbu Lina=Linear_A Linb=Linear_B Lisu Lyci=Lycian Lydi=Lydian
Mahj=Mahajani Maka=Makasar Mand=Mandaic Mani=Manichaean Marc=Marchen Medf=Medefaidrin Mend=Mende_Kikakui
Merc=Meroitic_Cursive Mero=Meroitic_Hieroglyphs Mlym=Malayalam Modi Mong=Mongolian Mroo=Mro Mtei=Meetei_Mayek
Mult=Multani Mymr=Myanmar Nagm=Nag_Mundari Nand=Nandinagari Narb=Old_North_Arabian Nbat=Nabataean Newa Nkoo=Nko
Nshu=Nushu Ogam=Ogham Olck=Ol_Chiki Onao=Ol_Onal Orkh=Old_Turkic Orya=Oriya Osge=Osage Osma=Osmanya Ougr=Old_Uyghur
Palm=Palmyrene Pauc=Pau_Cin_Hau Perm=Old_Permic Phag=Phags_Pa Phli=Inscriptional_Pahlavi Phlp=Psalter_Pahlavi
Phnx=Phoenician Plrd=Miao Prti=Inscriptional_Parthian Rjng=Rejang Rohg=Hanifi_Rohingya Runr=Runic Samr=Samaritan
Sarb=Old_South_Arabian Saur=Saurashtra Sgnw=SignWriting Shaw=Shavian Shrd=Sharada Sidd=Siddham Sidt=Sidetic
Sind=Khudawadi Sinh=Sinhala Sogd=Sogdian Sogo=Old_Sogdian Sora=Sora_Sompeng Soyo=Soyombo Sund=Sundanese
Sunu=Sunuwar Sylo=Syloti_Nagri Syrc=Syriac Tagb=Tagbanwa Takr=Takri Tale=Tai_Le Talu=New_Tai_Lue Taml=Tamil
Tang=Tangut Tavt=Tai_Viet Tayo=Tai_Yo Telu=Telugu Tfng=Tifinagh Tglg=Tagalog Thaa=Thaana Thai Tibt=Tibetan
Tirh=Tirhuta Tnsa=Tangsa Todr=Todhri Tols=Tolong_Siki Toto Tutg=Tulu_Tigalari Ugar=Ugaritic Vaii=Vai Vith=Vithkuqi
Wara=Warang_Citi Wcho=Wancho Xpeo=Old_Persian Xsux=Cuneiform Yezi=Yezidi Yiii=Yi Zanb=Zanabazar_Square""".split()


def members(pattern: str, text: str) -> set[int]:
    split = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    return {ord(char) for piece, _ in split.pre_tokenize_str(text) for char in piece}


EVERYTHING = "".join(map(chr, POINTS))
assigned = members(r"\p{Assigned}+", EVERYTHING)
text = "".join(map(chr, sorted(assigned)))

category: dict[int, int] = {}
for index, name in enumerate(CATEGORIES[1:], 1):
    for point in members(rf"\p{{{name}}}+", text):
        category[point] = index
assert set(category) == assigned
write_table(
    "category-table.ts",
    "regex_tables.py",
    constant("CATEGORY_RUNS", f"Runs of general categories: {' '.join(CATEGORIES)}.", pack_kinds(lambda p: category.get(p, 0))),
)

names: list[str] = ["Zzzz=Unknown"]
script: dict[int, int] = {}
for name in SCRIPTS[1:]:
    try:
        found = members(rf"\p{{{name.split('=')[-1]}}}+", text)
    except Exception:  # noqa: BLE001: a script that the library does not know
        print("not known:", name)
        continue
    for point in found:
        assert point not in script, (name, hex(point))
        script[point] = len(names)
    names.append(name)
listed = " ".join(names)
lines, line = [], ""
for name in names:
    if len(line) + len(name) > 88:
        lines.append(line)
        line = ""
    line += name + " "
lines.append(line.rstrip())
write_table(
    "script-table.ts",
    "regex_tables.py",
    "/** Short and long names of the scripts, in the order of their numbers. */\nexport const SCRIPT_NAMES: string = [\n"
    + "".join(f"  '{line}',\n" for line in lines)
    + "].join('');\n",
    constant("SCRIPT_RUNS", "Runs of scripts.", pack_kinds(lambda p: script.get(p, 0))),
)

# `Whitespace` has the words of Rust's regular expressions.
apart = "".join("!" + chr(point) for point in POINTS)
words = {ord(char) for piece, _ in pre_tokenizers.Whitespace().pre_tokenize_str(apart) if piece[0] != "!" for char in piece}
write_table(
    "word-table.ts",
    "regex_tables.py",
    constant("WORD_RUNS", "Characters of words: alphabetic, marks, decimal digits, connectors, joiners.", pack_set(words)),
)
onig = members(r"\w+", EVERYTHING)
print("\\w of Oniguruma differs by", sorted(map(hex, words ^ onig)))
assert members(r"\s+", EVERYTHING) == {p for p in POINTS if chr(p) in "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" or 0x2000 <= p <= 0x200A}
assert members(r"\d+", EVERYTHING) == {p for p, c in category.items() if c == CATEGORIES.index("Nd")}
