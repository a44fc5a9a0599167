"""Items to wishes: degree, negation and comparison go with the word they stand before, adjectives with their part."""

from dataclasses import dataclass, field, replace

from .items import Item, Reader
from .lexicon import OF_THE_WHOLE, SIZE, STANDS, Lexicon, Meaning, Word, shipped_lexicon
from .tokens import BREAK, END
from .wishes import ABSENT, NOT, NOT_AT_ALL, NOT_VERY, PLAIN, STEP, Understood, Wish

MUCH = 0.9
"""Degrees from here on are denied only: who is not very tall is rather short, but not by much."""
_LINKS = {"and", "or", "nor"}
_OPENERS = {"with", "has", "have", "having", "had", "his", "her", "its", "their"}
"""After these, adjectives in a row are all of the part that follows: "with long, thin legs"."""
_ARTICLES = {"a", "an", "the"}
_ABSENCE = {"no", "without", "lacking", "lacks", "lack", "free of", "devoid of"}
_MILD = Item("", "", degree=0.45, step=0.15)
"""What "-ish" adds."""
_AFTER = {"as possible", "as can be"}
"""Degrees that are no steps and stand after their word, beside adverbs."""
_LOOKS = {"pretty"}
"""Degrees that before a noun are adjectives, of which nothing is known."""


def understand(text: str, further: dict[str, Word] | None = None, lexicon: Lexicon | None = None) -> Understood:
    """What a line of English asks for. further: words beside the lexicon's, by their key."""
    lexicon = lexicon or shipped_lexicon()
    return _Sentence(Reader(lexicon, further or {}), text).run()


@dataclass
class _How:
    """What was said before the word that it goes with."""

    words: list[str] = field(default_factory=list)
    degree: Item | None = None
    compared: float = 0.0
    topmost: float = 0.0
    denials: int = 0
    strong: bool = False
    absent: bool = False
    behind: str = ""
    """A degree that stood after the word."""

    @property
    def denied(self) -> bool:
        return self.denials % 2 == 1

    def with_item(self, item: Item) -> "_How":
        """Of a word that compares by its own ending, as "taller"; a degree after it counts too."""
        degree = _MILD if item.mild and self.degree is None else self.degree
        return replace(
            self, degree=degree, compared=self.compared or item.compared, topmost=self.topmost or item.topmost
        )

    def amount(self) -> tuple[float, bool]:
        """How far, and whether from where the slider is now."""
        if self.compared:
            step = self.degree.step if self.degree is not None and self.degree.step is not None else STEP
            return (0.0 if self.denied else self.compared * step), True
        degree = PLAIN if self.degree is None or self.degree.degree is None else self.degree.degree
        if self.topmost:
            degree = self.topmost
        if not self.denied:
            return degree, False
        if self.strong:
            return NOT_AT_ALL, False
        return (ABSENT if self.absent else NOT_VERY if degree >= MUCH else NOT), False


@dataclass
class _Adjective:
    """One that may still be a part's. near: whether nothing but the part itself may stand after it."""

    item: Item
    how: _How
    near: bool = True


@dataclass
class _Said:
    """A wish with what it was made of, as long as words after it may still change it."""

    item: Item
    how: _How
    means: Meaning
    noun: bool
    key: str
    text: str
    pair: bool = False


