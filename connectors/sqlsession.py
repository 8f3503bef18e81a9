"""One connection to a source's database in one read-only transaction: the snapshot that its tables are read from.

Here: connecting, streaming, what a lost connection means, and the sessions that several sources share. A session
keeps a digest of every batch that it handed on. When the connection is lost it connects again, reads everything
anew in the new snapshot, and goes on behind the last row handed on only if each batch is what it was: so what is
delivered is always the content of one snapshot, whatever the collation or the uniqueness of its key. What differs
between kinds of databases: :mod:`connectors.sqldialects`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa

from connectors.base import BATCH_ROWS, Batch
from connectors.database import EXTRAS, Database
from connectors.sqldialects import dialect
from crm_etl.faults import EncodingFault, SourceFault, Where
from crm_etl.number import counted

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

Found = TypeVar("Found")
#: Rows as the driver gives them, and how many came before them -> the batch that they make.
Make = Callable[[list[tuple[Any, ...]], int], Batch]
_LONGEST_PAUSE = 30.0
#: Rows fetched first; how wide they are says how many are fetched at once after them.
_FIRST_ROWS = 100
#: Characters that a batch should stay below, so that tables of long texts do not fill the memory.
_BATCH_TEXT = 32 << 20


class _Lost(Exception):
    """The connection is gone; ``fault`` is what to say when it stays so."""

    def __init__(self, fault: SourceFault) -> None:
        self.fault = fault
        super().__init__(fault.what)


@dataclass
class _Reading:
    """A statement whose rows are handed on, with the digests of the batches so far."""

    statement: str
    make: Make
    where: Where
    digests: list[bytes] = field(default_factory=list)
    done: bool = False


class Session:
    """A database being read. The connection is opened when it is first needed.

    ``timeout``: seconds that a statement may take until it sends rows, or more rows. ``retries``: how often a lost
    connection is made anew.
    """

    def __init__(self, database: Database, timeout: int, retries: int) -> None:
        self.database = database
        self.dialect = dialect(database, timeout)
        self._timeout = timeout
        self._retries = retries
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self._journal: list[_Reading] = []

    def ask(self, question: Callable[[Connection], Found], where: Where) -> Found:
        """The answer to a question about layout, before any data: the database's own words are told.

        Raises:
            SourceFault: the database cannot be reached, or refuses.
        """
        if self._connection is None and not self._journal:
            with self._lost_is_a_fault():
                self._open()
        attempt = 0
        while True:
            try:
                return self._told(lambda: question(self._opened()), where, telling=True)
            except _Lost as lost:
                attempt = self._retry(attempt + 1, lost)

    def batches(self, statement: str, make: Make, where: Where) -> Iterator[Batch]:
        """The rows of ``statement``, all from the session's snapshot.

        Raises:
            SourceFault: the database broke off for good, or its rows changed while the connection was lost.
        """
        reading = _Reading(statement, make, where)
        self._journal.append(reading)
        try:
            yield from self._persistently(reading)
            reading.done = True
        finally:
            if not reading.done:
                self._journal.remove(reading)
        if not self.dialect.check_unchanged():
            raise SourceFault(
                "the database file was overwritten while it was read",
                where=where,
                remedy="wait until the delivery is complete, then run again",
            )

    def close(self) -> None:
        """End the transaction and the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):  # of a connection that is broken already, nothing more is to be learnt
                connection.close()
        if self._engine is not None:
            self._engine.dispose()

    def _persistently(self, reading: _Reading) -> Iterator[Batch]:
        attempt = 0
        while True:
            try:
                yield from self._replayed(reading)
                return
            except _Lost as lost:
                attempt = self._retry(attempt + 1, lost)

    def _retry(self, attempt: int, lost: _Lost) -> int:
        """Connect again, and make sure that what was read in full before is still the same; attempts so far."""
        while True:
            self.close()
            if attempt > self._retries:
                raise lost.fault from None
            pause(min(2.0 ** (attempt - 1), _LONGEST_PAUSE))
            try:
                self._open()
                for other in self._journal:
                    if other.done and any(True for _ in self._replayed(other)):
                        raise _changed(other)
                return attempt
            except _Lost as again:
                attempt, lost = attempt + 1, again

    def _replayed(self, reading: _Reading) -> Iterator[Batch]:
        """The batches of ``reading`` behind those that were handed on before, which must be what they were."""
        known = len(reading.digests)
        before = count = 0
        for part in self._parts(reading):
            batch = reading.make(part, before)
            before += len(part)
            digest = _digest(batch)
            if count >= known:
                reading.digests.append(digest)
                yield batch
            elif digest != reading.digests[count]:
                raise _changed(reading)
            count += 1
        if count < known:
            raise _changed(reading)

    def _parts(self, reading: _Reading) -> Iterator[list[tuple[Any, ...]]]:
        cursor = self._told(lambda: self.dialect.cursor(self._opened(), reading.statement), reading.where)
        size = _FIRST_ROWS
        try:
            while part := self._told(partial(cursor.fetchmany, size), reading.where):
                yield part
                size = _fitting(part)
        finally:
            self.dialect.close(cursor)

    def _told(self, work: Callable[[], Found], where: Where, telling: bool = False) -> Found:
        """``work`` within the time limit, with the database's errors as faults. ``telling``: in its own words."""
        from sqlalchemy.exc import DBAPIError

        try:
            found: Found = self.dialect.fetch(work)
            return found
        except DBAPIError as error:
            raise self._fault(error.orig or error, where, telling, gone=error.connection_invalidated) from None
        except UnicodeDecodeError:
            raise _undecodable(where) from None
        except Exception as error:
            # What the driver itself raises while rows are fetched; anything else is a mistake of the program.
            if not isinstance(error, self._driver_errors()):
                raise
            raise self._fault(error, where, telling) from None

    def _driver_errors(self) -> Any:
        return () if self._engine is None else self._engine.dialect.loaded_dbapi.Error

    def _fault(self, error: BaseException, where: Where, telling: bool, gone: bool = False) -> Exception:
        code = self.dialect.code(error)
        if code in self.dialect.timeouts:
            if self._connection is not None:
                self.dialect.abandon(self._connection)
            return SourceFault(
                f"the database gave no rows within {counted(self._timeout, 'second')}",
                where=where,
                remedy="raise 'timeout' of the source, or ask for an index over its key",
            )
        if code in self.dialect.locks:
            return SourceFault(
                "the table is locked by another program", where=where, remedy="wait until it is done, then run again"
            )
        if code in self.dialect.encodings:
            return _undecodable(where)
        if gone or self._is_lost(error):
            return _Lost(self._gone(type(error).__name__))
        said = self.database.words(error) if telling else f"{type(error).__name__} {code or ''}".rstrip()
        return SourceFault(
            f"the database refuses to read: {said}",
            where=where,
            remedy="check the query, and that the user may SELECT from everything it names",
        )

    def _gone(self, why: str) -> SourceFault:
        return SourceFault(
            f"the connection to the database was lost ({why}), and did not come back",
            where=self.database.where,
            remedy="see why the server or the network breaks off, then run again: nothing was loaded",
        )

    def _is_lost(self, error: BaseException) -> bool:
        if self._engine is None or self._connection is None or self._connection.invalidated:
            return False
        raw: Any = self._connection.connection.dbapi_connection
        return bool(self._engine.dialect.is_disconnect(error, raw, None))  # type: ignore[arg-type]

    def _opened(self) -> Connection:
        if self._connection is None or self._connection.invalidated:
            if any(reading.digests for reading in self._journal):
                raise _Lost(self._gone("closed"))  # a new snapshot must first be held against the old one
            self._open()
        assert self._connection is not None
        return self._connection

    def _open(self) -> None:
        from sqlalchemy.exc import DBAPIError

        engine = self._engine = self._engine or self._create_engine()
        try:
            with self.dialect.connecting():
                self._connection = engine.connect().execution_options(**self.dialect.isolation)
            self.dialect.fetch(lambda: self.dialect.begin(self._connection))  # type: ignore[arg-type]
        except DBAPIError as error:
            raise _Lost(self._unreachable(error.orig or error)) from None

    def _unreachable(self, error: BaseException) -> SourceFault:
        if self.dialect.code(error) in self.dialect.locks:
            return SourceFault(
                "the database is locked by another program",
                where=self.database.where,
                remedy="wait until it is done, then run again",
            )
        return SourceFault(
            f"cannot reach the database: {self.database.words(error)}",
            where=self.database.where,
            remedy="check host, port, database, user and password of 'url', that the server is up, "
            "and that the file is a whole database which this user may read",
        )

    @contextmanager
    def _lost_is_a_fault(self) -> Iterator[None]:
        try:
            yield
        except _Lost as lost:
            self.close()
            raise lost.fault from None

    def _create_engine(self) -> Engine:
        from sqlalchemy import create_engine
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError
        from sqlalchemy.pool import NullPool

        options = self.dialect.engine_options()
        url: Any = "sqlite://" if self.database.kind == "sqlite" else self.database.url
        try:
            engine = create_engine(url, poolclass=NullPool, hide_parameters=True, **options)
        except (ImportError, NoSuchModuleError, ArgumentError):
            raise SourceFault(
                f"no driver for '{self.database.url.drivername}'",
                where=self.database.where,
                remedy=EXTRAS.get(self.database.kind, "install the driver that the URL names"),
            ) from None

        return engine


