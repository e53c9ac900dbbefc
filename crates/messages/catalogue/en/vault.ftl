### The vault. The other language's file of the same name says the same; a test holds the two together.

vault-anchor-unknown = `{ $url }` is no anchor; those that there are: { $known }
vault-anchor-differs = the anchor `{ $url }` holds another checkpoint of size { $size }: this vault or another with its key was rebuilt; run `shoseki verify`
vault-bucket-missing = `{ $url }` names no bucket: expected `s3://bucket/prefix`
vault-bucket-unusable = the bucket of `{ $url }` cannot be used: check the name, `AWS_REGION`, `AWS_ENDPOINT_URL` and the credentials
vault-class-key-missing = the vault has no key `{ $id }` in `keys/`: without it the files of that month cannot be read; restore it from a backup
vault-commit-missing = commit { $version } is missing from the log; run `shoseki verify`
vault-commit-refused = commit { $version } of the log was not written by shoseki or was changed; run `shoseki verify`
vault-encryption-unknown = the vault's encryption is `{ $name }`; expected `aes-256-gcm` or `none`
vault-file-cut-off = `{ $path }` ends inside its list of events: the events before are in, the file is not whole
vault-file-forbidden = `{ $path }` may not be read: give this user the right to read it and run the same command again
vault-file-missing = `{ $path }` is not there: expected a file, a folder, a pattern or `-`
vault-file-special = `{ $path }` is neither a file nor a folder
vault-file-unreadable = `{ $path }` cannot be read
vault-file-not-kept = `{ $path }` was taken in, but cannot be given back as it was: records alone do not make it again, and it is too long to be kept whole or came by standard input
vault-file-without-events = `{ $path }` holds no events
vault-files-blank = { $count } { $count ->
    [one] file is
   *[other] files are
} empty, the first is `{ $path }`: what it was to say cannot be judged. Did what writes it fail? A file that says that nothing happened holds an empty list
vault-files-unread = nothing of { $count } { $count ->
    [one] file
   *[other] files
} could be read as an event, the first is `{ $path }`: what they hold is kept as unparsed. Is it of another source? `ingest auto --again` knows each by its content; `filter @kind = "unparsed"` shows the reasons
vault-files-unread-before = nothing of { $count } { $count ->
    [one] file
   *[other] files
} that came before could be read as an event then, the first is `{ $path }`. Was it taken in under a wrong source? `--again` reads it once more
vault-folder-missing = the folder `{ $path }` is not there: make a vault with `shoseki init { $path }`
vault-folder-uncreatable = the folder `{ $path }` cannot be made
vault-folder-unreadable = the folder `{ $path }` cannot be opened
vault-ingest-nothing = no file to take in under `{ $paths }`
vault-key-missing = the key `{ $path }` cannot be read: point to the folder of keys with `--key-dir` or `SHOSEKI_KEY_DIR`, or restore it from its backup
vault-key-damaged = the key `{ $path }` is damaged: restore it from a good backup; of a backup, make it again with `shoseki key backup`
vault-keys-rotated-elsewhere = the keys of this vault were rotated elsewhere: `{ $id }` is wrapped by `{ $wanted }`, here is `{ $given }`; bring the key folder here from where `shoseki key rotate` ran
vault-keys-unwritable = the folder of keys `{ $path }` cannot be written
vault-log-longer = the log proves { $size } commits, but the vault holds { $commits }: commits were removed; run `shoseki verify`
vault-marker-not-text = `shoseki.toml` is not text
vault-none-here = there is no vault at `{ $url }`: make one with `shoseki init { $url }`
vault-object-differs = `{ $name }` in `{ $url }` is there with other content than shoseki writes; run `shoseki verify`
vault-object-missing = `{ $name }` is missing from `{ $url }`; run `shoseki verify`
vault-origin-unusable = the origin `{ $origin }` cannot be used: expected visible ASCII characters without `+`, such as `example.com/evidence`
vault-original-differs = the records no longer give the content of `{ $origin }` that its receipt states; run `shoseki verify --deep`
vault-original-not-kept = `{ $origin }` cannot be given back: records alone do not make it again, and it was too long to be kept or came by standard input
vault-other-origin = the vault has the origin `{ $there }`, not `{ $wanted }`: an origin is given once, when a vault is made
vault-output-failed = the output cannot be written
vault-pattern-empty = nothing fits the pattern `{ $pattern }`
vault-pattern-unreadable = the pattern `{ $pattern }` cannot be read
vault-place-not-empty = `{ $url }` is not empty and not a vault: give an empty or a new place
vault-scheme-unknown = `{ $url }` begins with `{ $scheme }://`: expected a folder or `s3://bucket/prefix`
vault-segment-unknown = no commit names the segment `{ $segment }`
vault-segment-expired = the records of segment `{ $segment }` expired (by commit { $version }): what they said is gone
vault-document-too-long = the document `{ $file }` is longer than { $most } MiB, the most that is kept whole
vault-spool-changed = the record of an access was changed after it was written, or the machine lost power then; what could be read of it is sealed, the file is kept as `{ $path }`
vault-spool-unreadable = the records of accesses in `{ $path }` cannot be read
vault-spool-unwritable = the record of an access cannot be written to `{ $path }`
vault-store-read-only = the vault at `{ $url }` cannot be written by this user
vault-store-failed = `{ $name }` in `{ $url }` cannot be reached
vault-store-forbidden = these credentials may not do what `{ $name }` in `{ $url }` needs: allow `s3:GetObject`, `s3:PutObject` and `s3:ListBucket`, and the use of the bucket's KMS key
vault-store-unauthenticated = no credentials of AWS were found for `{ $url }`: set `AWS_PROFILE` to a profile that is there (`aws sso login` renews a single sign-on), set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or give the machine a role
vault-thread-died = a thread died; this is a defect of shoseki
vault-not-yet-sealed = the segment `{ $segment }` is not sealed yet: it will be with the next ingest
vault-nothing-sealed = nothing is sealed in this vault yet
vault-proof-not-text = a proof could not be written; this is a defect of shoseki
vault-record-unknown = there is no record `{ $record }`; `@ptr` in a query shows the names of records
vault-segment-differs = the segment `{ $segment }` is no longer what was sealed; run `shoseki verify --deep`
vault-bucket-absent = there is no bucket for `{ $url }`: check its name and `AWS_REGION`
vault-bucket-forbidden = `{ $url }` may not be listed: give these credentials `s3:ListBucket` and run the same command again
vault-bucket-unlistable = `{ $url }` cannot be listed
vault-object-forbidden = `{ $path }` may not be read: give these credentials `s3:GetObject` (and `kms:Decrypt`), restore it where it is archived, and run the same command again
vault-object-key-unusable = `{ $url }` holds a key with an empty part (`//`), which cannot be read: give a prefix without it
vault-object-replaced = `{ $path }` was replaced while it was read: run the same command again
vault-object-vanished = `{ $path }` was listed and is gone: it was deleted meanwhile
vault-prefix-empty = no object's key begins as `{ $url }` says
vault-keys-of-another = `{ $path }` is there with another content: it belongs to other keys, and was left as it is
vault-rotate-unencrypted = `{ $url }` is not encrypted by shoseki: it has no keys to rotate
vault-rotate-service = `{ $name }` is rotated by the service that keeps it: in AWS KMS turn on automatic rotation. To wrap by another key, name it with `--kms-key`, or use `--key-file` for a key file
vault-anchor-ahead = the anchor `{ $url }` holds a checkpoint of size { $size }, but this vault has { $there } commits: it was put back to an older state. Nothing was added, because that would fork the log for ever; restore the newest copy, or run `shoseki verify`
vault-replica-ahead = the replica `{ $url }` holds a checkpoint of size { $size }, but this vault has { $there } commits: it was put back to an older state. Nothing was added, because that would fork the log for ever; `shoseki restore --from { $url } --damaged` brings it forward. If what is missing here is given up, `shoseki replica remove { $url }` first
vault-anchor-missing = the anchor's folder `{ $path }` is not there: make it, or mount it; best on a disk or in an account of others
vault-file-damaged-before = `{ $path }` was received before and could not be read to its end then either: { $why }
vault-unfinished = the making of the vault at `{ $url }` was interrupted: run `shoseki init { $url }` again
vault-file-passed-over = `{ $path }` was passed over, for another file of this run held the same bytes, and that one was not received after all: run the same command again
vault-compact-damaged = `{ $path }` does not hold the records that were sealed, so it is not merged: look at it with `shoseki verify --deep`
vault-compaction-refused = commit { $version } is a compaction whose file does not hold the records that it says, so it is not sealed: who wrote it had no right to. `shoseki verify --deep` shows what is wrong
vault-commit-unstated = commit { $version } lets evidence go, or be copied, and the log's key does not say so: who wrote it can write to the vault and does not hold its key. Nothing is written or sealed behind it. Keep a copy of `{ $name }`, find out who wrote it, and take it out of the vault
vault-commit-changed = commit { $version } is no longer what was read of it: it was changed before it was sealed. It is not sealed; run `shoseki verify`
vault-wal-changed = a file of the write-ahead log was changed, or the machine lost power while it was written; what could be read of it is sealed, the file is kept as `{ $path }`
vault-wal-in-use = the write-ahead log in `{ $path }` is in use by another process: stop that one, or give each a folder of its own
vault-wal-other = the folder `{ $path }` is not the write-ahead log of the vault `{ $origin }`: expected another folder
vault-wal-unreadable = the write-ahead log in `{ $path }` cannot be read
vault-wal-unwritable = the write-ahead log in `{ $path }` cannot be written
vault-tree-not-sealed = no tree of { $size } entries is sealed here: the newest has { $newest }
vault-file-differs = the file `{ $path }` is not the one that was sealed; run `shoseki verify`
vault-keys-used = `{ $path }` has the keys of a vault already, and each vault has its own: give this one another `--origin` than `{ $origin }`, or open the vault that is there. Where that vault is gone for ever, move the folder away first
vault-anchor-inside = `{ $url }` lies in the vault: an anchor must be where those who can write to the vault cannot, such as a bucket of another account
vault-anchor-unusable = `{ $url }` cannot be an anchor: its name is too long or has letters that cannot be seen
vault-anchors-many = { $count } anchors were named so far, and no more may be: each is written to at every sealing
