"""A recording: evidence in a folder, raw bytes first, and the tables made of it."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from html import escape
from os import PathLike
from pathlib import Path
from typing import Self, TypeVar, Unpack

import pandas as pd

from gostack_nb.capturing.plan import CaptureOptions
from gostack_nb.errors import RecordingError
from gostack_nb.model.calls import checked
from gostack_nb.model.dataset import Dataset
from gostack_nb.recording.adding import Told, add_sources
from gostack_nb.recording.assembling import Counted, DamagedPartError, counted, dataset_of, groups_table, listed
from gostack_nb.recording.choosing import Choice, of_evidence
from gostack_nb.recording.compacting import compact_tables
from gostack_nb.recording.contents import PUBLIC_ID, Contents, PartCache, contents_of
from gostack_nb.recording.description import described, mend_description, read_title, write_description
from gostack_nb.recording.keeping import keep_evidence
from gostack_nb.recording.parts import DamagedError, commit_files_of
from gostack_nb.recording.rebuilding import rebuild_tables
from gostack_nb.recording.verifying import verify_files
from gostack_nb.sources.blob import printable
from gostack_nb.sources.evidence import Evidence
from gostack_nb.sources.opening import Source

MAX_ATTEMPTS = 20
"""Of reading, while other processes replace files; each attempt finds what took their place."""

T = TypeVar("T")


class Recording:
    r"""A folder in which evidence lasts: the bytes of dumps as they came, and tables made of them.

    Many processes may write and read it at once. What `keep` or `add` returned for is on disk; a process that is
    killed, or a disk that is full, costs nothing of that. `docs/reference/recording.md` says what is in the folder.

    Attributes
    ----------
    path : Path
        The folder.
    title : str or None
        As given when it was made.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import UTC, datetime
    >>> dump = b"goroutine 7 [chan receive, 3 minutes]:\nmain.f(0x1)\n\t/srv/main.go:9 +0x1d\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = Recording.open(f"{folder}/incident", create=True)
    ...     names = recording.add(dump, service="push", captured_at=datetime(2026, 11, 23, 8, 53, 43, tzinfo=UTC))
    ...     names == recording.read().snapshots["snapshot_id"].tolist()
    True
    """

    def __init__(self, path: Path, title: str | None) -> None:
        self.path = path
        self.title = title
        self._cache = PartCache()

    @classmethod
    @checked
    def open(cls, path: str | PathLike[str], *, create: bool = False, title: str | None = None) -> Self:
        """Open a recording.

        Parameters
        ----------
        path : str or path
            Its folder.
        create : bool
            Make it if it does not exist; several processes may do so at once.
        title : str, optional
            Of a recording that is made.

        Returns
        -------
        Recording
            Nothing in it is read yet.

        Raises
        ------
        RecordingError
            If the folder does not exist, is no recording, is one of a newer version, or cannot be made.
        """
        root = Path(path).expanduser()
        if create:
            write_description(root, title)
        return cls(root, read_title(root))

    @checked
    def keep(self, evidence: Evidence) -> list[str]:
        """Keep one answer or file: its bytes first, then its tables.

        The same bytes of the same process and time are kept once, however often they come.

        Parameters
        ----------
        evidence : Evidence
            Bytes with their provenance. They are kept even if they are no dump.

        Returns
        -------
        list of str
            The snapshots in it, as `read` names them now; none if it holds no dump.

        Raises
        ------
        RecordingError
            If it cannot be written; what was kept before is untouched.
        """
        kept = keep_evidence(self.path, evidence)
        return self._names_of([kept.key]) if kept.snapshot_ids is None else kept.snapshot_ids

    @checked
    def put(self, evidence: Evidence) -> str:
        """Keep evidence as `keep` does, but return the name of the evidence: it never changes, nothing is read for it.

        Parameters
        ----------
        evidence : Evidence
            As in `keep`.

        Returns
        -------
        str
            For `read_evidence`.
        """
        return keep_evidence(self.path, evidence).key

    @checked
    def read_evidence(self, names: Collection[str]) -> Dataset:
        """Read the tables of some evidence alone.

        Parameters
        ----------
        names : collection of str
            As `put` returned them.

        Returns
        -------
        Dataset
            As `read` returns it.
        """
        return self._look(lambda contents: dataset_of(self.path, contents, of_evidence(contents.rows, names)))

    @checked
    def add(
        self,
        *sources: Source,
        service: str | None = None,
        instance: str | None = None,
        captured_at: datetime | None = None,
    ) -> list[str]:
        """Keep the dumps and pages of metrics in files, folders, archives, addresses or bytes.

        Parameters
        ----------
        *sources : str, path, bytes or file object
            As in `read`. The bytes of each file are kept, those of an archive's members one by one.
        service, instance : str, optional
            Which process; else as `read` finds out.
        captured_at : datetime, optional
            When the dumps were taken; else as `read` finds out. A naive time counts as UTC.

        Returns
        -------
        list of str
            The snapshots, as `read` names them now. What held no dump is not kept and is a row in `issues`.

        Raises
        ------
        FormatError
            If none of the sources holds a dump or a page of metrics.
        SourceError
            If the only source cannot be had.
        RecordingError
            If it cannot be written; what was kept before, also by this call, is untouched.
        """
        return self._names_of(add_sources(self.path, sources, Told(service, instance, captured_at)))

    @checked
    def capture(self, url: str | Iterable[str], **options: Unpack[CaptureOptions]) -> Dataset:
        """Capture from running services into this recording.

        Parameters
        ----------
        url : str or iterable of str
            As in `gostack_nb.capture`.
        **options
            Everything else that it takes, but `to`.

        Returns
        -------
        Dataset
            What this capture brought.

        Raises
        ------
        SourceError, RecordingError, ValueError, KeyboardInterrupt
            As `gostack_nb.capture` says.
        """
        from gostack_nb.recording.live import capture  # noqa: PLC0415 - it imports this module

        return capture(url, to=self.path, **options)

    @checked
    def read(
        self,
        *,
        service: str | None = None,
        instance: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> Dataset:
        """Read the tables.

        They are those that `gs.read` makes of the raw files; `source` is the raw file. Evidence whose tables are not
        there or damaged is parsed again.

        Parameters
        ----------
        service, instance : str, optional
            Only of this service, or of this process.
        since, until : datetime or str, optional
            Only what was captured then or between; a naive time counts as UTC. Without both, also what has no time.

        Returns
        -------
        Dataset
            Without rows where nothing fits. A snapshot has the same `snapshot_id` whatever is left out.
        """
        choice = Choice.of(service, instance, since, until)
        return self._look(lambda contents: dataset_of(self.path, contents, choice.of_rows(contents.rows)))

    @checked
    def groups(
        self,
        *,
        service: str | None = None,
        instance: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> pd.DataFrame:
        """Read how many goroutines each stack has in each state: a small table, also of years.

        Parameters
        ----------
        service, instance, since, until
            As in `read`.

        Returns
        -------
        DataFrame
            One row per snapshot, stack and state, in order of time; the columns of
            `gostack_nb.recording.stored.GROUPS`: `snapshot_id`, `stack_id`, `signature`, `state`, `top_function`,
            `user_function`, `user_file`, `user_line`, `created_by`, `count` (Int64), `wait_minutes_min` and
            `wait_minutes_max` (Int64), `wait_minutes_p50` (Float64), `leaked` (Int64).
        """
        choice = Choice.of(service, instance, since, until)
        return self._look(lambda contents: groups_table(contents, choice.of_rows(contents.rows)))

    @checked
    def count(self) -> Counted:
        """Read what `groups` and `snapshots` return, and the frames of the stacks, all of one moment.

        Returns
        -------
        Counted
            Its tables `groups`, `stacks` and `snapshots`.
        """
        return self._look(lambda contents: counted(self.path, contents, contents.rows))

    @property
    def snapshots(self) -> pd.DataFrame:
        """The dumps in it, in order of time: the columns of `Dataset.snapshots`, and `raw`, `kind`, `origin`, `labels`.

        `raw` is the path of the raw file below the recording, `kind` what was asked for, `origin` the address without
        credentials, or the path, that the bytes came from, `labels` what was known of the process, as JSON text.
        """
        return self._look(lambda contents: listed(self.path, contents.rows))

    @checked
    def verify(self) -> pd.DataFrame:
        """Check every file against the hashes that were written with it.

        Returns
        -------
        DataFrame
            One row per file: `file` (str, below the recording), `problem` (str; NA where nothing is wrong). A damaged
            file does not hinder reading the others: damaged tables are parsed again from the raw file, until
            `rebuild` writes them.
        """
        return verify_files(self.path)

    @checked
    def rebuild(self) -> int:
        """Parse every raw file again and replace the tables, one piece of evidence after the other.

        For recordings of an older version, whose parser saw less, for raw files that were copied into the folder, and
        for damaged tables; a damaged `recording.json` is written anew, with the title if that can be read. Others may
        read and write meanwhile; stopped half-way, the rest has its old tables. Raw files that are damaged keep the
        tables that they have.

        Returns
        -------
        int
            How many raw files were parsed.

        Raises
        ------
        RecordingError
            If a file cannot be written.
        """
        mend_description(self.path, self.title)
        return rebuild_tables(self.path)

    @checked
    def compact(self) -> int:
        """Merge the many small table files of each day (UTC) that is over: a tenth of the size, and quicker to read.

        Others may read and write meanwhile; stopped at any moment, nothing is lost or counted twice.

        Returns
        -------
        int
            How many pieces became part of a larger one.

        Raises
        ------
        RecordingError
            If the tables cannot be written.
        """
        return compact_tables(self.path)

    def __repr__(self) -> str:
        return self._look(lambda contents: described(self.path, self.title, contents.rows))

    def _repr_html_(self) -> str:
        # Escaped and kept from MathJax: titles, folders and names of services are anybody's text.
        return f'<code class="tex2jax_ignore mathjax_ignore">{escape(repr(self))}</code>'

    def _names_of(self, keys: Collection[str]) -> list[str]:
        """Name the snapshots of some evidence as `read` does."""
        rows = self._look(lambda contents: contents.rows)
        return [str(name) for name in rows.loc[rows["evidence"].isin(keys), PUBLIC_ID].dropna()]

    def _look(self, work: Callable[[Contents], T]) -> T:
        """Read at one moment; where another process replaced a file meanwhile, look again."""
        damaged: dict[str, str] = {}
        for _ in range(MAX_ATTEMPTS):
            try:
                return work(contents_of(self.path, self._cache, without=damaged))
            except DamagedError:
                continue
            except DamagedPartError as error:
                if commit_files_of(error.part):
                    damaged[error.part.name] = str(error)
        msg = f"{printable(str(self.path))}: its files change faster than they can be read. Hint: try again"
        raise RecordingError(msg)
