### verify: see the other language's file of the same name; a test holds the two together.

# Verdicts
verify-verdict-intact = intact
verify-verdict-tampered = tampered
verify-verdict-unverifiable = unverifiable

# What cannot be judged
verify-no-vault = there is no vault here: neither `shoseki.toml` nor a Delta log was found
verify-no-key = without the log's verifier key nothing can be judged: give it with `--key`
verify-other-origin = the vault's origin is `{ $there }`, but the key given is that of `{ $key }`
verify-nothing-sealed = no commit is sealed by a checkpoint that this key signed, so nothing is proven
verify-root-unknown = commits are missing or unreadable, so the root of the tree of { $size } entries cannot be computed
verify-deep-without-key = the files are encrypted: give the encryption key so that they can be opened
verify-folder-missing = the folder `{ $path }` cannot be opened
verify-object-unreadable = `{ $name }` could not be read
verify-place-unlistable = the objects below `{ $name }` could not be listed
verify-thread-died = a thread of the verifier ended early; this is a defect of shoseki

# Objects
verify-object-unknown = it is none of a vault's objects: it was added, or renamed
verify-object-missing = it is missing: it was removed
verify-marker-changed = it was changed: nothing in it may change
verify-marker-differs = it does not say what commit 0 sealed of format, origin and encryption
verify-replica = this is a replica: only `shoseki replica sync` writes here
verify-set-aside = { $count ->
    [one] { $count } object
   *[other] { $count } objects
 } kept by a restore, no evidence: { $names }
verify-temporary-files = { $count } temporary files of an interrupted write lie in the vault; they hold nothing that was acknowledged
verify-key-changed = it is not the wrapped key that its name says, in the form that shoseki writes
verify-keys-not-opened = { $count } wrapped keys were not opened, since no encryption key was given: changes in them are not seen
verify-class-key-missing = the wrapped key `{ $id }` is missing, without which sealed files cannot be opened
verify-file-key-refused = the file's key does not open with any key of `{ $id }`
verify-original-changed = it is not the bytes that were received: its hash is not its name, or its envelope does not open
verify-original-missing = the original is missing that receipt `{ $receipt }` says was kept whole
verify-original-not-opened = `{ $name }` was not opened, since no encryption key was given: changes in it are not seen
verify-originals-unneeded = { $count } originals belong to no receipt, as after a write that was interrupted: { $names }
verify-originals-not-kept = { $count } files that were received can be given back by no recipe and were not kept, as their receipts say

# The logs
verify-commit-missing = commit { $version } is missing: it was removed
verify-commit-changed = commit { $version } is not the one that was sealed: it was changed
verify-commits-changed = one of the commits { $first } to { $last } is not the one that was sealed, and the log's objects were changed with it
verify-commit-refused = commit { $version } is not one that may stand here
verify-commit-unstated = commit { $version } lets evidence go, or be copied, and the log's key does not say so: who wrote it does not hold the key
verify-commit-unstatable = commit { $version } lets evidence go; whether the log's key says so cannot be told, since the commits before it do not lead to a signed checkpoint
verify-commit-backdated = commit { $version } says that it is older than one before it: the clock was wrong, or it was backdated
verify-log-object-changed = it does not hold what follows from the sealed commits: it was changed
verify-log-object-missing = it is missing: it was removed
verify-log-object-unexpected = a log of { $size } entries has no such object: it was added, or commits were removed
verify-checkpoint-misplaced = it is the checkpoint of a tree of { $size } entries: it lies under another's name
verify-checkpoint-removed = the checkpoint of the tree of { $size } entries is missing, of which a copy is left
verify-checkpoint-disagrees = the checkpoint of the tree of { $size } entries does not agree with the commits
verify-copy-missing = the copy `tlog/checkpoint` is missing; the next seal writes it again
verify-copy-behind = the copy `tlog/checkpoint` is that of { $size } entries, the newest checkpoint that of { $newest }; the next seal brings it forward
verify-unsealed = { $count } commits after the { $sealed } sealed ones are not sealed yet: nothing proves them, and whether they are sealed commits whose checkpoint was removed only an anchor can tell
verify-delta-checkpoint-differs = Delta's checkpoint of version { $version } does not list the files that the commits add: { $hidden } are hidden from whoever reads it
verify-delta-checkpoint-unreadable = Delta's checkpoint cannot be read
verify-last-checkpoint-wrong = it names a Delta checkpoint that is not there

