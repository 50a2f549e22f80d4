-- People's words and pictures, beside the log and erasable. Events carry only `id` and `digest`.
-- After an erasure the row stays, with body, bytes, thumb and salt gone, and says when and by whom.
CREATE TABLE contents (
    id          uuid        NOT NULL PRIMARY KEY,
    whistle     uuid        NULL,      -- NULL: a photo that no whistle has taken yet
    kind        text        NOT NULL,
    body        jsonb       NULL,      -- words, contacts
    bytes       bytea       NULL,      -- a picture, already re-encoded
    thumb       bytea       NULL,
    media_type  text        NULL,
    salt        bytea       NULL,
    digest      text        NOT NULL,  -- sha256(salt || what was said), hex
    created_at  timestamptz NOT NULL DEFAULT now(),
    attached_at timestamptz NULL,
    erased_at   timestamptz NULL,
    erased_by   text        NULL,
    CHECK ((erased_at IS NULL) = (salt IS NOT NULL)),
    CHECK (erased_at IS NULL OR (body IS NULL AND bytes IS NULL AND thumb IS NULL))
);

-- Pictures are compressed already: trying again costs time and saves nothing.
ALTER TABLE contents ALTER COLUMN bytes SET STORAGE EXTERNAL;
ALTER TABLE contents ALTER COLUMN thumb SET STORAGE EXTERNAL;

CREATE INDEX contents_whistle ON contents (whistle) WHERE whistle IS NOT NULL;

CREATE INDEX contents_unattached ON contents (created_at) WHERE attached_at IS NULL;
