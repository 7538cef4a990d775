"""Says what another draft does otherwise: which passages it cites, in which language and manner, and what of a wish it cannot do. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from schemas.drafts_requested import DraftRequested, FormerDraft
from services.domain.articles import Passage
from services.drafting import tokenization, wishes
from services.drafting.passage_index import SearchHit
from services.drafting.responsibility import says_what_happens_next
from services.drafting.wishes import Instruction, Wish

MOST_PASSAGES = 3

_PHONE = re.compile(r"\+\d[\d ./-]{6,20}\d|\b0\d{2,4}(?:[ ./-]\d{2,4}){2,4}\b")
_HOURS = re.compile(r"\b\d{1,2}[.:]\d{2}\b|\b\d{1,2} ?h(?:\s?\d{2})?\b")


@dataclass(frozen=True)
class Excerpt:
    """One published sentence, for a phone number or opening hours."""

    passage_id: str
    sentence: str


@dataclass(frozen=True)
class Changes:
    """What is different from the usual draft. Without any, nothing is."""

    asked: bool = False
    passages: tuple[str, ...] | None = None
    """The ids of those to cite, in this order; none: as chosen."""
    excerpts: tuple[Excerpt, ...] = ()
    shorter: bool = False
    plainer: bool = False
    apology: bool | None = None
    formal: bool = False
    friendly: bool = False
    facts: tuple[str, ...] = ()
    """What the citizen is asked for."""
    not_asked: frozenset[str] = frozenset()
    not_done: tuple[str, ...] = ()
    """The parts of the wish that can't be taken up."""
    unwanted: tuple[tuple[str, str], ...] = ()
    """`phone` or `hours`, which are not to be told, and the part of the wish that says so."""
    chooses: bool = False
    """Whether a person chose what is cited."""
    dropped: frozenset[str] = frozenset()
    """The ids of passages that nobody is to cite."""
    language_wishes: frozenset[str] = frozenset()
    """The parts of the wish by which it is in another language."""
    without: "tuple[tuple[str, Changes], ...]" = ()
    """Each wish with the changes that are left without it: where the draft is then the same, it did nothing."""

    @property
    def manner(self) -> tuple[str, ...]:
        """How the draft is written, for the next wish to go on from."""
        apology = () if self.apology is None else ("apology",) if self.apology else ("no_apology",)
        flags = tuple(name for name in ("shorter", "plainer", "formal", "friendly") if getattr(self, name))
        return (*flags, *apology, *(f"ask:{fact}" for fact in self.facts))

    def told_all_the_same(self, body: str) -> list[str]:
        """The parts of the wish that want a number or hours left out which the draft has: in a quotation, which is cut nowhere."""
        return [words for kind, words in self.unwanted if (_PHONE if kind == "phone" else _HOURS).search(body)]

    def other_language_by(self, words: str) -> bool:
        """Whether this part of the wish is why it is in another language."""
        return words in self.language_wishes


def language_asked(instruction: Instruction, request: DraftRequested, languages: Sequence[str]) -> str | None:
    """The template language that the draft is to be in, where a person asked for one, now or of the former draft; otherwise none."""
    spoken = request.triaged.language.code
    before = request.former.language if request.former and request.former.language in languages else spoken
    for wish in instruction.wishes:
        if wish.kind != "language":
            continue
        if wish.wanted and wish.of in languages:
            return wish.of
        others = [code for code in languages if code != (wish.of or before)]
        if (not wish.wanted or not wish.of) and len(others) == 1:
            return others[0]
    return before if instruction.wishes and before != spoken else None


def changes_of(
    instruction: Instruction,
    request: DraftRequested,
    chosen: Sequence[Passage],
    hits: Sequence[SearchHit],
    published: Sequence[Passage],
    language: str,
    languages: Sequence[str],
) -> Changes:
    """The changes that an instruction asks for; `chosen` is what the draft would cite of itself, `language` what it is written in."""
    if not instruction.wishes and not instruction.unread:
        return Changes()
    plan = _Plan(request, chosen, hits, published, language, languages)
    changes = plan.of(instruction.wishes)
    without = tuple(
        (wish.words, plan.of([w for w in instruction.wishes if w.words != wish.words])) for wish in instruction.wishes if wish.wanted
    )
    return replace(changes, not_done=(*instruction.unread, *changes.not_done), without=without)