# Files and records
verify-file-missing = the file is missing: it was removed
verify-file-size = the file has { $size } bytes; { $expected } were sealed
verify-file-changed = the file's hash is not the one that was sealed: it was changed, or put in another's place
verify-orphans = { $count } files are named by no commit, as after a write that was interrupted; nothing proves them: { $names }
verify-expired = { $records } records expired (by commit { $version }): what they said is gone, and the proofs of all others stay
verify-expired-there = { $count } files that expired still lie there ({ $bytes } bytes): `shoseki retention run` deletes them
verify-receipts-expired = { $count } files that were received are no longer rebuilt, since records of them expired
verify-footer-differs = the footer's segments are not those of the commit
verify-rows-too-many = the file has more rows than were sealed
verify-rows-too-few = the file has fewer rows than were sealed
verify-salt-missing = the salt of record `{ $record }` is missing
verify-record-misplaced = a row of `{ $file }` does not say that it is this record
verify-column-differs = the column `{ $column }` does not say what the record's bytes say
verify-record-other-day = the record is of { $day } but lies under { $partition }
verify-segment-root = the records of segment `{ $segment }` are not those that were sealed
verify-tag-differs = what the commit says of segment `{ $segment }` does not follow from its records
verify-segment-missing = segment `{ $segment }` is not there
verify-content-differs = the records do not lead to the content that was received
verify-receipt-not-rebuilt = the file `{ $origin }` cannot be given back as it was received
verify-statistics-lie = the footer says that no value of the column `{ $column }` lies where one does: whoever believes it misses records
verify-file-says-more = the file has more row groups than one, an index or a bloom filter, which the format does not have

# Outside the vault
verify-rolled-back = a tree of { $size } entries was signed, but the vault has { $tree }: it was rolled back to an older state, or commits were removed
verify-forked = another tree of { $size } entries was signed with the same key: the log was forked or rebuilt
verify-against-unreadable = what the vault is to be compared with is no signed checkpoint
verify-against-other-origin = the checkpoint to compare with is of `{ $found }`, the key of `{ $expected }`
verify-against-other-key = the checkpoint kept elsewhere is of the same origin, but this key did not sign it: the vault's key was replaced, or the checkpoint was changed
verify-against-agrees = the checkpoint of { $size } entries that was kept elsewhere agrees
verify-against-empty = the checkpoint that was kept elsewhere is of an empty tree: that it agrees says nothing
verify-anchor-dropped = the anchor `{ $place }` was taken out of the configuration later on
verify-anchor-unlisted = the anchor `{ $place }` was taken out of the list, and the log's key does not say so: it is an anchor still (`shoseki anchor remove` says so with the key)
verify-anchor-not-looked-at = the anchor `{ $place }` was not looked at
verify-anchor-unreachable = the anchor `{ $place }` could not be read: { $why }
verify-anchored-until = anchored outside up to tree size { $size } ({ $time }) at `{ $place }`
verify-not-anchored = no checkpoint outside the vault was compared: who holds the signing key could have rebuilt or rolled back all of it

# Proofs
verify-proof-holds = record `{ $record }` is unchanged since commit { $version } of { $time }, in the tree of { $size } entries
verify-proof-segment = commit { $version } does not add the segment of record `{ $record }`
verify-proof-record = record `{ $record }` is not the one that was sealed
verify-proof-commit = the log's proof is not that of commit { $version }

