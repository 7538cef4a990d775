"""Generates the set of marked messages for redaction: seeded, every number with the check digits its country asks for."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from stdnum import luhn
from stdnum.be import nn as be_nn
from stdnum.ch import ssn as ch_ssn
from stdnum.de import idnr as de_idnr
from stdnum.es import dni as es_dni
from stdnum.es import nie as es_nie
from stdnum.fr import nir as fr_nir
from stdnum.gb import nhs as gb_nhs
from stdnum.iso7064 import mod_97_10
from stdnum.it import codicefiscale
from stdnum.nl import bsn as nl_bsn
from stdnum.pl import pesel as pl_pesel
from stdnum.se import personnummer as se_personnummer

from benchmarks.redaction_words import FIRST_NAMES, LAST_NAMES, STREETS

_TOWNS = {"en": "Belrive|Ashby|Portsmouth|Leeds", "fr": "Rennes|Belrive|Lyon|Saint-Malo"}


class _Writer:
    """Writes one message, remembering where each detail stands."""

    def __init__(self, chance: random.Random, language: str) -> None:
        self.chance = chance
        self.language = language
        self.text = ""
        self.spans: list[dict[str, Any]] = []

    def write(self, template: str, makers: dict[str, Callable[[], str]], *, of_citizen: bool = False) -> None:
        parts = template.split("|")
        for index, part in enumerate(parts):
            if index % 2 == 0:
                self.text += part
                continue
            kind, _, maker = part.partition(":")
            detail = makers[maker or kind]()
            span: dict[str, Any] = {"start": len(self.text), "end": len(self.text) + len(detail), "kind": kind}
            if of_citizen:
                span["known"] = True
            self.spans.append(span)
            self.text += detail


_TEMPLATES = {
    "en": [
        "My name is |NAME| and my street lamp has been out for 3 weeks.",
        "Please call me on |PHONE| after 17:30.",
        "You can write to |EMAIL| or phone |PHONE|.",
        "I live at |ADDRESS| and the bin was not emptied on 14 March.",
        "The refund of £120.50 can go to |IBAN|.",
        "I paid with card |CARD| on 2 May 2025.",
        "My national insurance number is |ID:nino|.",
        "NHS number: |ID:nhs|.",
        "My social security number is |ID:ssn|, as on the form.",
        "I moved from Canada, SIN |ID:sin|.",
        "Reference |ID:reference|, sent on 3 June.",
        "My account number is |ID:account| since 2019.",
        "I was born on |BIRTHDATE|.",
        "The van with plate |PLATE| blocks the gate of the school on Mill Road.",
        "Our neighbour |NAME:first| burns rubbish every Sunday at 8 pm.",
        "Mr |NAME:last| from your office promised an answer by 31 March.",
        "Dear Mrs |NAME:last|,\nthank you for the form.",
        "The street party takes 4 hours.\n\nKind regards,\n|NAME|",
        "I spoke to Dr |NAME| about the parking badge.",
        "My tax number in Germany is |ID:idnr|.",
        "My Dutch BSN is |ID:bsn|.",
        "My PESEL is |ID:pesel|.",
        "DNI |ID:dni| is my Spanish identity card.",
        "NIE |ID:nie|, is that enough for the library card?",
        "codice fiscale |ID:codicefiscale|",
        "My Swedish personal number is |ID:personnummer|.",
        "My daughter |NAME:first| needs a place in the nursery from 1 September.",
        "My profile is |URL|.",
    ],
    "fr": [
        "Je m'appelle |NAME| et le lampadaire est en panne depuis 3 semaines.",
        "Merci de m'appeler au |PHONE| après 17 h 30.",
        "Vous pouvez écrire à |EMAIL| ou téléphoner au |PHONE|.",
        "J'habite |ADDRESS| et la poubelle n'a pas été vidée le 14 mars.",
        "Le remboursement de 120,50 € peut aller sur |IBAN|.",
        "J'ai payé avec la carte |CARD| le 2 mai 2025.",
        "Mon numéro de sécurité sociale est le |ID:nir|.",
        "NIR : |ID:nir|.",
        "Numéro national belge |ID:nn|.",
        "Numéro AVS |ID:ahv|, j'ai travaillé en Suisse.",
        "Dossier n° |ID:reference|, envoyé le 3 juin.",
        "Mon numéro d'allocataire est le |ID:account| depuis 2019.",
        "Je suis née le |BIRTHDATE|.",
        "La camionnette immatriculée |PLATE| bloque le portail de l'école rue du Moulin.",
        "Notre voisin |NAME:first| brûle des déchets chaque dimanche à 20 h.",
        "M. |NAME:last| de votre service a promis une réponse avant le 31 mars.",
        "Chère Madame |NAME:last|,\nmerci pour le formulaire.",
        "La fête de rue dure 4 heures.\n\nCordialement,\n|NAME|",
        "J'ai parlé au Dr |NAME| de la carte de stationnement.",
        "Mon numéro fiscal allemand est |ID:idnr|.",
        "Mon BSN néerlandais est |ID:bsn|.",
        "Mon PESEL est |ID:pesel|.",
        "DNI |ID:dni|, ma carte d'identité espagnole.",
        "NIE |ID:nie|, est-ce suffisant pour la bibliothèque ?",
        "codice fiscale |ID:codicefiscale|",
        "Je viens du Québec, NAS |ID:sin|.",
        "Ma fille |NAME:first| a besoin d'une place en crèche au 1er septembre.",
        "Mon profil est |URL|.",
    ],
}
_KNOWN_TEMPLATES = {
    "en": [
        "I am |NAME|, as you know.",
        "|NAME:first| again.",
        "Mail me at |EMAIL|, my phone is |PHONE|.",
        "The flat is at |ADDRESS|.",
        "Regards\n|NAME:initial|",
    ],
    "fr": [
        "Je suis |NAME|, vous le savez.",
        "C'est encore |NAME:first|.",
        "Mon mail |EMAIL|, mon téléphone |PHONE|.",
        "C'est au |ADDRESS|.",
        "Merci\n|NAME:initial|",
    ],
}
_PLAIN = {
    "en": [
        "The lamp on |{street} is out since {day} {month} {year}.", "Bus {bus} was {few} minutes late at {hour}:{minute}.",
        "The rent rose from {thousand} to {thousand} pounds.", "Article {bus} of the Housing Act {year} says so.",
        "{few} trees were cut along |{street} on {day}/{few}/{year}.", "The budget of {thousand} 000 euros is spent.",
        "Room {bus}, floor {few}: the heating stays at {day} degrees.", "Thank you for your help. Kind regards",
    ],
    "fr": [
        "Le lampadaire de |{street} est en panne depuis le {day} {month} {year}.",
        "Le bus {bus} avait {few} minutes de retard à {hour} h {minute}.",
        "Le loyer est passé de {thousand} à {thousand} euros.", "L'article {bus} de la loi de {year} le dit.",
        "{few} arbres ont été coupés |{street} le {day}/{few}/{year}.", "Le budget de {thousand} 000 euros est dépensé.",
        "Salle {bus}, étage {few} : le chauffage reste à {day} degrés.", "Merci pour votre aide. Cordialement",
    ],
}  # fmt: skip


def generated(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """As many messages as asked for, half English and half French, one in eight with nothing to hide, one in four of a known citizen."""
    chance = random.Random(seed)
    for index in range(count):
        language = ("en", "fr")[index % 2]
        writer = _Writer(chance, language)
        citizen = None
        if index % 8 in {0, 1}:
            sentences = chance.sample(_PLAIN[language], 3)
            writer.text = " ".join(_plain(sentence, chance, language) for sentence in sentences)
        elif index % 8 in {2, 3}:
            citizen = _citizen(chance, language)
            for template in chance.sample(_KNOWN_TEMPLATES[language], 2):
                writer.text += "\n" if writer.text else ""
                writer.write(template, _known_makers(citizen, chance), of_citizen=True)
        else:
            for template in chance.sample(_TEMPLATES[language], 2):
                writer.text += _plain(chance.choice(_PLAIN[language]), chance, language) + " " if chance.random() < 0.5 else ""
                writer.write(template, _makers(chance, language))
                writer.text += "\n"
        record: dict[str, Any] = {"part": "generated", "language": language, "text": writer.text.strip("\n")}
        if citizen is not None:
            record["citizen"] = citizen
        record["spans"] = writer.spans
        yield record


def _plain(sentence: str, chance: random.Random, language: str) -> str:
    months = {"en": "March May June October", "fr": "mars mai juin octobre"}[language].split()
    return sentence.replace("|", "").format(
        street=chance.choice(STREETS[language].split("|")),
        day=chance.randint(10, 28), month=chance.choice(months), year=chance.randint(1965, 2026),
        bus=chance.randint(2, 140), few=chance.randint(2, 12), hour=chance.randint(6, 22), minute=chance.randint(10, 59),
        thousand=f"{chance.randint(1, 99)} {chance.randint(100, 999)}",
    )  # fmt: skip


def _name(chance: random.Random, language: str) -> str:
    name = f"{chance.choice(FIRST_NAMES[language].split())} {chance.choice(LAST_NAMES[language].split())}"
    return name if chance.random() < 0.8 else name.upper()


def _digits(chance: random.Random, count: int) -> str:
    return str(chance.randint(1, 9)) + "".join(str(chance.randint(0, 9)) for _ in range(count - 1))


def _valid(chance: random.Random, count: int, check: Callable[[str], bool]) -> str:
    while not check(digits := _digits(chance, count)):
        pass
    return digits


def _grouped(digits: str, shape: tuple[int, ...], mark: str) -> str:
    parts, done = [], 0
    for size in shape:
        parts.append(digits[done : done + size])
        done += size
    return mark.join(parts)


def _phone(chance: random.Random, language: str) -> str:
    if language == "fr":
        rest = chance.choice(["6", "7", "1", "2"]) + "".join(str(chance.randint(1, 9)) for _ in range(8))
        mark = chance.choice([" ", ".", "-", "", "\u00a0"])
        if chance.random() < 0.3:
            return "+33 " + rest[0] + " " + _grouped(rest[1:], (2, 2, 2, 2), " ")
        return _grouped("0" + rest, (2, 2, 2, 2, 2), mark)
    tail = f"{chance.randint(100000, 999999)}"
    return chance.choice(
        [
            f"07911 {tail}",
            f"+44 7911 {tail}",
            f"0161 496 {tail[:4]}",
            f"(202) 555-01{tail[:2]}",
            f"202.555.01{tail[:2]}",
            f"+1-202-555-01{tail[:2]}",
        ]
    )


def _iban(chance: random.Random, language: str) -> str:
    country, body = {
        "en": ("GB", "NWBK" + _digits(chance, 14)),
        "fr": ("FR", _digits(chance, 23)),
    }[language]
    check = mod_97_10.calc_check_digits(body + country)
    compact = country + check + body
    return compact if chance.random() < 0.5 else _grouped(compact, (4, 4, 4, 4, 4, 4, 4), " ").strip()


def _birthdate(chance: random.Random, language: str) -> str:
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1930, 2020)
    names = {
        "en": "January February March April May June July August September October November December",
        "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    }[language].split()
    return chance.choice(
        [f"{day} {names[month - 1]} {year}", f"{day:02}/{month:02}/{year}", f"{year}-{month:02}-{day:02}", f"{day:02}.{month:02}.{year}"]
    )


def _plate(chance: random.Random, language: str) -> str:
    letters = "ABCDEFGHJKLMNPRSTVWXYZ"

    def some(count: int) -> str:
        return "".join(chance.choice(letters) for _ in range(count))

    return f"{some(2)}{chance.randint(10, 73)} {some(3)}" if language == "en" else f"{some(2)}-{chance.randint(100, 999)}-{some(2)}"


def _personnummer(chance: random.Random) -> str:
    start = f"{chance.randint(40, 99)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}{chance.randint(100, 999)}"
    number = start + str(luhn.calc_check_digit(start))
    number = f"{number[:6]}-{number[6:]}"
    if not se_personnummer.is_valid(number):
        raise ValueError(f"{number} is no personnummer")
    return number


def _makers(chance: random.Random, language: str) -> dict[str, Callable[[], str]]:  # noqa: C901 - one small maker a kind
    streets, towns = STREETS[language].split("|"), _TOWNS[language].split("|")
    first, last = FIRST_NAMES[language].split(), LAST_NAMES[language].split()

    def address() -> str:
        line = f"{chance.randint(1, 240)} {chance.choice(streets)}"
        if language == "fr":
            return line + (f", {chance.randint(10, 95)}{chance.randint(100, 999)} {chance.choice(towns)}" if chance.random() < 0.5 else "")
        return chance.choice(["", f"Flat {chance.randint(1, 30)}, "]) + line

    def nir() -> str:
        start = f"{chance.choice('12')}{chance.randint(10, 99)}{chance.randint(1, 12):02}{chance.randint(1, 19):02}{_digits(chance, 6)}"
        number = start + fr_nir.calc_check_digits(start)
        return number if chance.random() < 0.5 else _grouped(number, (1, 2, 2, 2, 3, 3, 2), " ")

    def dni() -> str:
        number = _digits(chance, 8)
        return number + es_dni.calc_check_digit(number)

    def nie() -> str:
        number = chance.choice("XY") + _digits(chance, 7)
        return number + es_nie.calc_check_digit(number)

    def codice() -> str:
        start = f"RSSMRA{chance.randint(40, 99)}{chance.choice('ABCDEHLMPRST')}{chance.randint(10, 28)}A{chance.randint(100, 999)}"
        return start + codicefiscale.calc_check_digit(start)

    def nn() -> str:
        start = f"{chance.randint(40, 99)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}{chance.randint(100, 997)}"
        number = start + f"{97 - int(start) % 97:02}"
        if not be_nn.is_valid(number):
            raise ValueError(f"{number} is no Belgian number")
        return f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"

    def ahv() -> str:
        number = _valid_ahv(chance)
        return f"{number[:3]}.{number[3:7]}.{number[7:11]}.{number[11:]}"

    def card() -> str:
        start = "4" + _digits(chance, 14)
        number = start + str(luhn.calc_check_digit(start))
        return _grouped(number, (4, 4, 4, 4), chance.choice([" ", "-", ""]))

    def sin() -> str:
        start = str(chance.randint(1, 7)) + _digits(chance, 7)
        return _grouped(start + str(luhn.calc_check_digit(start)), (3, 3, 3), chance.choice([" ", "-"]))

    def email() -> str:
        name = f"{chance.choice(first)}.{chance.choice(last)}".lower().replace("'", "")
        return (
            name.encode("ascii", "ignore").decode()
            + f"{chance.randint(1, 99)}@"
            + chance.choice(["example.org", "mail.example.com", "example.fr"])
        )

    return {
        "NAME": lambda: _name(chance, language),
        "first": lambda: chance.choice(first),
        "last": lambda: chance.choice(last),
        "PHONE": lambda: _phone(chance, language),
        "EMAIL": email,
        "ADDRESS": address,
        "IBAN": lambda: _iban(chance, language),
        "CARD": card,
        "BIRTHDATE": lambda: _birthdate(chance, language),
        "PLATE": lambda: _plate(chance, language),
        "URL": lambda: f"https://www.facebook.com/{chance.choice(first).lower()}.{chance.randint(10, 99)}",
        "nino": lambda: (
            chance.choice(["AB", "JK", "PR"]) + " " + _grouped(_digits(chance, 6), (2, 2, 2), " ") + " " + chance.choice("ABCD")
        ),
        "nhs": lambda: _grouped(_valid(chance, 10, gb_nhs.is_valid), (3, 3, 4), chance.choice([" ", "-", ""])),
        "ssn": lambda: f"{chance.randint(100, 665)}-{chance.randint(10, 99)}-{chance.randint(1000, 9999)}",
        "sin": sin,
        "nir": nir,
        "nn": nn,
        "ahv": ahv,
        "idnr": lambda: _grouped(_valid(chance, 11, de_idnr.is_valid), (2, 3, 3, 3), chance.choice([" ", ""])),
        "bsn": lambda: _valid(chance, 9, nl_bsn.is_valid),
        "pesel": lambda: _valid(chance, 11, pl_pesel.is_valid),
        "dni": dni,
        "nie": nie,
        "codicefiscale": codice,
        "personnummer": lambda: _personnummer(chance),
        "reference": lambda: chance.choice(
            [
                f"{chance.randint(2019, 2026)}-{chance.randint(1000, 99999)}",
                f"AB/{_digits(chance, 5)}/K",
                _digits(chance, 8),
                f"CT{_digits(chance, 6)}",
            ]
        ),
        "account": lambda: _digits(chance, chance.randint(6, 10)),
    }


def _valid_ahv(chance: random.Random) -> str:
    while True:
        number = "756" + _digits(chance, 10)
        if ch_ssn.is_valid(number):
            return number


def _citizen(chance: random.Random, language: str) -> dict[str, str]:
    makers = _makers(chance, language)
    return {
        "name": f"{makers['first']()} {makers['last']()}",
        "email": makers["EMAIL"](),
        "phone": makers["PHONE"](),
        "address": makers["ADDRESS"](),
    }


def _known_makers(citizen: dict[str, str], chance: random.Random) -> dict[str, Callable[[], str]]:
    first, _, last = citizen["name"].partition(" ")

    def name() -> str:
        return chance.choice([f"{first} {last}", f"{last} {first}", f"{first} {last.upper()}", f"{first} {last}".upper()])

    return {
        "NAME": name,
        "first": lambda: first,
        "initial": lambda: chance.choice([f"{first[0]}. {last}", last]),
        "EMAIL": lambda: chance.choice([citizen["email"], citizen["email"].upper()]),
        "PHONE": lambda: chance.choice([citizen["phone"], citizen["phone"].replace(" ", ".")]),
        "ADDRESS": lambda: chance.choice([citizen["address"], citizen["address"].lower()]),
    }