def passages_in(changes: Changes, hits: Sequence[SearchHit], published: Sequence[Passage]) -> list[SearchHit]:
    """The hits with what the changes cite put before them, so that whoever writes and whoever checks has it."""
    if changes.passages is None:
        return list(hits)
    by_id = {p.passage_id: SearchHit(p, 0.0) for p in published} | {hit.passage.passage_id: hit for hit in hits}
    # With those that it would cite without one wish or the other: each such draft is compared.
    every = [changes, *(others for _, others in changes.without)]
    cited = dict.fromkeys(
        passage_id for c in every for passage_id in (*(c.passages or ()), *(excerpt.passage_id for excerpt in c.excerpts))
    )
    others = [hit for hit in hits if hit.passage.passage_id not in cited]
    return [*(by_id[passage_id] for passage_id in cited), *others]


@dataclass(frozen=True)
class _Plan:
    """All that a wish may speak of."""

    request: DraftRequested
    chosen: Sequence[Passage]
    hits: Sequence[SearchHit]
    published: Sequence[Passage]
    language: str
    languages: Sequence[str]

    def of(self, asked: Sequence[Wish]) -> Changes:
        """What these wishes come to."""
        kinds = self._kinds(asked)
        not_asked = frozenset(wish.of for wish in asked if wish.kind == "ask" and not wish.wanted)
        asked_before = [name.removeprefix("ask:") for name in self._manner if name.startswith("ask:")]
        facts = [*asked_before, *(wish.of for wish in asked if wish.kind == "ask" and wish.wanted)]
        shown = self._shown()
        passages, not_done = self._passages(asked, shown)
        excerpts = []
        for kind, pattern in (("phone", _PHONE), ("hours", _HOURS)):
            for wish in (wish for wish in asked if wish.kind == kind and wish.wanted):
                excerpt = self._excerpt(pattern, passages or shown)
                excerpts += [excerpt] if excerpt else []
                not_done += [] if excerpt else [wish.words]
        not_done += [wish.words for wish in asked if wish.kind == "language" and wish.wanted and wish.of and wish.of not in self.languages]
        return Changes(
            asked=True,
            passages=tuple(passage.passage_id for passage in self._translated(passages)),
            excerpts=tuple(dict.fromkeys(excerpts)),
            shorter=kinds.get("shorter", False),
            plainer=kinds.get("plainer", False),
            apology=kinds.get("apology"),
            formal=kinds.get("formal", False),
            friendly=kinds.get("friendly", False),
            facts=tuple(fact for fact in dict.fromkeys(facts) if fact not in not_asked and fact in wishes.facts()),
            not_asked=not_asked,
            not_done=tuple(dict.fromkeys(not_done)),
            unwanted=tuple((wish.kind, wish.words) for wish in asked if wish.kind in ("phone", "hours") and not wish.wanted),
            chooses=any(wish.kind in ("take", "another", "when") and wish.wanted for wish in asked),
            dropped=frozenset(p.passage_id for p in (*shown, *self._translated(shown)) if p not in self._translated(passages)),
            language_wishes=frozenset(wish.words for wish in asked if wish.kind == "language" and self._changes_language(wish)),
        )

    @property
    def _manner(self) -> Sequence[str]:
        return self.request.former.manner if self.request.former else ()

    def _kinds(self, asked: Sequence[Wish]) -> dict[str, bool]:
        """What is wanted and what not: what the former draft had stays, but for what these wishes say; a draft is formal or friendly."""
        kinds = {name: True for name in ("shorter", "plainer", "formal", "friendly", "apology") if name in self._manner}
        if "no_apology" in self._manner:
            kinds["apology"] = False
        kinds |= {wish.kind: wish.wanted for wish in asked}
        wanted_kinds = {wish.kind for wish in asked if wish.wanted}
        for tone, other in (("formal", "friendly"), ("friendly", "formal")):
            if tone in wanted_kinds and other not in wanted_kinds:
                kinds[other] = False
        return kinds

    def _changes_language(self, wish: Wish) -> bool:
        before = self.request.former.language if self.request.former else self.request.triaged.language.code
        return before != self.language and (wish.of == self.language or not wish.of or not wish.wanted)

    def _shown(self) -> list[Passage]:
        """What the former draft cites, as the page counts it; what this one would, where that is not known."""
        former: FormerDraft | None = self.request.former
        if former is None:
            return list(self.chosen)
        by_id = {passage.passage_id: passage for passage in self.published}
        passages = [by_id[passage_id] for passage_id in former.passages if passage_id in by_id]
        return list(self.chosen) if former.passages and not passages else passages

    def _passages(self, asked: Sequence[Wish], shown: Sequence[Passage]) -> tuple[list[Passage], list[str]]:
        passages, not_done, replaced = list(shown), [], False
        for wish in asked:
            if not wish.wanted or wish.kind not in ("drop", "wrong", "another", "take", "when"):
                continue
            meant = self._meant(wish, shown)
            if wish.kind in ("drop", "wrong") and meant:
                passages = [passage for passage in passages if passage not in meant]
            elif wish.kind == "another" and (other := self._other(shown)):
                passages, replaced = [other], True
            elif wish.kind == "take" and meant:
                kept = passages if wish.beside or replaced else []
                passages, replaced = [*(p for p in kept if p not in meant), *meant], True
            elif wish.kind == "when" and (tells := self._tells_when(passages)):
                passages = [*(p for p in passages if p != tells), tells]
            else:
                not_done.append(wish.words)
        return passages[:MOST_PASSAGES], not_done

    def _meant(self, wish: Wish, shown: Sequence[Passage]) -> list[Passage]:
        """The passages that a wish names by number, id or title; all that are shown where it names none and wants them away."""
        if wish.numbers:
            places = [len(shown) + n if n < 0 else n - 1 for n in wish.numbers]
            return [shown[place] for place in places if 0 <= place < len(shown)]
        if wish.kind == "wrong":
            return list(shown)
        ids = [
            passage for passage in self.published if re.search(rf"(?<![\w#.-]){re.escape(passage.passage_id.lower())}(?![\w#-])", wish.of)
        ]
        if ids:
            return ids
        if wish.kind == "drop":
            words = _bare(wish.of)
            return self._titled(words, shown, self.language) if words else list(shown)
        # A colleague who reads French letters may name an article by its English title.
        every = dict.fromkeys((self.language, self.request.triaged.language.code, *(p.language for p in self.published)))
        titled = (self._titled(_bare(wish.of), [p for p in self.published if p.language == code], code)[:1] for code in every)
        return next((passages for passages in titled if passages), [])

    def _titled(self, words: str, passages: Sequence[Passage], language: str) -> list[Passage]:
        """Those whose title and heading have every word, the closest first; of two articles alike none, nor where no word is left."""
        wanted = set(tokenization.content(words, language))
        if not wanted:
            return []
        named = []
        for passage in passages:
            heading, title = (
                set(tokenization.content(text, language)) for text in (passage.heading, f"{passage.title} {passage.asked_as}")
            )
            if wanted <= heading | title:
                named.append((len(wanted & heading), len(wanted & title) / max(1, len(title)), passage))
        named.sort(key=lambda entry: (-entry[0], -entry[1]))
        return [passage for _, _, passage in named]

    def _other(self, shown: Sequence[Passage]) -> Passage | None:
        articles = {passage.article_id for passage in shown}
        return next((hit.passage for hit in self.hits if hit.passage.article_id not in articles), None)

    def _tells_when(self, passages: Sequence[Passage]) -> Passage | None:
        articles = {passage.article_id for passage in passages} or {hit.passage.article_id for hit in self.hits[:1]}
        return next((p for p in self.published if p.article_id in articles and says_what_happens_next(p.heading)), None)

    def _excerpt(self, pattern: re.Pattern[str], passages: Sequence[Passage]) -> Excerpt | None:
        """The first published sentence that has it: of what is cited, of its articles, of the category."""
        articles = {passage.article_id for passage in passages}
        category = self.request.triaged.category
        ranked = [
            *self._translated(passages),
            *(p for p in self.published if p.article_id in articles),
            *(hit.passage for hit in self.hits if hit.passage.category == category),
            *(p for p in self.published if p.category == category),
        ]
        for passage in ranked:
            if passage.language != self.language:
                continue
            for sentence in re.split(r"(?<=[.!?])\s+(?=[^\W\da-z_])|\n+", passage.text):
                if pattern.search(sentence) and sentence in passage.text:
                    return Excerpt(passage.passage_id, sentence)
        return None

    def _translated(self, passages: Sequence[Passage]) -> list[Passage]:
        return [self._in_language(passage) or passage for passage in passages]

    def _in_language(self, passage: Passage) -> Passage | None:
        """The same passage of the article in the draft's language, where there is one under the same name with as many passages."""
        if passage.language == self.language:
            return passage
        pattern = rf"(?<![A-Za-z0-9]){re.escape(passage.language)}(?![A-Za-z0-9])"
        article = re.sub(pattern, self.language, passage.article_id, count=1)
        if article == passage.article_id:
            return None
        own, other = _of_article(passage.article_id, self.published), _of_article(article, self.published)
        if len(own) != len(other) or passage.passage_id not in own:
            return None
        return other[list(own)[list(own).index(passage.passage_id)].replace(passage.article_id, article, 1)]


def _of_article(article_id: str, published: Collection[Passage]) -> dict[str, Passage]:
    return {passage.passage_id: passage for passage in published if passage.article_id == article_id}


def _bare(words: str) -> str:
    """Words that name a passage, without those that only say that it is one."""
    return " ".join(wishes.content_left(re.sub(r"\binstead\b|\bplutot\b|\ba la place\b", " ", wishes.without_passage_words(words))))
