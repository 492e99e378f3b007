"""The catalogue's tables, and how those of an older version are brought up to date. Nothing but text."""

from collections.abc import Mapping

VERSION = 8
"""Kept as the database's `user_version`; 0 is an empty one."""

_VECTORS = """CREATE TABLE vectors (
        number INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: what came later has a higher one
        track INTEGER NOT NULL REFERENCES tracks (id),
        model TEXT NOT NULL,            -- sha256
        intro BLOB NOT NULL,            -- float32, unit length
        whole BLOB NOT NULL,            -- the track vector, likewise, or the intro vector until all was heard
        heard_whole INTEGER NOT NULL DEFAULT 1,
        UNIQUE (track, model)
    )"""

_OPINIONS = """CREATE TABLE opinions (
        track INTEGER PRIMARY KEY REFERENCES tracks (id),
        opinion TEXT NOT NULL           -- see choose.scene.Opinion
    )"""

# File names are bytes and need not be UTF-8. They are stored byte for byte as TEXT (readable in any SQLite tool):
# written through CAST(:path AS TEXT) from os.fsencode, read through os.fsdecode.
TABLES = f"""
    CREATE TABLE covers (
        hash BLOB PRIMARY KEY,          -- sha256 of data
        data BLOB NOT NULL              -- encoded picture
    );
    CREATE TABLE tracks (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        mtime_ns INTEGER NOT NULL,
        size INTEGER NOT NULL,          -- bytes
        title TEXT NOT NULL,
        artist TEXT NOT NULL,
        album TEXT NOT NULL,
        duration REAL NOT NULL,         -- seconds, as the cues
        cue_start REAL NOT NULL,
        cue_end REAL NOT NULL,
        cover BLOB REFERENCES covers (hash),
        intro_end REAL,                 -- seconds
        outro_start REAL,
        cues_by_hand INTEGER NOT NULL DEFAULT 0,
        lufs REAL,
        true_peak REAL,                 -- dBTP
        intro_tempo REAL,               -- beats a minute
        intro_beat REAL,                -- seconds
        intro_confidence REAL,
        outro_tempo REAL,
        outro_beat REAL,
        outro_confidence REAL,
        disc INTEGER,
        number INTEGER,
        facts INTEGER NOT NULL DEFAULT 0, -- version of the analysis that found all but the vectors
        content BLOB,                   -- names the sound in the file: see decode.content_key
        song INTEGER,                   -- the first track that is a version of the same song, NULL until compared
        key_tonic INTEGER,              -- pitch class, 0 is C
        key_minor INTEGER,
        key_confidence REAL,
        energy REAL,                    -- see character.Character, as for the next one
        brightness REAL,
        genre TEXT NOT NULL DEFAULT '', -- as its file says
        added INTEGER NOT NULL DEFAULT 0 -- when it came into the library: microseconds since 1970, UTC, 0 if not known
    );
    CREATE INDEX tracks_by_song ON tracks (song);
    CREATE INDEX tracks_by_content ON tracks (content);
    CREATE INDEX tracks_by_cover ON tracks (cover);
    {_VECTORS};
    CREATE TABLE windows (              -- apart from the vectors, which are read all at once
        track INTEGER NOT NULL REFERENCES tracks (id),
        model TEXT NOT NULL,
        data BLOB NOT NULL,             -- float16 (n, dimensions)
        dimensions INTEGER NOT NULL,
        PRIMARY KEY (track, model)
    );
    CREATE TABLE problems (
        path TEXT PRIMARY KEY,
        mtime_ns INTEGER NOT NULL,
        size INTEGER NOT NULL,
        reason TEXT NOT NULL,
        model TEXT NOT NULL DEFAULT '', -- sha256 of the one that was to hear it, or empty
        remedy TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE history (
        id INTEGER PRIMARY KEY,
        track INTEGER NOT NULL REFERENCES tracks (id),
        at INTEGER NOT NULL             -- microseconds since 1970, UTC
    );
    CREATE INDEX history_by_track ON history (track, at);
    {_OPINIONS};
    CREATE TABLE folders (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE
    );
"""

NAMES = ("covers", "tracks", "vectors", "windows", "problems", "history", "opinions", "folders")
"""Of the tables; none refers to one further on."""
ADDED = ("opinions",)
"""Those that catalogues of older versions do not have."""

_ADDED_IN_3 = (
    "intro_end REAL",
    "outro_start REAL",
    "cues_by_hand INTEGER NOT NULL DEFAULT 0",
    "lufs REAL",
    "true_peak REAL",
    "intro_tempo REAL",
    "intro_beat REAL",
    "intro_confidence REAL",
    "outro_tempo REAL",
    "outro_beat REAL",
    "outro_confidence REAL",
    "disc INTEGER",
    "number INTEGER",
    "facts INTEGER NOT NULL DEFAULT 0",
)

_ADDED_IN_6 = (
    "key_tonic INTEGER",
    "key_minor INTEGER",
    "key_confidence REAL",
    "energy REAL",
    "brightness REAL",
    "added INTEGER NOT NULL DEFAULT 0",
)

UPDATES: Mapping[int, str] = {
    1: "ALTER TABLE problems ADD COLUMN model TEXT NOT NULL DEFAULT ''",
    2: ";".join(f"ALTER TABLE tracks ADD COLUMN {column}" for column in _ADDED_IN_3),
    3: "ALTER TABLE vectors ADD COLUMN heard_whole INTEGER NOT NULL DEFAULT 1",
    4: f"""
        ALTER TABLE tracks ADD COLUMN content BLOB;
        CREATE INDEX tracks_by_content ON tracks (content);
        ALTER TABLE tracks ADD COLUMN song INTEGER;
        CREATE INDEX tracks_by_song ON tracks (song);
        ALTER TABLE vectors RENAME TO unnumbered;
        {_VECTORS};
        INSERT INTO vectors (track, model, intro, whole, heard_whole)
            SELECT track, model, intro, whole, heard_whole FROM unnumbered;
        DROP TABLE unnumbered
    """,
    5: ";".join(
        [
            *(f"ALTER TABLE tracks ADD COLUMN {column}" for column in _ADDED_IN_6),
            "ALTER TABLE problems ADD COLUMN remedy TEXT NOT NULL DEFAULT ''",
        ]
    ),
    6: _OPINIONS,
    # A file that seems to have changed has its tags read again, and is not heard again where it sounds the same; which
    # songs are versions of one is found out anew, since more is told apart now.
    7: """
        ALTER TABLE tracks ADD COLUMN genre TEXT NOT NULL DEFAULT '';
        UPDATE tracks SET mtime_ns = 0, song = NULL
    """,
}
"""What brings a database of each older version to the next one."""