# Packages
verify-package-unreadable = the package could not be read
verify-package-unwritable = the package could not be written
verify-package-archive = the package is not a zip file as shoseki writes them: { $why }
verify-package-entry-unreadable = the entry `{ $name }` cannot be read: it was changed
verify-package-entry-changed = it is not the file that was signed: it was changed
verify-package-entry-added = it is not among the files that were signed: it was added
verify-package-manifest-unreadable = the manifest is not in the form that shoseki writes
verify-package-file-twice = the file `{ $name }` was to be written twice; this is a defect of shoseki
verify-package-file-missing = the file `{ $name }` was not written; this is a defect of shoseki
verify-package-other-origin = the package is of the vault `{ $there }`, but the key given is that of `{ $key }`
verify-package-other-tree = the checkpoint is of { $size } entries or of another log; the manifest says { $claimed }
verify-package-proof-other-tree = the proof is of another tree than the package's checkpoint
verify-package-commit-missing = the package has no proven commit { $version }
verify-package-record-twice = the record stands in the package twice
verify-package-counts = { $found } lines are there; the manifest says { $claimed }, or names other streams
verify-package-row-unreadable = the row cannot be read
verify-package-row-unproven = the row is of record `{ $record }`, which is not among the proven records
verify-package-older = the package is of the tree of { $size } entries, but one of { $known } is known: what was sealed since is not in it
verify-package-proven = proven: { $records } records are in the tree of { $size } entries, unchanged
verify-package-claims-complete = claimed, not proven by the package: on { $created } the query gave these { $rows } rows and no others over the tree of { $size } entries
verify-package-claims-part = these { $rows } rows are not all that the query gives over the tree of { $size } entries (made on { $created })
verify-package-masked = values are masked in `rows.csv` and `rows.jsonl`; `records.jsonl`, and the population where there is one, have the records as they were received

# The program shoseki-verify
verify-cli-help =
    shoseki-verify: judges evidence sealed by shoseki, offline, trusting nobody

    shoseki-verify package FILE --key KEY [--against FILE]
    shoseki-verify proof FILE --key KEY
    shoseki-verify vault FOLDER --key KEY [--encryption-key FILE]… [--deep] [--against FILE] [--anchor FOLDER]

    --key KEY               the log's verifier key (name+hash+base64), or a file that holds it
    --encryption-key FILE   a key file that opens the vault's encrypted files; several since a rotation
    --deep                  open every file, derive every column again, rebuild every file received
    --against FILE          a signed checkpoint of the same log that you kept
    --anchor FOLDER         a place where the vault's checkpoints are kept; may be given again
    --json                  the report as JSON
    --lang en|ja            the language of messages

    Exit codes: 0 intact, 1 tampered, 2 your mistake, 3 the world failed, 4 cannot be judged.
verify-cli-value-missing = the option `{ $option }` needs a value
verify-cli-language = the language `{ $found }` is not known; expected `en` or `ja`
verify-cli-option-unknown = the option `{ $option }` is not known; see `--help`
verify-cli-too-many = `{ $word }` is one argument too many; see `--help`
verify-cli-command = `{ $found }` is no command; expected `package`, `proof` or `vault`, or `--help`
verify-cli-target-missing = `{ $command }` needs a file or folder to judge
verify-cli-file-unreadable = `{ $path }` cannot be read
verify-cli-no-threads = the system gives no threads
verify-cli-no-json = the report could not be written as JSON; this is a defect of shoseki
verify-cli-output-failed = the output could not be written
verify-cli-since = { " " }(sealed by commit { $commit } of { $time })
verify-cli-more = and { $count } more
verify-cli-checked = checked of `{ $origin }`, tree size { $size }: { $commits } commits, { $log_objects } log objects, { $checkpoints } checkpoints, { $files } files, { $records } records, { $bytes } bytes
verify-package-proves-nothing = the package holds no record: that nothing fits the query is claimed by whoever signed it, and not proven
verify-file-key-not-opened = its key is wrapped by the key `{ $id }`, which only another encryption key opens: give that one
verify-keys-of-others = { $count } wrapped keys are of an encryption key that was not given, from before a rotation; others of the same name were opened
verify-derivation-other = the records are as they were sealed, but their columns were derived by version { $version } of the parser of `{ $source }`, which is not this program's: use the version that knows it
verify-index-lies = the skip index does not follow from the file's records: a query would pass over what is there
verify-replaced = { $count } files that compactions replaced are still there, with { $bytes } bytes; what was in them lies in other files, and they may be deleted
verify-file-missing-newer = the file is not there; a commit of a newer format may have replaced it, which this version cannot tell

