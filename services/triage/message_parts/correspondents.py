"""Attributes quoted letters to the agency or to others: the agency's own quoted words must not raise danger signals."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cached_property

from schemas.requests_received import RequestReceived
from services.domain import reply_note, subject_prefixes

_PROVIDERS_LIST = (
    "gmail googlemail outlook hotmail live yahoo gmx web icloud me aol orange free laposte sfr wanadoo t-online proton protonmail "
    "posteo mailbox libero tiscali wp o2 interia telenet skynet ziggo kpnmail sapo terra"
)
_PROVIDERS = frozenset(_PROVIDERS_LIST.split())
"""Where anybody may have an address: a neighbour at the same provider is not the agency."""

_OF_A_HOUSE = tuple(
    sentence.casefold()
    for sentence in (
        "as we understand it, it is about:",
        "as we understand it, your message is about:",
        "this is what we have published about it",
        "it is published in another language than yours; tell us if you would like help",
        "if this does not settle your question, please reply to this message",
        "please call the emergency services and do not wait for our answer",
        "if anyone is in danger right now, please call the emergency services on",
        "so that we can go on, please reply to this message:",
        "please write to us again if anything is unclear; we are glad to help",
        "thank you for your kind words; it is good of you to take the time",
        "we will pass them on to",
        "will look at what you describe and answer you",
        "you do not need to report it again",
        "there is no need to write to us about it again",
        "will look at what you describe and tell you",
        "please write to them as well. we cannot tell you what they will decide",
        "will look up what you sent us before and where it stands",
        "will look at each of the matters that you name",
        "another body may be responsible for what you describe",
        "will read it and, where it calls for an answer, answer you",
        "will read your message and, where it calls for an answer, answer you",
        "this is what we have published about who is responsible",
        "thank you, we have received your message and noted it",
        "nous avons compris qu'il concerne :",
        "nous avons compris que votre message concerne :",
        "nous avons compris que votre message concerne :",
        "voici ce que nous avons publié à ce sujet",
        "ce texte est publié dans une autre langue que la vôtre",
        "si cela ne répond pas à votre question, il suffit de répondre à ce message",
        "appelez sans attendre les secours : n'attendez pas notre réponse",
        "si quelqu'un est en danger en ce moment, appelez sans attendre les secours au",
        "pour que nous puissions avancer, merci de répondre à ce message",
        "écrivez-nous de nouveau si quelque chose n'est pas clair",
        "merci pour vos mots aimables et pour le temps que vous avez pris",
        "nous les transmettrons ",
        "examinera ce que vous décrivez et vous répondra",
        "il n'est pas nécessaire de le signaler une seconde fois",
        "il n'est pas nécessaire de nous écrire une seconde fois à ce sujet",
        "examinera ce que vous décrivez et vous dira",
        "nous ne pouvons pas vous dire ce qu'ils décideront",
        "recherchera votre envoi précédent et l'état de sa suite",
        "examinera chacun des sujets que vous citez",
        "un autre organisme est peut-être compétent pour ce que vous décrivez",
        "le lira et, s'il appelle une réponse, vous répondra",
        "lira votre message et, s'il appelle une réponse, vous répondra",
        "voici ce que nous avons publié sur l'organisme compétent",
        "merci, nous avons bien reçu votre message et en avons pris note",
    )
)
"""What only our own replies say; a test holds these beside the sentences that replies are made of."""

_TO_A_CITIZEN = re.compile(
    r"\b(?:thank you for (?:contacting|writing to|getting in touch|your (?:message|e-?mail|enquiry|inquiry|letter|report|request))"
    r"|we (?:have )?(?:received|registered|logged) your|your (?:request|report|case|enquiry|reference)(?: number)? (?:is|has been)"
    r"|merci (?:pour|de) (?:votre|nous avoir)|nous avons bien re[cç]u (?:votre|le)|nous accusons r[eé]ception"
    r"|vielen dank f[uü]r ihre|wir haben ihre (?:nachricht|anfrage|meldung)|ihre (?:meldung|anfrage) (?:wurde|ist|haben wir)"
    r"|gracias por (?:su|tu|contactar|escribir|ponerse)|hemos recibido su|grazie per (?:averci|la sua|il suo)|abbiamo ricevuto (?:la"
    r" sua|il suo)"
    r"|(?:bedankt|dank u(?: wel)?) voor uw|wij hebben uw|obrigad[oa] (?:pel[oa] s|por)|recebemos (?:a sua|o seu)|dzi[eę]kujemy za)",
    re.IGNORECASE,
)
_NO_REPLY = re.compile(r"\b(?:no|do[-_.]?not|ne[-_.]?pas)[-_.]?(?:reply|r[eé]pondre)\b", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]]{1,64}@([^\s<>\"'(),;:\[\]]{1,200})")


@dataclass(frozen=True)
class Agency:
    """Who we are, as mail programs and letters name us: the sender of replies, and our departments in every language."""

    sender: str = ""
    departments: frozenset[str] = frozenset()

    @cached_property
    def domain(self) -> str:
        """Where our replies come from; empty where anybody may have an address there."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2].casefold()
        return "" if domain.partition(".")[0] in _PROVIDERS else domain

    @cached_property
    def name(self) -> str:
        """What mail programs show of our address."""
        return parseaddr(self.sender)[0].casefold()

    @cached_property
    def sign_offs(self) -> frozenset[str]:
        """The departments as a last line has them."""
        return frozenset(_plain(name) for name in self.departments)


