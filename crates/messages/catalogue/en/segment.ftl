### Formats of the vault. The other language's file of the same name says the same; a test holds the two together.

segment-cipher = the cipher refused a key or a length that it always accepts; this is a defect of shoseki
segment-column-missing = the segment lacks the column `{ $name }`, or it has another type
segment-commit-not-canonical = the commit says more or says it otherwise than the grammar allows
segment-commit-out-of-place = commit { $version } may not stand where it stands: { $why }
segment-commit-refused = the commit is not one that shoseki writes: { $why }
segment-commit-too-long = the commit has { $length } bytes; at most { $limit } are read
segment-commit-without-format = the commit does not say `shoseki.format`
segment-draft-size = a segment of { $count } records was to be written; this is a defect of shoseki
segment-envelope-changed = the envelope `{ $name }` was changed at chunk { $chunk }, or its key is another
segment-envelope-unreadable = the object is not an envelope of shoseki
segment-file-unreadable = the segment's file cannot be read: it was changed, or its key is another
segment-footer-unreadable = the segment's footer lacks the entry `shoseki.segments`, or it is unreadable
segment-key-file-unreadable = the key file is not one of shoseki: expected one line `shoseki-key/v1:…`
segment-key-object-unreadable = the wrapped key cannot be read
segment-key-refused = the wrapped key of `{ $context }` does not open: it was changed, or it was wrapped by another key
segment-kind-unknown = a record's kind is `{ $kind }`; expected `event`, `unparsed` or `receipt`
segment-marker-incomplete = `shoseki.toml` lacks `format`, `origin` or `encryption`
segment-marker-unreadable = `shoseki.toml` has a line that cannot be read: `{ $line }`
segment-newer-format = `{ $what }` was written in format { $format }; this version of shoseki knows formats up to { $known }: use a newer one
segment-no-random = the system gives no random numbers
segment-other-key = the key `{ $id }` was wrapped by `{ $wanted }`, but the key given is `{ $given }`: point to the right key with `--key-dir` or `SHOSEKI_KEY_DIR`
segment-receipt-unreadable = the receipt cannot be read
segment-tags-unreadable = the tag `{ $what }` of a file is missing or unreadable: `{ $text }`
segment-write = the segment's file could not be written; this is a defect of shoseki