# Trails of CloudTrail
verify-trail-no-folder = `{ $path }` is a file: give the folder that it lies in
verify-trail-file-long = `{ $name }` has { $bytes } bytes, more than the { $limit } that are read: CloudTrail writes no such file
verify-trail-keys-unreadable = the file of keys is not what `aws cloudtrail list-public-keys` or `--save-keys` writes: a `PublicKeyList` with a `Value` in base64 for each key
verify-trail-key-unreadable = the key `{ $fingerprint }` is no RSA key in PKCS#1 or SubjectPublicKeyInfo
verify-trail-key-misnamed = the file of keys says that a key's fingerprint is `{ $stated }`, but it is `{ $found }`: the key or its fingerprint was changed
verify-trail-digest-missing = it is missing: the digest after it names it
verify-trail-digest-missing-between = it is missing: no digest tells of this hour, between two that are chained
verify-trail-digests-missing-many = it is missing, with those before it: { $count } hours in all
verify-trail-older-missing = the oldest digest here names this one before it, which is not here: it expired, was not copied, or was removed
verify-trail-newest-missing-logs = { $hours } hours have no digest from here on, though log files go on until { $log }: the newest digests were removed, or validation was switched off
verify-trail-newest-missing-other = { $hours } hours have no digest from here on, though the trail's digests of account { $account } in { $region } go on until { $last }: the newest digests were removed
verify-trail-newest-overdue = { $hours } hours have no digest from here on, and no log file: the trail was stopped, or the newest files were removed
verify-trail-digest-altered = its content is not that which was signed, nor that which the next digest states: it was altered
verify-trail-no-digest = it is no digest: { $why }
verify-trail-gzip-corrupt = its gzip stream is cut off or corrupt
verify-trail-content-long = its content is longer than anything that CloudTrail writes
verify-trail-digest-moved = it lies in another place than the one it states, `{ $place }`: it was moved or renamed
verify-trail-signature-wrong = its signature is not that of the key that it names: the digest or its signature was changed
verify-trail-signature-replaced = the signature beside it was changed; the one that the next digest states is right and proves it
verify-trail-signature-missing = it is not proven: no signature lies beside it, and there is no later digest that states one
verify-trail-key-unknown = the key `{ $fingerprint }`, which it names, is not among the keys
verify-trail-key-other = it names the key `{ $fingerprint }`, but `{ $other }` signed it
verify-trail-key-not-valid = its signature is right, but the key was not valid at its time: { $validity }
verify-trail-algorithm = its signature is of a kind that is not known here: `{ $algorithm }`
verify-trail-hash-unknown = the digest states its hash in a way that is not known here
verify-trail-chain-broken = it is signed, but `{ $next }` states another content or signature of it
verify-trail-chain-outside = the chain goes on before what was given: this digest lies outside of it
verify-trail-digest-bypassed = it is named by no later digest: `{ $next }` is chained past it
verify-trail-restarted = the chain begins anew here: the trail, or its validation, was stopped and started, and nothing is proven of the time between
verify-trail-trailing = { $bytes } bytes follow its gzip stream: they were appended
verify-trail-log-missing = the log file is missing: it was removed
verify-trail-log-altered = the log file was altered: its content has the SHA-256 { $found }, the digest states { $stated }
verify-trail-log-extra = no digest names this log file, though digests cover its time: it was added
verify-trail-logs-unproven = { $count } log files of hours without a digest are proven by nothing, beginning with this one
verify-trail-logs-outside = { $count } log files that it names lie outside of what was given, the first at `{ $first }`
verify-trail-file-foreign = it lies among CloudTrail's files and has no name of theirs: it was added or renamed
verify-trail-region-absent = this account has no digest in this region, though other accounts of the trail have: it is not covered, or was removed
verify-trail-no-digests = { $count } log files and no digest: nothing proves them, beginning with `{ $first }`
verify-trail-nothing = no digest was found here: expected names such as `…/CloudTrail-Digest/<region>/2026/03/05/<account>_CloudTrail-Digest_….json.gz`
verify-trail-horizon = digests were expected until { $time }
verify-trail-copied = this is a copy: the digests were delivered to the bucket `{ $bucket }`
verify-trail-bucket-moved = account { $account }, { $region }: the trail moved from bucket `{ $from }` to `{ $to }` at { $time }
verify-trail-not-due = { $count } log files are too new: the digest that names them is not due yet
verify-trail-resumed = { $count } log files were not read again: the file of `--resume` says that an earlier run found them intact. Whoever can change that file can make it say so
verify-trail-mend-missing = Restore it from a copy (versions of the bucket, replication, backup); look in CloudTrail and S3 access logs for who deleted it
verify-trail-mend-altered = Restore the original from a copy (versions of the bucket, replication, backup); look in S3 access logs for who wrote it
verify-trail-mend-moved = Put it back to the place that it states, and look for who moved it
verify-trail-mend-signature = Compare with the object's other versions, and with the keys that `aws cloudtrail list-public-keys` gives for its time
verify-trail-mend-chain = Compare with the object's other versions; keep what is there, and ask AWS support
verify-trail-mend-extra = Do not take it for evidence; look in S3 access logs for who wrote it. A file that only came late gets a digest of late files
verify-trail-mend-older = Give `--from` where older digests are not to be judged, or restore it
verify-trail-mend-overdue = Look whether the trail logs (`aws cloudtrail get-trail-status`); give `--to` where it was meant to end
verify-trail-mend-no-signature = Judge the bucket itself, or put what `aws s3api head-object` prints beside it, as NAME.json.gz.head.json
verify-trail-mend-key = Give the keys of its region and time: from the API, or by `--keys`
verify-trail-mend-report = Update shoseki; if it stays, report it with the digest
verify-trail-mend-restarted = Look in CloudTrail for StopLogging, UpdateTrail and DeleteTrail, and who called them
verify-trail-mend-not-given = Give that place too, beside the others
verify-trail-mend-no-digests = Switch on log file validation for the trail; where the region is not meant, give `--account` and `--region`
verify-trail-mend-unproven = Restore the digests of these hours. Where none were made, nothing can prove these files any more
verify-trail-mend-unreadable = Give the right to read it, and run again
verify-trail-too-many-folders = `{ $place }` holds too many folders to look for trails in: give the folder that `AWSLogs` lies in, or one below it
verify-trail-unreadable = it could not be read: { $why }
verify-trail-region-silent = no digest and no log file of this time, though there are of other times: the trail was stopped here, or they were removed
verify-trail-digest-altered-chain = its content is not that which the next digest, whose signature is right, states: it was altered
verify-package-too-large = the package has no room for this: a zip file without extensions holds 4 GiB and 65,534 files. Ask about a shorter time, or leave out `--population`
verify-population-misplaced = the record is not the one that is due in its segment
verify-population-records-missing = { $count } { $count ->
        [one] record is
       *[other] records are
    } left out of the population from here on
