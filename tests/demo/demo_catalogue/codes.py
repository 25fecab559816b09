"""Code tables of the demo catalogue: what a kind of material, a place, a role or a language means in MARC."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of material: leader 06/07, how 008/18-34 is laid out, RDA 336/337/338 codes, 007, and where its items stand."""

    record_type: str
    level: str
    layout: str
    rda: tuple[str, str, str]
    item_type: str
    location: str
    collection: str
    f007: str = ""
    gmd: str = ""
    form: str = " "


TEXT = ("txt", "n", "nc")
WEB = ("txt", "c", "cr")
ONLINE_007 = "cr |||||||||||"

KINDS = {
    "book": Kind("a", "m", "book", TEXT, "BOOK", "ADULT", "NF", "ta"),
    "largeprint": Kind("a", "m", "book", TEXT, "BOOK", "ACCESS", "LARGE", "tb", form="d"),
    "braille": Kind("a", "m", "book", ("tct", "n", "nc"), "BOOK", "ACCESS", "BRAILLE", "fb a an  n", form="f"),
    "microform": Kind("a", "m", "book", ("txt", "h", "hd"), "MICRO", "STACKS", "HERITAGE", "hd afu---buuu", "microform", "a"),
    "ebook": Kind("a", "m", "book", WEB, "EBOOK", "ONLINE", "EBOOK", ONLINE_007, "electronic resource", "o"),
    "thesis": Kind("a", "m", "book", TEXT, "BOOK", "STACKS", "THESIS", "ta"),
    "ethesis": Kind("a", "m", "book", WEB, "EBOOK", "ONLINE", "THESIS", ONLINE_007, "electronic resource", "o"),
    "manuscript": Kind("t", "m", "book", TEXT, "MS", "STACKS", "HERITAGE", "ta"),
    "article": Kind("a", "b", "book", TEXT, "", "", "", "ta"),
    "earticle": Kind("a", "b", "book", WEB, "", "", "", ONLINE_007, "electronic resource", "o"),
    "chapter": Kind("a", "a", "book", TEXT, "", "", "", "ta"),
    "serial": Kind("a", "s", "serial", TEXT, "SERIAL", "PERIOD", "PER", "ta"),
    "eserial": Kind("a", "s", "serial", WEB, "EBOOK", "ONLINE", "PER", ONLINE_007, "electronic resource", "o"),
    "newspaper": Kind("a", "s", "serial", TEXT, "SERIAL", "PERIOD", "NEWS", "ta"),
    "newsfilm": Kind("a", "s", "serial", ("txt", "h", "hd"), "MICRO", "STACKS", "NEWS", "hd afu---buuu", "microform", "a"),
    "database": Kind("a", "i", "serial", WEB, "EBOOK", "ONLINE", "DB", ONLINE_007, "electronic resource", "o"),
    "website": Kind("a", "i", "serial", WEB, "EBOOK", "ONLINE", "DB", ONLINE_007, "electronic resource", "o"),
    "looseleaf": Kind("a", "i", "serial", TEXT, "REF", "REF", "NF", "td"),
    "map": Kind("e", "m", "map", ("cri", "n", "nb"), "MAP", "MAPS", "MAP", "aj canzn", "cartographic material"),
    "atlas": Kind("e", "m", "map", ("cri", "n", "nc"), "REF", "REF", "MAP", "ad canzn", "cartographic material"),
    "score": Kind("c", "m", "music", ("ntm", "n", "nc"), "SCORE", "MUSIC", "SCORE", "qu", "music"),
    "cd": Kind("j", "m", "music", ("prm", "s", "sd"), "CD", "MUSIC", "MUSIC", "sd fsngnnmmned", "sound recording"),
    "lp": Kind("j", "m", "music", ("prm", "s", "sd"), "CD", "MUSIC", "MUSIC", "sd bsmennmplee", "sound recording"),
    "audiobook": Kind("i", "m", "music", ("spw", "s", "sd"), "AUDIO", "MEDIA", "AUDIO", "sd fsngnnmmned", "sound recording"),
    "cassette": Kind("i", "m", "music", ("spw", "s", "ss"), "AUDIO", "MEDIA", "AUDIO", "ss lsnjlcmpnce", "sound recording"),
    "eaudio": Kind("i", "m", "music", ("spw", "c", "cr"), "EBOOK", "ONLINE", "AUDIO", "sr |||||||||||", "sound recording", "o"),
    "dvd": Kind("g", "m", "visual", ("tdi", "v", "vd"), "DVD", "MEDIA", "FILM", "vd cvaizs", "videorecording"),
    "vhs": Kind("g", "m", "visual", ("tdi", "v", "vf"), "DVD", "MEDIA", "FILM", "vf cbahos", "videorecording"),
    "picture": Kind("k", "m", "visual", ("sti", "n", "nb"), "PICT", "STACKS", "HERITAGE", "kf ca ", "picture"),
    "game": Kind("r", "m", "visual", ("tdf", "n", "nr"), "GAME", "KIDS", "GAME", "zz", "game"),
    "object": Kind("r", "m", "visual", ("tdf", "n", "nr"), "GAME", "DESK", "THINGS", "zz", "realia"),
    "kit": Kind("o", "m", "visual", ("tdf", "n", "nr"), "GAME", "KIDS", "GAME", "ou", "kit"),
    "software": Kind("m", "m", "computer", ("cop", "c", "cd"), "GAME", "MEDIA", "SOFT", "co cga||||||||", "electronic resource"),
    "archive": Kind("p", "c", "mixed", TEXT, "MS", "STACKS", "HERITAGE", "ta"),
}

