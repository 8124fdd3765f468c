"""Text in, words out, as Docker's own lexer cuts them at quotes, escapes and `${…}`.

Docker finds heredocs with it and expands ENV, COPY and the like with it. Knows neither
instructions nor values: every variable counts as unset and stays in place.
"""

import re

from mllint.parse.dockerfile.words import SPACES
from mllint.regex import lazy

# Docker nests as deep as its stack allows; nobody writes `${a:-${b:-…}}` fifty deep.
_DEEPEST = 50

_PLAIN = lazy(rf"[^{re.escape(SPACES)}$<'\"\\`]+")
_PLAIN_IN_DOUBLE_QUOTES = lazy(r"[^\"$\\`]+")
_NAME = lazy(r"[0-9]+|[@*#?$!-]|\w*")
_ANGLES = lazy(r"<<[\t\r ]*")


class LexicalError(ValueError):
    """What Docker's lexer cannot read; the message is Docker's."""


class DockerLexer:
    """One pass over `text`.

    raw_quotes and raw_escapes keep quotes and escape characters in the words. quotes: whether
    quotes mean anything (they do not in the body of a heredoc). strict: whether `${a:=b}` is an
    error, which Docker refuses only when it looks the value up.
    """

    def __init__(
        self,
        text: str,
        escape: str = "\\",
        *,
        raw_quotes: bool = False,
        raw_escapes: bool = False,
        quotes: bool = True,
        strict: bool = False,
    ) -> None:
        # Go's scanner drops a byte order mark before anything else: `<<` and one is no heredoc.
        self.text = text.removeprefix("\ufeff")
        self.escape = escape
        self.raw_quotes = raw_quotes
        self.raw_escapes = raw_escapes
        self.quotes = quotes
        self.strict = strict
        self._at = 0
        self._depth = 0
        self._word: list[str] = []
        self._words: list[str] = []

    def words(self) -> list[str]:
        """The words of the text. Raises LexicalError where Docker gives up."""
        self._read("")
        self._end_word()
        return self._words

    def _end_word(self) -> None:
        if any(self._word):
            self._words.append("".join(self._word))
        self._word.clear()

    def _peek(self) -> str:
        return self.text[self._at : self._at + 1]

    def _next(self) -> str:
        self._at += 1
        return self.text[self._at - 1 : self._at]

    def _read(self, stop: str) -> str:
        """The text up to `stop`, which is passed; "" reads to the end and gathers words.

        A nested read forgets the word that was begun outside, as Docker's does (its two readers
        share one buffer): `<<EOF${A:-b}` is no heredoc.
        """
        self._word.clear()
        out: list[str] = []
        while char := self._peek():
            if char == stop:
                self._at += 1
                return "".join(out)
            if char == "$":
                piece = self._dollar()
                self._add(piece, stop)
            elif char in "'\"" and self.quotes:
                piece = self._single_quoted() if char == "'" else self._double_quoted()
                self._add_raw(piece, stop)
            elif char == "<" or char == self.escape:
                piece = self._angle() if char == "<" else self._escaped()
                self._add_raw(piece, stop)
            else:
                # A character that some reader stops at is taken one at a time.
                plain = None if stop else _PLAIN.match(self.text, self._at)
                piece = plain[0] if plain else char
                self._at += len(piece)
                self._add(piece, stop)
            out.append(piece)
        if stop:
            raise LexicalError(f"unexpected end of statement while looking for matching {stop}")
        return "".join(out)

    def _add_raw(self, piece: str, stop: str) -> None:
        if not stop:
            self._word.append(piece)

    def _add(self, piece: str, stop: str) -> None:
        """Add text whose blanks end words."""
        if stop:
            return
        if not any(char in SPACES for char in piece):
            self._word.append(piece)
            return
        for char in piece:
            if char in SPACES:
                self._end_word()
            else:
                self._word.append(char)

    def _escaped(self) -> str:
        kept = self._next() if self.raw_escapes else ""
        if not self.raw_escapes:
            self._at += 1
        return kept + self._next()

    def _angle(self) -> str:
        """`<`, or `<<` with the blanks after it: the delimiter may stand apart from it."""
        angles = _ANGLES.match(self.text, self._at)
        piece = angles[0] if angles else "<"
        self._at += len(piece)
        return piece

    def _single_quoted(self) -> str:
        end = self.text.find("'", self._at + 1)
        if end < 0:
            raise LexicalError(
                "unexpected end of statement while looking for matching single-quote"
            )
        inside = self.text[self._at + 1 : end]
        self._at = end + 1
        return f"'{inside}'" if self.raw_quotes else inside

    def _double_quoted(self) -> str:
        quote = '"' if self.raw_quotes else ""
        out = [quote]
        self._at += 1
        while char := self._peek():
            if char == '"':
                self._at += 1
                return "".join(out) + quote
            if char == "$":
                out.append(self._dollar())
                continue
            plain = _PLAIN_IN_DOUBLE_QUOTES.match(self.text, self._at)
            piece = plain[0] if plain else char
            self._at += len(piece)
            if piece == self.escape:
                # Docker doubles a raw escape that escapes nothing: "a\b" is read as "a\\b".
                out.append(piece if self.raw_escapes else "")
                following = self._peek()
                if following and following in ('"', "$", self.escape):
                    self._at += 1
                    piece = following
            out.append(piece)
        raise LexicalError("unexpected end of statement while looking for matching double-quote")

    def _dollar(self) -> str:
        self._at += 1
        if self._peek() != "{":
            return "$" + self._name()
        self._at += 1
        if not self._peek():
            raise LexicalError("syntax error: missing '}'")
        if self._peek() in "{}:":
            raise LexicalError("syntax error: bad substitution")
        name, operator = self._name(), self._next() or "\ufffd"
        if operator == "}":
            return f"${{{name}}}"
        if operator == ":":
            operator += self._next()
        if operator == "/":
            return self._replacement(name)
        if (operator[:1] != ":" and operator not in ("+", "-", "?", "#", "%")) or (
            operator in (":#", ":%")
        ):
            raise LexicalError(f"unsupported modifier ({operator}) in substitution")
        word = self._nested("}", "}", raw_escapes=operator in ("#", "%"))
        if self.strict and operator not in (":+", ":-", ":?", "+", "-", "?", "#", "%"):
            raise LexicalError(f"unsupported modifier ({operator}) in substitution")
        return f"${{{name}{operator}{word}}}"

    def _replacement(self, name: str) -> str:
        """The rest of `${name/pattern/text}` or `${name//pattern/text}`."""
        if self._peek() == "/":
            self._at += 1
        pattern = self._nested("/", "/' in ${", raw_escapes=True)
        return f"${{{name}/{pattern}/{self._nested('}', '}', raw_escapes=True)}}}"

    def _nested(self, stop: str, missing: str, *, raw_escapes: bool) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise LexicalError("substitutions are nested too deep")
        before, self.raw_escapes = self.raw_escapes, raw_escapes
        try:
            return self._read(stop)
        except LexicalError:
            if not self._peek():
                raise LexicalError(f"syntax error: missing '{missing}'") from None
            raise
        finally:
            self.raw_escapes = before
            self._depth -= 1

    def _name(self) -> str:
        match = _NAME.match(self.text, self._at)
        name = match[0] if match else ""
        self._at += len(name)
        return name
