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