RDA_TERMS = {
    "txt": ("text", "text"), "tct": ("tactile text", "taktil text"), "cri": ("cartographic image", "kartografisk bild"),
    "ntm": ("notated music", "noterad musik"), "prm": ("performed music", "framförd musik"), "spw": ("spoken word", "tal"),
    "tdi": ("two-dimensional moving image", "tvådimensionell rörlig bild"), "sti": ("still image", "stillbild"),
    "tdf": ("three-dimensional form", "tredimensionell form"), "cop": ("computer program", "datorprogram"),
    "n": ("unmediated", "omedierad"), "c": ("computer", "dator"), "s": ("audio", "audio"), "v": ("video", "video"),
    "h": ("microform", "mikroform"), "nc": ("volume", "volym"), "cr": ("online resource", "onlineresurs"),
    "hd": ("microfilm reel", "mikrofilmsrulle"), "nb": ("sheet", "blad"), "sd": ("audio disc", "ljudskiva"),
    "ss": ("audiocassette", "ljudkassett"),
    "vd": ("videodisc", "videoskiva"), "vf": ("videocassette", "videokassett"), "nr": ("object", "föremål"),
    "cd": ("computer disc", "datorskiva"),
}  # fmt: skip

# relator code -> English and Swedish term, UNIMARC code
RELATORS = {
    "aut": ("author", "författare", "070"), "ill": ("illustrator", "illustratör", "440"),
    "trl": ("translator", "översättare", "730"), "edt": ("editor", "redaktör", "340"),
    "cmp": ("composer", "kompositör", "230"), "nrt": ("narrator", "inläsare", "550"),
    "ctg": ("cartographer", "kartograf", "180"), "drt": ("film director", "regissör", "300"),
    "prf": ("performer", "framförande", "590"), "cnd": ("conductor", "dirigent", "250"),
    "pht": ("photographer", "fotograf", "600"), "act": ("actor", "skådespelare", "005"),
    "aui": ("writer of introduction", "författare till inledning", "080"), "ths": ("thesis advisor", "handledare", "727"),
    "dgg": ("degree granting institution", "examinerande institution", "295"), "lbt": ("librettist", "librettist", "480"),
    "lyr": ("lyricist", "textförfattare", "520"), "sng": ("singer", "sångare", "721"),
    "isb": ("issuing body", "utgivande organ", "710"), "art": ("artist", "konstnär", "040"),
    "itr": ("instrumentalist", "instrumentalist", "545"), "cre": ("creator", "upphovsman", "070"),
    "egr": ("engraver", "gravör", "350"), "com": ("compiler", "sammanställare", "220"),
    "dsr": ("designer", "formgivare", "245"), "pro": ("film producer", "producent", "630"),
    "ann": ("annotator", "kommentator", "020"), "adp": ("adapter", "bearbetare", "010"),
    "pbl": ("publisher", "utgivare", "650"), "aus": ("screenwriter", "manusförfattare", "690"),
    "ctb": ("contributor", "medarbetare", "205"),
}  # fmt: skip

# MARC country code -> ISO 3166 code, for UNIMARC 102
ISO_3166 = {
    "fr": "FR", "sz": "CH", "be": "BE", "quc": "CA", "enk": "GB", "gw": "DE", "sp": "ES", "po": "PT", "it": "IT", "ru": "RU", "le": "LB",
    "ti": "TN", "sg": "SN", "mc": "MC", "fp": "PF", "nl": "NC", "nyu": "US", "ua": "EG", "gr": "GR", "pl": "PL", "ag": "AR",
    "ne": "NL", "ilu": "US", "sw": "SE", "fi": "FI", "dk": "DK", "no": "NO", "cau": "US", "mau": "US", "xx": "",
}  # fmt: skip

# language -> script identification of $6 (MARC 21 appendix A), with /r where the script runs from right to left
SCRIPTS = {
    "ara": "(3/r", "per": "(3/r", "urd": "(3/r", "heb": "(2/r", "yid": "(2/r", "chi": "$1", "jpn": "$1", "kor": "$1",
    "rus": "(N", "ukr": "(N", "bul": "(N", "gre": "(S", "grc": "(S",
}  # fmt: skip

# the same for UNIMARC $7 (UNIMARC manual, control subfields): cataloguing script Latin, then script of the field
UNIMARC_SCRIPTS = {"ara": "fa", "per": "fa", "rus": "ca", "gre": "ga", "heb": "ha", "jpn": "da", "chi": "ea", "bul": "ca"}

LITERATURE = {"novel": "f", "stories": "j", "poetry": "p", "drama": "d", "essays": "e", "letters": "i", "mixed": "m", "fiction": "1"}

# code of 008/18 -> English and Swedish words of 310, code of UNIMARC 110$a/1
FREQUENCIES = {
    "d": ("Daily", "Daglig", "a"), "w": ("Weekly", "Veckovis", "c"), "m": ("Monthly", "Månatlig", "f"),
    "b": ("Bimonthly", "Varannan månad", "g"), "q": ("Quarterly", "Kvartalsvis", "h"), "a": ("Annual", "Årlig", "k"),
    "f": ("Semiannual", "Halvårsvis", "j"), "k": ("Continuously updated", "Uppdateras fortlöpande", "z"),
}  # fmt: skip