@dataclass(frozen=True)
class Correspondence:
    """What is known of a message besides its body: enough to tell whose words it quotes."""

    agency: Agency = field(default_factory=Agency)
    slug: str = ""
    citizen: frozenset[str] = frozenset()
    is_reply: bool = False
    is_forward: bool = False

    @classmethod
    def of(cls, request: RequestReceived, agency: Agency) -> "Correspondence":
        """Read off the request."""
        citizen = request.citizen
        names = f"{citizen.name or ''} {(citizen.email or '').partition('@')[0]}" if citizen else ""
        return cls(
            agency=agency,
            slug=request.agency,
            citizen=frozenset(_plain(word) for word in _WORDS.findall(names)),
            is_reply=request.in_reply_to is not None or subject_prefixes.is_reply(request.subject),
            is_forward=subject_prefixes.is_forward(request.subject),
        )

    def wrote(self, sender: str | None, quoted: Iterable[str]) -> bool:
        """Whether the agency wrote this: it is named as sender, or the words are those of a reply of ours."""
        if sender and self._is_ours(sender):
            return True
        lines = [line for line in quoted if line]
        text = _in_one_line(lines)
        if self.has_own_sentence(lines) or reply_note.places("\n".join(lines)):
            return True
        if sender and (self._is_the_citizens(sender) or not self.is_reply or self.is_forward or _ADDRESS.search(sender)):
            return False
        if any(self.is_sign_off(line) for line in lines[-8:]):
            return True
        return self.is_reply and not self.is_forward and _TO_A_CITIZEN.search(text[:400]) is not None

    def begins_reply(self, below_greeting: Iterable[str], *, signed: bool) -> bool:
        """Whether what stands below a greeting, with no header above it, is a reply of the agency that was pasted. `signed` by it."""
        text = _in_one_line(below_greeting)
        return self.has_own_sentence((text,)) or (signed and self.is_reply and _TO_A_CITIZEN.match(text) is not None)

    def has_own_sentence(self, lines: Iterable[str]) -> bool:
        """Whether a sentence stands there that only replies of ours have."""
        text = _in_one_line(lines)
        return any(sentence in text for sentence in _OF_A_HOUSE)

    def is_sign_off(self, line: str) -> bool:
        """Whether a line is the name of one of the agency's departments, with which its replies end."""
        return _plain(line).rstrip(",.") in self.agency.sign_offs

    def _is_ours(self, sender: str) -> bool:
        if _NO_REPLY.search(sender):
            return True
        addresses = [domain.casefold().rstrip(".") for domain in _ADDRESS.findall(sender)]
        if self.agency.domain and any(f".{domain}".endswith(f".{self.agency.domain}") for domain in addresses):
            return True
        if self.slug and any(self._names_us(domain) for domain in addresses):
            return True
        shown = _plain(_ADDRESS.sub(" ", sender))
        named = set(_WORDS.findall(shown))
        if self.agency.name and set(_WORDS.findall(_plain(self.agency.name))) <= named:
            return not addresses or not self._is_the_citizens(sender)
        if any(sign_off in shown for sign_off in self.agency.sign_offs):
            return True
        return bool(self.slug) and set(_WORDS.findall(_plain(self.slug.replace("-", " ")))) <= named and not self._is_the_citizens(sender)

    def _names_us(self, domain: str) -> bool:
        labels = domain.split(".")[:-1]
        slug = self.slug.replace("-", "")
        return labels[-1:] not in ([provider] for provider in _PROVIDERS) and any(slug in label.replace("-", "") for label in labels)

    def _is_the_citizens(self, sender: str) -> bool:
        return bool(self.citizen) and not self.citizen.isdisjoint(_WORDS.findall(_plain(sender)))


def _in_one_line(lines: Iterable[str]) -> str:
    return " ".join(lines).casefold().replace("\u2019", "'").replace("\u00a0", " ")


def _plain(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())