def pause(seconds: float) -> None:
    """Wait before connecting again."""
    time.sleep(seconds)


def _fitting(part: list[tuple[Any, ...]]) -> int:
    """How many rows such as these make a batch. The same rows always give the same number: digests rely on it."""
    sample = part[:: max(1, len(part) // 100)]
    width = sum(len(value) for row in sample for value in row if isinstance(value, (str, bytes))) // len(sample)
    return max(1, min(BATCH_ROWS, _BATCH_TEXT // max(1, width)))


def _undecodable(where: Where) -> EncodingFault:
    return EncodingFault(
        "a text of the table is not in the encoding of its database",
        where=where,
        remedy="mend the text in the database",
    )


def _changed(reading: _Reading) -> SourceFault:
    return SourceFault(
        "the rows changed while the connection was lost, or their order is not fixed by a unique key: what was read "
        "before and after would not fit together",
        where=reading.where,
        remedy="run again: the source is then read from its first row",
    )


def _digest(batch: Batch) -> bytes:
    digest = blake2b(digest_size=16)
    for column in batch.columns:
        for piece in _content(column):
            digest.update(piece)
    for row in batch.refused:
        digest.update(repr((row.origin.row, row.reason, row.cells)).encode("utf-8", "surrogatepass"))
    return digest.digest()


def _content(column: pa.Array) -> Iterator[Any]:
    """The bytes that a text column consists of: where its cells end, and the cells."""
    _, offsets, data = column.buffers()
    if offsets is None or len(column) == 0:
        return
    ends = np.frombuffer(offsets, dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    yield (ends - ends[0]).tobytes()
    if data is not None:
        yield memoryview(data)[int(ends[0]) : int(ends[-1])]


_Shared = dict[tuple[Database, str, int, int], Session]
_SHARED: ContextVar[_Shared | None] = ContextVar("shared sessions", default=None)


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Within it, sources of one database with equal time limits are read from one snapshot of it."""
    sessions: _Shared = {}
    token = _SHARED.set(sessions)
    try:
        yield
    finally:
        _SHARED.reset(token)
        for session in sessions.values():
            session.close()


@contextmanager
def session(database: Database, timeout: int, retries: int) -> Iterator[Session]:
    """The session to read ``database`` with: the shared one within :func:`one_snapshot`, else one of its own."""
    shared = _SHARED.get()
    if shared is not None:
        password = str(database.url.password or "")
        yield shared.setdefault((database, password, timeout, retries), Session(database, timeout, retries))
        return
    own = Session(database, timeout, retries)
    try:
        yield own
    finally:
        own.close()