class _Sentence:
    def __init__(self, reader: Reader, text: str) -> None:
        self.reader, self.items = reader, reader.read(text)
        self.said: list[_Said] = []
        self.unknown: list[str] = []
        self.how = _How()
        self.waiting: list[_Adjective] = []
        self.opened = self.reopens = self.listed = False
        self.part: Item | None = None
        """A part that no adjective stood before: one may come after it."""
        self.shared: list[_Adjective] = []
        """Adjectives of the part before: "broad shoulders and hips"."""
        self.likened = False
        self.neither: int | None = None
        self.spoken = False
        """Whether anything was said since the last pause."""

    def run(self) -> Understood:
        i = 0
        while i < len(self.items):
            i = self._take(i)
        self._pause(END)
        return Understood(tuple(map(self._wish, self.said)), tuple(dict.fromkeys(self.unknown)))

    # one item after the other

    def _take(self, i: int) -> int:
        """Take in an item; returns where to go on."""
        item = self.items[i]
        if item.pause:
            self._pause(item.pause)
        elif item.key == "than" or (item.key == "as" and (self.likened or (i and self.items[i - 1].describes))):
            return self._skip(i)
        elif item.negation:
            self._deny(item)
        elif item.key in _LINKS:
            self._link(item.key)
        elif item.after:
            self._strengthen()
        elif self._is_degree(i):
            self._degree(item, i)
        elif item.part is not None and not item.modifier:
            self._name_part(item, i)
        elif item.describes:
            self._describe(item, i)
        elif item.names:
            self._name(item)
        elif item.compared or item.topmost:
            self.how = replace(self.how.with_item(item), words=[*self.how.words, item.text])
        elif item.ignored:
            if item.key in _ARTICLES | _OPENERS:
                self.shared = []
            if item.key in _OPENERS:
                self._let_go()
                self.opened = True
            if item.key in ("but", "yet"):
                self._pause(END)
        elif not item.known:
            self._not_known(i)
        return i + 1

    def _skip(self, i: int) -> int:
        """Leave out what something is compared with: "than a giant", "as an ox"."""
        self.likened = False
        while i < len(self.items) and not self.items[i].pause and self.items[i].key not in (*_LINKS, "but"):
            i += 1
        return i

    def _next(self, i: int) -> Item | None:
        """The next item that says something, unless a pause comes first."""
        for item in self.items[i + 1 :]:
            if item.pause or item.key in _LINKS:
                return None
            if not item.ignored or item.describes or item.names or item.part is not None:
                return item
        return None

    def _is_degree(self, i: int) -> bool:
        item, after = self.items[i], self._next(i)
        if not item.scales:
            return False
        if item.describes or item.part is not None:  # "wide open" and "open the mouth wide", but "wide hips"
            return bool(self.shared) and self.part is None if after is None else after.describes and not after.part
        return True

    def _degree(self, item: Item, i: int) -> None:
        after = self._next(i)
        plain = after is not None and after.names and not after.describes
        if plain and item.key == "a little":
            self._describe(self.reader.item("little"), i)
        elif plain and item.key in _LOOKS:
            self.unknown.append(item.text)
        elif after is None and self.spoken and self._stands_after(item) and self._after(item):
            return
        elif self.how.degree is None or self.how.degree.degree is None or item.degree is None:
            self.how = replace(self.how, degree=item, words=[*self.how.words, item.text])
        else:  # of "a bit more rather tall" the first one counts
            self.how = replace(self.how, words=[*self.how.words, item.text])

    @staticmethod
    def _stands_after(item: Item) -> bool:
        return item.step is not None or item.describes or item.key in _AFTER or item.key.endswith("ly")

    def _after(self, item: Item) -> bool:
        """Whether a degree goes with the word before it: "smiling a little"."""
        last: list[_Said | _Adjective] = [*self.said[-1:], *self.waiting[-1:]]
        if not last or last[-1].how.degree is not None:
            return False
        one = last[-1]
        one.how = replace(one.how, degree=item, behind=item.text)
        if isinstance(one, _Said):
            one.text = f"{one.text} {item.text}"
        return True

    def _deny(self, item: Item) -> None:
        if item.key == "neither":
            self._pause(BREAK)
            self.neither = len(self.said)
        elif item.key == "nor":
            self._link(item.key)
        self.how = replace(
            self.how,
            denials=self.how.denials + 1,
            strong=self.how.strong or item.negation > 1,
            absent=item.key in _ABSENCE,
            words=[*self.how.words, item.text],
        )

    def _strengthen(self) -> None:
        for how in [adjective.how for adjective in self.waiting[-1:]] or [said.how for said in self.said[-1:]]:
            how.strong = True

    def _pause(self, mark: str) -> None:
        """A comma, or the end of a clause: what was said before goes with nothing after it."""
        self._compare_behind()
        self.spoken = False
        if mark == END or not (self.opened and self.waiting):
            self._let_go()
            self.opened = False
        for adjective in self.waiting:
            adjective.near = False
        self.how, self.likened, self.part = _How(), False, None
        # "smaller nose, ears and chin"
        self.listed, self.shared = bool(self.shared), [] if mark == END else self.shared
        self.reopens = False
        if mark == END:
            self.neither = None

    def _compare_behind(self) -> None:
        """Comparatives with nothing after them: "smile less"."""
        last: list[_Said | _Adjective] = [*self.said[-1:], *self.waiting[-1:]]
        if self.how.compared and self.spoken and last and not last[-1].how.compared:
            one = last[-1]
            one.how = replace(one.how, compared=self.how.compared, degree=self.how.degree)

    def _link(self, key: str) -> None:
        """And, or, nor: a part's adjectives, and with "or" its denial, may go on."""
        self._compare_behind()
        denied = (self.waiting or self.said) and key == "or"
        last = (self.waiting[-1].how if self.waiting else self.said[-1].how) if denied else None
        self.likened = False
        for adjective in self.waiting:
            adjective.near = False
        self.how = replace(_How(), denials=1, absent=last.absent, words=["not"]) if last and last.denied else _How()
        self.opened = self.opened or self.reopens
        if not self.shared:
            self.part = None

    def _not_known(self, i: int) -> None:
        self.unknown.append(self.items[i].text)
        after = self.items[i + 1] if i + 1 < len(self.items) else None
        if self.opened and (after is None or after.pause or after.ignored or after.key in _LINKS):
            # "with long tresses": whatever they are, nobody is said to be long
            self.waiting = [adjective for adjective in self.waiting if not adjective.near]
            self._let_go()
        # "not exactly slim"
        self.how, self.part, self.shared = replace(self.how, degree=None, compared=0.0, topmost=0.0), None, []

    # what means something

    def _describe(self, item: Item, i: int) -> None:
        how, self.how = self.how.with_item(item), _How()
        after = self.items[i + 1] if i + 1 < len(self.items) else None
        if self.part is not None and self._binds(self.part, item) and not (after is not None and after.part):
            self._say_of(self.part, _Adjective(item, how), behind=True)
            self.shared = self.shared or [_Adjective(item, how)]
            return
        last = self.reader.item(item.key.rpartition(" ")[2])
        compound = last.part is not None and last.key != item.key and bool(self.waiting) and self.waiting[-1].near
        if compound and self._binds(last, self.waiting[-1].item):  # "a large Roman nose"
            self._say_of(last, self.waiting.pop())
        # "as strong as an ox"
        self.likened = i > 0 and self.items[i - 1].key == "as"
        for adjective in self.waiting:
            adjective.near = adjective.near and self.opened
        self.waiting.append(_Adjective(item, how))
        self.spoken, self.shared = True, []

    @staticmethod
    def _binds(part: Item, item: Item) -> bool:
        return part.part is not None and part.part.asked(item.modifier) is not None

    def _name_part(self, item: Item, i: int) -> None:
        part, how, self.how = item.part, self.how, _How()
        assert part is not None
        formed = item.text.endswith("ed")
        own = [adjective for adjective in self.waiting[-1:] if adjective.near]
        if formed and i and not self.items[i - 1].known:  # "a plump red-faced man"
            own = []
        if self.opened and not formed:
            asked = [part.asked(one.item.modifier) is not None for one in self.waiting]
            own = [one for one, for_part in zip(self.waiting, asked, strict=True) if for_part or one in own]
        self.waiting = [one for one in self.waiting if not any(one is other for other in own)]
        self._let_go()
        after = self.items[i + 1] if i + 1 < len(self.items) else None
        ends = after is None or after.pause or after.key in _LINKS
        if not own and self.shared and not how.words and not part.says.get(STANDS) and (ends or not self.listed):
            own = self.shared
        self.part = None
        for adjective in own:
            self._say_of(item, adjective)
        if own:
            self.shared, self.opened, self.reopens = own, False, self.opened
        elif how.denials or how.compared or how.topmost:
            self._say(item, how, dict(part.lacking))
        elif part.shapeless:
            self._say(item, how, dict(part.says[SIZE]))
        elif STANDS in part.says:
            self._say(item, how, dict(part.says[STANDS]))
        else:
            self.part = item

    def _say_of(self, item: Item, adjective: _Adjective, behind: bool = False) -> None:
        """An adjective with its part."""
        part, said = item.part, adjective.item
        assert part is not None
        words = [*adjective.how.words, said.text, *adjective.how.behind.split()]
        text = " ".join([item.text, *words] if behind else [*words, item.text])
        means = part.says[SIZE] if part.shapeless else part.asked(said.modifier)
        if means is None:
            means = said.word.means if said.word is not None else {}
            here = {name for said_here in part.says.values() for name in said_here}
            beside = OF_THE_WHOLE - here if not part.whole else frozenset()
            means = {name: weight for name, weight in means.items() if name not in beside}
        self._say(said, adjective.how, dict(means), text=text)

    def _name(self, item: Item) -> None:
        how, self.how = self.how.with_item(item), _How()
        self._let_go()
        self.opened, self.part, self.shared = False, None, []
        assert item.word is not None
        self._say_word(item, how, item.word)

    def _say_word(self, item: Item, how: _How, word: Word) -> None:
        means = dict(word.means)
        if how.denied and word.noun:  # "not a giant" is about height alone
            most = max(map(abs, means.values()))
            means = {name: weight for name, weight in means.items() if abs(weight) >= 0.7 * most}
        self._say(item, how, means, noun=word.noun, key=item.key)

    def _let_go(self) -> None:
        """The adjectives that were waiting are about the whole."""
        waiting, self.waiting = self.waiting, []
        for one in waiting:
            if one.item.word is not None:
                self._say_word(one.item, one.how, one.item.word)
            elif not one.item.ignored:  # "jutting" of nothing
                self._say(one.item, one.how, {})

    def _say(
        self, item: Item, how: _How, means: Meaning, noun: bool = False, key: str = "", text: str | None = None
    ) -> None:
        self.spoken = True
        words = (*how.words, item.text, *how.behind.split())
        said = _Said(item, how, means, noun, key, " ".join(words) if text is None else text)
        self.said.append(said)
        if self.neither is not None and how.denied and len(self.said) - self.neither == 2:
            first, self.neither = self.said[-2], None
            # neither happy nor sad: at rest
            said.pair = first.pair = first.how.denied and self._opposite(first.means, means)

    def _opposite(self, one: Meaning, other: Meaning) -> bool:
        first, second = self.reader.lexicon.shown(one), self.reader.lexicon.shown(other)
        return sum(weight * second.get(name, 0.0) for name, weight in first.items()) < 0

    @staticmethod
    def _wish(said: _Said) -> Wish:
        amount, change = said.how.amount()
        means = said.means
        if said.pair:
            means, amount = dict.fromkeys(means, 0.0), 0.0
        elif said.how.denied and not any(means.values()):
            means = {}  # "not average" may be anything
        return Wish(said.text, means, amount, change, said.noun, said.key)