verify-population-segment-added = the segment is not one that the population must have, or not here
verify-population-segment-missing = commit { $version } says that it can hold what was asked about, and all its { $records } records are left out
verify-population-commit = commit { $due } is due here and { $found } is there
verify-population-commits = the commits end with { $found }; the tree has { $size }
verify-population-root = the commits do not lead to the root of the tree of { $size } entries
verify-population-whole = the population is whole: { $records } records, every one of every segment that can hold what was asked about by what the { $size } commits say; they lead to the roots of their segments, and the commits to the root of the tree
verify-population-not-run = the query was not run again over the population: this program has no query engine, or something is wrong above; `shoseki package verify` does it
verify-population-failed = the query could not be run again over the population
verify-population-derivation = the columns of `{ $source }` were derived by version { $version } of its parser when they were sealed; this program derived them again by its own version
verify-population-complete = complete: the query was run again over { $records } records and gave the same { $rows } rows
verify-population-any-order = the rows were compared in any order: SQL leaves the order of equal rows open
verify-population-relative = complete as far as what is sealed says: which times, source and streams a segment has was said by whoever sealed it, and of the segments that are not in the package only `shoseki verify --deep` on the vault can tell whether that is true
verify-sample-name = it is not the name of a record
verify-sample-not-drawn = the record is in the package, but the seed `{ $seed }` does not draw it from the list
verify-sample-missing = the seed draws this record from the list, and it is not in `{ $file }`
verify-sample-drawn = the sample is the one that the seed draws: { $by } drew { $count } of { $from } records on { $time } with the seed `{ $seed }`. It proves something only if the seed was chosen before anybody looked at the records
verify-sample-list-claimed = claimed, not proven by the package: that the list the sample was drawn from holds every record that the query gives
verify-population-list = the list that the sample was drawn from names the { $from } records that the query gives, and no others
verify-population-engine = the query was asked by `{ $engine }`, which is another version than this: if rows differ, run it again with that one
verify-package-document-unsaid = no sealed record says what this document is for, or it says another length or hash
verify-package-documents = proven: { $documents } documents, unchanged, and { $statements } sealed records that say what they are for
verify-package-no-attachment = the record is none that says what a document is for
