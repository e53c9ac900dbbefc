### Storage classes of a vault's bucket, and what reading costs. The other language's file of the same name says the same; a test holds the two together.

tier-class-unknown = `{ $class }` is no class that a vault's files are moved into: expected one of { $known }
tier-class-archive = `{ $class }` is an archive: what lies there must be restored before it can be read, and a vault is read at any time. Expected one of { $known }
tier-age = `{ $class }` after { $days } days: expected from { $least } to { $most } days
tier-after-unreadable = `{ $text }` is no age: expected days, such as `90d`
tier-rules-many = the life cycle would have { $count } rules, and S3 takes { $most }
tier-rule-unsaid = the rule `{ $rule }` of the bucket says `{ $member }`, for which there is no word of Terraform here: take `--as aws`, which keeps it as it is
tier-no-bucket = `{ $url }` is a folder and has no storage classes: expected a vault at s3://BUCKET/PREFIX
tier-no-vault = no vault lies at `{ $url }`: there is no `shoseki.toml`
tier-changed = the life cycle of `{ $bucket }` was changed by somebody else a moment ago, and nothing was put: look at it again
tier-not-there = `{ $bucket }` took the life cycle and does not have it: look at it with `aws s3api get-bucket-lifecycle-configuration --bucket { $bucket }`

cli-tier-class = Class
cli-tier-what = What
cli-tier-files = Files
cli-tier-bytes = Bytes
cli-tier-requests = Requests
cli-tier-usd = US dollars
cli-tier-evidence = evidence
cli-tier-others = log, commits, keys: never moved
cli-tier-younger = under { $days } days
cli-tier-older = older
cli-tier-all = All
cli-tier-not-read = cannot be read
cli-tier-archived = { $files } files lie in `{ $class }`, an archive: they must be restored before the vault can be read (`aws s3api restore-object`), and then copied into another class.
cli-tier-on-a-date = on a date that it names
cli-tier-reach-all = all objects of the vault
cli-tier-reach-some = some objects of the vault
cli-tier-rule-off = Rule `{ $rule }` is off.
cli-tier-rule-moves = Rule `{ $rule }` moves { $reach } into { $class } (days: { $after }).
cli-tier-rule-archives = Rule `{ $rule }` moves { $reach } into { $class } (days: { $after }), where they cannot be read without a restore. Take this transition out of the rule, or give the rule a prefix outside the vault.
cli-tier-rule-expires = Rule `{ $rule }` deletes { $reach } (days: { $after }), which no commit says: `verify` will say `tampered`. Take the expiration out of the rule; what is older than its period goes by `shoseki retention run`.
cli-tier-paid = A month costs { $month } US dollars as it lies. To read all of it once costs { $verify } (`verify`), or { $deep } (`verify --deep`).
cli-tier-would-move = Into { $class } after { $days } days, counted from when a file was written:
cli-tier-moves = moves at once
cli-tier-not-old = not old enough
cli-tier-small = stays: smaller than 128 KB
cli-tier-stays = stays: there already, or nothing is moved from its class
cli-tier-now = Now, US dollars
cli-tier-then = Then, US dollars
cli-tier-month = a month
cli-tier-verify = all read once (`verify`)
cli-tier-verify-deep = `verify --deep`
cli-tier-once = The moves cost { $usd } US dollars, once.
cli-tier-pays = That is paid for after { $months } months, if nothing is read.
cli-tier-pays-not = Whether it ever pays is not certain: nothing is saved, or what is depends on what is read.
cli-tier-least-days = What leaves { $class } earlier than { $days } days after its move is paid for them all the same: files that a compaction replaces, that expire or of which records are erased.
cli-tier-short = Retention class `{ $class }` is kept for { $months } months: its files expire before { $days } days, up to which they are paid for.
cli-tier-one-zone = { $class } lies in one data centre: what is lost with it is lost. Take it for a replica, not for the only copy.
cli-tier-intelligent = Intelligent-Tiering moves what is not read for 30 and 90 days down, and what is read up again: a month costs between the two sums. Switch on neither of its archive tiers: what lies there cannot be read at once.
cli-tier-is-there = The rules are there already: { $rules }.
cli-tier-how =
    Nothing was changed. To put the rules beside those that are there:
      shoseki { $asked } --apply
    or, as another tool takes all rules of the bucket:
      shoseki { $asked } --as aws > life-cycle.json
      aws s3api put-bucket-lifecycle-configuration --bucket { $bucket }{ $smallest } --lifecycle-configuration file://life-cycle.json
      shoseki { $asked } --as terraform > life-cycle.tf
cli-tier-ask = The rules above come into the life cycle of `{ $bucket }`, beside those that are there. Type `yes` to go on: 
cli-tier-applied = The rules are there: { $rules }. S3 looks at them once a day.
cli-tier-prices = List prices of { $region } as of { $day }, in US dollars before tax: { $prices }. A price with * was not read on a page that states it: look it up before you decide by it.
cli-tier-uncounted = Not counted: older versions of objects, data that leaves the region, and requests to KMS.
cli-tier-free = The vault lies in a folder: reading it costs nothing.
cli-tier-nothing-read = No file of the bucket may hold what is asked for: nothing is read, and nothing paid.
cli-tier-query = Each of these files whole, as often as it is opened: { $whole } US dollars. Mostly a small part of a file is read; since conditions may read a column again, it is at most { $most } US dollars.
cli-tier-asking = To ask the files' indexes, { $bytes } were read (requests: { $requests }), which cost { $usd } US dollars.
cli-tier-verify-usd = { $usd } US dollars in all. Nothing was read but the bucket's listing.

tier-price-s3-storage = STANDARD, a GB a month
tier-price-s3-gets = GETs of STANDARD and INTELLIGENT_TIERING
tier-price-s3-ia-storage = STANDARD_IA, a GB a month
tier-price-s3-onezone-storage = ONEZONE_IA, a GB a month
tier-price-s3-gir-storage = GLACIER_IR, a GB a month
tier-price-s3-glacier-storage = GLACIER, a GB a month
tier-price-s3-deep-storage = DEEP_ARCHIVE, a GB a month
tier-price-s3-int-monitoring = objects that INTELLIGENT_TIERING looks at, a month
tier-price-s3-ia-gets = GETs of STANDARD_IA and ONEZONE_IA
tier-price-s3-gir-gets = GETs of GLACIER_IR
tier-price-s3-ia-retrieval = a GB read from STANDARD_IA or ONEZONE_IA
tier-price-s3-gir-retrieval = a GB read from GLACIER_IR
tier-price-s3-ia-moves = moves into STANDARD_IA, ONEZONE_IA or INTELLIGENT_TIERING
tier-price-s3-gir-moves = moves into GLACIER_IR
