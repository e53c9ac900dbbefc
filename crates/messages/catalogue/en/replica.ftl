### Replicas and restores. The other language's file of the same name says the same; a test holds the two together.

replica-not-written = `{ $url }` is a replica: only `shoseki replica sync` writes there. Name the vault itself, or make a vault of it first with `shoseki restore --from { $url } --to PLACE`
replica-of-another = `{ $url }` is a replica of another vault
replica-not-empty = `{ $url }` is not empty: a replica begins in a folder or below a prefix where nothing lies
replica-is-vault = `{ $url }` is a vault and no replica: nothing is copied over it
replica-unreachable = the replica `{ $url }` cannot be reached: expected a place that `shoseki replica add` began
replica-unknown = there is no replica `{ $url }`; there are: { $known }
replica-log-differs = the commits at `{ $url }` do not lead to its signed checkpoint of { $size } commits: some of them were changed. `shoseki verify` names them
replica-nothing-sealed = nothing is sealed at `{ $url }`
replica-ahead = `{ $url }` has { $size } sealed commits and `{ $place }` has { $ahead }: it was put back to an older state, and nothing is copied
replica-forked = `{ $url }` is not the vault that `{ $place }` is a copy of: at { $size } commits their logs differ, and nothing is copied
replica-place-differs = `{ $name }` at `{ $url }` is not what was sealed
replica-object-differs = `{ $name }` is not what was sealed
replica-object-unknown = a vault has no object `{ $name }`, or none that is sealed
replica-restore-loses = the anchor `{ $url }` knows { $known } commits, and what can be restored has { $size }: the rest is lost by it. Look for a newer replica first, or say that you know with `--accept-loss`
replica-restore-log = the log at `{ $url }` of { $size } commits cannot be put together: what is damaged in it is not in the replica, which has { $kept }
replica-restore-none = nothing is sealed of `{ $what }`
replica-progress = { $done }/{ $all } objects, { $bytes }
replica-none = there is no replica yet: `shoseki replica add URL`
replica-added = `{ $url }` is a replica now
replica-there = `{ $url }` is a replica already
replica-removed = `{ $url }` is no replica any more; what lies there stays
replica-keys = A replica is of no use without the keys in `{ $folder }` (encryption key: { $provider }). Keep them elsewhere, and not beside the replica: `shoseki key backup FOLDER`, then `shoseki key check FOLDER`
replica-signing-key = Keep the keys in `{ $folder }` elsewhere too: without the verifier key nothing proves a replica. `shoseki key backup FOLDER`, then `shoseki key check FOLDER`
replica-up-to-date = `{ $url }` has all { $size } sealed commits
replica-synced = `{ $url }`: { $objects } objects copied ({ $bytes }), { $size } of { $source } sealed commits
replica-not-synced = alarm: nothing was copied to `{ $url }`: { $why }
replica-problem = `{ $name }`: { $why }
replica-deleted = { $files } replaced files deleted there ({ $bytes }), { $kept } kept
replica-stopped = stopped: what was copied stays. Run the same command again to go on
replica-stopping = stopping behind this object (Ctrl-C again to leave at once)
replica-head-url = replica
replica-head-size = sealed commits
replica-head-time = up to
replica-head-behind = behind
replica-head-bytes = bytes
replica-standing-current = up to date
replica-standing-behind = { $commits } commits, { $minutes } min
replica-standing-unreachable = cannot be reached
replica-restore-same = `{ $url }` cannot be restored from itself
replica-restore-other = at `{ $url }` lies another vault, `{ $origin }`: nothing is restored over it
replica-restore-not-empty = `{ $url }` holds something else already: expected an empty place, or one where the same restore was begun
replica-restored-missing = restored `{ $name }`, which was missing
replica-restored-wrong = restored `{ $name }`; what was there is kept as `{ $aside }`
replica-restored = { $count ->
    [0] Nothing to restore
    [one] { $count } object restored
   *[other] { $count } objects restored
 }, { $looked_at } looked at, proven by the log of { $size } commits
replica-restored-whole = `{ $url }`: { $objects } objects restored ({ $bytes }), { $size } sealed commits
replica-restored-next = Before anything is written there: `shoseki verify --vault { $url }`, and stop what still writes to the vault that it replaces, or their logs part
replica-rehearsal-stopped = stopped: what was restored was taken away again
replica-rehearsal-stays = what was restored for the rehearsal could not be taken away: `{ $path }`
replica-rehearsal-restored = restored
replica-rehearsal-restored-value = { $objects } objects, { $bytes }, { $size } commits
replica-rehearsal-asked = asked
replica-rehearsal-asked-value = { $records } records of { $streams } streams
replica-rehearsal-living = against the vault
replica-rehearsal-equal = the same log, and as many records of each stream
replica-rehearsal-differs = another log, or other numbers of records
replica-rehearsal-not-compared = not compared: the vault could not be opened
replica-rehearsal-time = seconds
replica-rehearsal-time-value = { $all } (restore { $restore }, verify { $verify }, query { $query })
replica-rehearsal-passed = The rehearsal passed
replica-rehearsal-failed = The rehearsal failed
replica-rehearsal-not-recorded = the rehearsal is not recorded, and is no evidence
replica-set-aside = `{ $name }` was replaced by a compaction and need not be there: what was there is kept as `{ $aside }`
