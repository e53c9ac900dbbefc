### Set-up: what is wanted, what cannot be, what a person must do. The file of the same name in the other language has the same; a test holds them to it.

setup-access-logs-itself = the bucket logs its access into itself, which makes a log of each log: name another bucket as its target by hand
setup-access-logs-kms = the bucket takes access logs and is encrypted by KMS: S3 writes access logs only to a bucket with SSE-S3. It is not made weaker from here: name another target, or change it by hand
setup-bucket-elsewhere = `{ $bucket }` lies in an account that was not looked at (a log archive, as Control Tower has one): it is taken as it is. With a role of that account in `roles`, first in the list, it is looked after too
setup-bucket-writers = others write to `{ $bucket }` ({ $others }), whom another default key would refuse: give them a key's rights, and change the encryption by hand
setup-check-engine = no log-in is tried at a database of `{ $engine }`: log in to it with a wrong name by hand, and look for that
setup-check-no-access-logs = the access logs of `{ $bucket }` go nowhere, or that may not be seen: `shoseki setup plan` says which
setup-check-no-bucket = the bucket `{ $bucket }` is not seen in the account of the evidence
setup-check-no-channel = AWS Config has no delivery channel in { $account } { $region }: `shoseki setup apply` makes one
setup-check-no-endpoint = `{ $name }` has no address that could be called: it is being made, or stopped
setup-check-no-trail = { $account } has no trail: `shoseki setup apply` makes one
setup-check-nonce = `{ $text }` is no nonce: expected the 12 digits that an earlier `shoseki setup check` showed
setup-control-tower = `{ $trail }` is Control Tower's: change it there, for what is changed here is drift that it reports and mends
setup-database-busy = `{ $database }` is `{ $status }`, and is modified only while it is `available`: run this again then
setup-database-cluster = auditing of a cluster of `{ $engine }` is not set up from here: switch on its own audit by hand
setup-database-engine = auditing of `{ $engine }` is not set up from here: switch on its own audit by hand
setup-database-extension = `{ $database }`: after the reboot a person runs `CREATE EXTENSION pgaudit;` in each database of it
setup-database-pending = `{ $database }` has changes that wait for its maintenance window ({ $pending }): what is asked for now would bring them at once, perhaps with a downtime. Let the window pass, or have them done at a time that suits, and run this again
setup-database-reboot = `{ $database }` waits for a reboot before what was changed holds: reboot it at a time that suits, for nothing is rebooted from here
setup-database-volume = `{ $database }`: reads and writes are recorded too, which can be much; CloudWatch Logs is paid by the gigabyte
setup-database-will-reboot = `{ $database }`: what is changed holds after the next reboot, which a person does
setup-denied = the service control policy `{ $policy }` denies `{ $right }` in this account: whoever manages the organization must exempt who sets up, or do this there
setup-denied-perhaps = the service control policy `{ $policy }` may deny `{ $right }` in this account: it is attached to a unit, or denies under conditions
setup-drift-cannot = `{ $setting }`: { $why }
setup-drift-missing = `{ $setting }` is not there; planned is `{ $want }`
setup-drift-none = all of it is as planned
setup-drift-other = `{ $setting }` is `{ $is }`; planned is `{ $want }`
setup-export-call = `{ $call }` of the plan is not said in code: the export would lack it
setup-export-placeholder = `{ $text }` has no meaning in what is exported
setup-key-elsewhere = `{ $key }` is a key of another account: whoever owns it changes it
setup-life-cycle-by-hand = the rule `{ $rule }` takes some objects only, or a date: whether evidence is among them, only who wrote it knows. Evidence is to be kept for { $days } days
setup-life-cycle-expires = the rule `{ $rule }` has objects expire after { $days } days, and `expire = false` asks that none do: no rule is taken away from here
setup-life-cycle-guarded = only who takes the break-glass role may change the life cycle of `{ $bucket }`: with that role, have objects and their old versions expire after { $days } days (`aws s3api put-bucket-lifecycle-configuration`)
setup-life-cycle-shut = nobody may change the life cycle of `{ $bucket }` while its policy has `ShosekiKeepsLifeCycle`, and `break_glass` names nobody: who may change that policy takes the statement out and runs `apply` again, which has objects expire after { $days } days and puts it back
setup-lock-compliance = `{ $bucket }`: an object that is written from then on can be deleted by nobody for { $days } days, not by root and not by AWS, and is paid for as long
setup-lock-config = `{ $bucket }`: AWS Config delivers to it, and delivers to no bucket whose objects are locked by default: point its delivery channel at another bucket first
setup-lock-governance = `{ $bucket }`: an object that is written from then on can be deleted for { $days } days only by who has `s3:BypassGovernanceRetention`
setup-lock-older = `{ $bucket }`: what lies there already is not locked by it. S3 Batch Operations can lock it too
setup-log-group-kept = `{ $group }` keeps events for { $days } days, and longer than ten years CloudWatch Logs keeps them only for ever: `aws logs delete-retention-policy --log-group-name { $group }`
setup-log-group-key = `{ $group }` is not encrypted by a key of your own: `aws logs associate-kms-key --log-group-name { $group } --kms-key-id KEY`, with a key whose policy lets CloudWatch Logs use it
setup-not-asked = `{ $call }` was not asked of `{ $what }`, so that what is there is not known
setup-not-given = a call of the plan needs `{ $name }`, which no call before it gave
setup-organization-member = `{ $account }` cannot have a trail of its organization: `{ $manager }` manages it. Put a role of that account into `roles`
setup-organization-none = `{ $account }` is in no organization that it may see: `organization = true` needs its management account
setup-policy-unreadable = the policy that is there cannot be read, so it is not replaced
setup-queue-region = S3 tells only a queue of its own region: `{ $bucket }` is in `{ $region }`. Make that the `home_region`, or set `queue = false`
setup-prices = the list of prices is broken
setup-queue-overlaps = `{ $bucket }` tells { $others } of some of the new objects, and S3 tells nobody else of the same: have that one told of all (`s3:ObjectCreated:*`, no prefix or suffix) and take it as the queue, or take it away by hand; or set `queue = false`
setup-replica-here = the bucket of evidence is in `{ $region }` itself: name another region as `replicate_to`
setup-replication-old = `{ $bucket }` has a rule of replication of the old form, beside which no new one can stand: rewrite it by hand with a `Filter` and a `Priority`
setup-replication-older = `{ $bucket }`: what lies there already is not replicated by it. S3 Batch Replication does that
setup-replication-role = `{ $bucket }` is replicated by `{ $role }` already, though not all of it, and a bucket has one role for all its rules: add a rule for all of it by hand, with the rights of that role
setup-role-break-glass = who takes this role may delete evidence: keep its takers few, and let people be told of what the rule `break-glass-role-used` finds (`shoseki detect`)
setup-role-irsa = annotate the service account `{ $service }` in `{ $namespace }` with `eks.amazonaws.com/role-arn: { $role }`; the issuer `{ $issuer }` must be a provider of IAM (`eksctl utils associate-iam-oidc-provider`)
setup-role-member = `{ $account }` has no role `{ $role }`, so that what is in its log groups is not read from here: a StackSet of the organization makes it in each account, and `shoseki setup export cloudformation` writes its template
setup-role-more = `{ $role }` can be taken by others or may do more than is asked for ({ $more }): it is given no rights. Take that away by hand, and run this again
setup-role-no-issuer = no cluster `{ $cluster }` with an issuer is seen in `{ $region }`: name one that is there, or take `by = "pod-identity"`
setup-role-pod-identity = bind the role to the service account: `aws eks create-pod-identity-association --cluster-name { $cluster } --namespace { $namespace } --service-account { $service } --role-arn { $role }`; the cluster needs the add-on `eks-pod-identity-agent`
setup-role-shut-out = `{ $role }` has no use in `{ $place }`: { $denials } deny to everybody, since nobody was named when they were written, and nothing is made weaker from here. In an emergency, who may change that policy exempts the role there by `ArnNotLike` on `aws:PrincipalArn`
setup-role-sso = who comes by the permission set `{ $set }` shows AWS no second factor: demand it in IAM Identity Center
setup-role-unnamed = `{ $role }` is there, and `break_glass` names nobody who may take it: nothing is exempt by that name. Delete the role, or name its people
setup-rule-taken = a rule that is called `{ $rule }` and looks at something else is there already: rename it, or leave this name out of `config_rules`
setup-selectors-full = `{ $trail }` has { $most } selectors, and CloudTrail takes no more: join some of them by hand, or rewrite them as advanced ones
setup-stream-elsewhere = the stream `{ $stream }` of Firehose delivers to no bucket: rename it, or take `eks_delivery = "logs"`
setup-stream-status = the stream `{ $stream }` of Firehose is `{ $status }`: delete it by hand, and run this again
setup-subscription-elsewhere = Firehose is set up for clusters in the account and region of the evidence: `{ $group }` is elsewhere, and stays to be read (`[[fetch.cloudwatch-logs]]`)
setup-subscription-full = `{ $group }` has two subscriptions already, and CloudWatch Logs takes no third: take one away by hand
setup-moved = it was { $was } when the set-up was applied on { $when }, and is { $now } now: whoever changed that had the evidence go elsewhere
setup-moved-key = it encrypted by { $was } when the set-up was applied on { $when }, and does so by { $now } now
setup-trail-elsewhere = `{ $trail }` belongs to another account: whoever owns it changes it
setup-wish-arn = [setup]: `{ $arn }` is no ARN of IAM: expected `arn:aws:iam::111122223333:role/NAME`
setup-wish-break-glass = [setup] break_glass: `{ $arn }` is everybody of an account: name the people or the roles that may delete evidence in an emergency
setup-wish-bucket = [setup] data_events: `{ $bucket }` is no name of a bucket: expected `shop-uploads`, without a prefix, or `*` for all
setup-wish-data-events = [setup] data_events: `*` is all buckets, and stands alone
setup-wish-delivery = [setup] eks_delivery: it is for the logs of clusters, and `eks = false` says that none are set up
setup-wish-external-id = [setup] external_id: it is for roles, and `roles` names none
setup-wish-framework = [setup] frameworks: `{ $name }` is unknown: did you mean `{ $near }`?
setup-wish-months = [setup] keep_months: { $months } is less than the { $asked } months that the frameworks ask for: leave it out, or name more
setup-wish-months-most = [setup] keep_months: { $months } is more than { $most }, which is the longest that S3 locks anything for
setup-wish-name = [setup] name: `{ $name }` begins names of buckets: expected 3 to 20 letters of `a` to `z`, digits and single hyphens, a letter first
setup-wish-replica = [setup] replicate_to: `{ $region }` is the home of the evidence itself: name another region
setup-wish-rule = [setup] config_rules: `{ $rule }` is no name of a rule of AWS: expected one as `s3-bucket-public-read-prohibited`
setup-wish-rules = [setup] config_rules: they are AWS Config's, and `config = false` says that it does not record
setup-wish-volumes = [setup.volumes]: each is a number of a month, not below zero
setup-wish-word = [setup]: `{ $name }` is no name of a cluster, a namespace, a service account or a permission set

## `shoseki setup`

cli-setup-adopted = adopted
cli-setup-again = what is left is done by running the same command again: what is there is found, and not made again
cli-setup-applied = { $done } calls made, { $failed } failed, { $held } held up by these
cli-setup-moved = what the set-up rests on is another than when it was last applied (the lines with `!` above): nothing is changed. If that was meant, `shoseki setup apply --adopt` takes it as it is now; else put the trail right first
cli-setup-ask = `shoseki setup apply` changes accounts and asks first, and there is no terminal to be asked at: look at `shoseki setup plan`, and give `--yes`
cli-setup-basis-assumed = assumed
cli-setup-basis-measured = measured
cli-setup-blocked = nothing is to be done from here; what is marked with `!` is for a person
cli-setup-cannot = { $count } for a person
cli-setup-check-ca = the certificate authority of the cluster `{ $cluster }`, as EKS states it, is not readable
cli-setup-check-cell-by = ≤ { $seconds } s
cli-setup-check-cell-late = not in time
cli-setup-check-cell-none = –
cli-setup-check-cell-not = no
cli-setup-check-cell-person = for a person
cli-setup-check-cell-took = { $seconds } s
cli-setup-check-cell-unseen = not to be seen
cli-setup-check-cell-waiting = waiting
cli-setup-check-delivered = Delivered
cli-setup-check-emitted = Emitted
cli-setup-check-fetcher = nothing of it came in, though { $names } of `{ $path }` may read { $place }: does `shoseki serve` run with this file and this vault? A folder or a log group that is new beside others is found within an hour, and at once when `serve` starts. `shoseki fetch` does one round and says what fails; `shoseki query 'filter action = "fetch.failed"' --source shoseki` shows what failed
cli-setup-check-found = Found
cli-setup-check-go-on = what was emitted is not emitted again by `shoseki setup check --again { $nonce }`, which goes on waiting for it
cli-setup-check-ingested = Ingested
cli-setup-check-log = have the application log this line: { $line }
cli-setup-check-nothing = nothing is there to be tried: of the sources that were named, `[setup]` and the accounts have none
cli-setup-check-of = Of
cli-setup-check-other-vault = `{ $door }` took it, and it is not in this vault: does that `serve` write to this vault, and is its log on this machine? Elsewhere it is seen once it is sealed
cli-setup-check-progress = { $arrived } of { $all } found; waiting for { $waiting }
cli-setup-check-questions = By these questions anybody finds the same:
cli-setup-check-refused = not emitted: { $why }
cli-setup-check-rights = `shoseki setup policy` prints the rights that are needed
cli-setup-check-run = run this where it can be reached: { $line }
cli-setup-check-sealed = Sealed
cli-setup-check-send = have its sender send an event with this in it: { $line }
cli-setup-check-slow = it takes { $from } to { $to } hours, and is not waited for: `shoseki setup check --source { $source } --again { $nonce }` then
cli-setup-check-source = Source
cli-setup-check-summary = { $arrived } found, { $late } not in time, { $unjudged } could not be judged, { $slow } take hours
cli-setup-check-token = the variable `{ $name }` of `--token-env` is not set
cli-setup-check-undelivered-access-logs = nothing in { $place }: does its policy let `logging.s3.amazonaws.com` write, and is it without KMS and Object Lock? `shoseki setup plan`
cli-setup-check-undelivered-cloudtrail = nothing in { $place }: does the trail log, in all regions, and may it write there? `shoseki setup plan`; `aws cloudtrail get-trail-status` has `LatestDeliveryError`. CloudTrail may take a quarter of an hour
cli-setup-check-undelivered-config = nothing in { $place }: may AWS Config's role write there, and use the key? `shoseki setup plan`; `aws configservice describe-delivery-channel-status` has the last error
cli-setup-check-undelivered-data-events = nothing in { $place }: does the trail record data events of this bucket? `shoseki setup plan`. CloudTrail may take a quarter of an hour
cli-setup-check-undelivered-database = nothing in { $place }: is the audit log on and exported, and does the database wait for a reboot? `shoseki setup plan`
cli-setup-check-undelivered-eks = nothing in { $place }: does the cluster log `audit` and `authenticator`? `shoseki setup plan`
cli-setup-check-unfetched = it lies in { $place }, and nothing in `{ $path }` fetches from there: add a `[[fetch.s3]]`, `[[fetch.sqs]]` or `[[fetch.cloudwatch-logs]]`, or run this with `--take-in`
cli-setup-check-unfound = it is sealed, and the question does not find it: `shoseki verify --deep` says whether an index or a file is wrong
cli-setup-check-unsealed = it is in the vault and not sealed: whoever writes it must have the signing key; `shoseki status` says how much is not sealed
cli-setup-check-unseen = where it is delivered cannot be seen from here: { $why }
cli-setup-change = { $count } to change
cli-setup-config = the configuration `{ $path }` cannot be read: write one with a table `[setup]`, or name it with `--config`
cli-setup-changed = the account is not as it was when this was asked: this is the plan now
cli-setup-cost-basis = Number
cli-setup-cost-count = A month
cli-setup-cost-instead = In brackets: what the other way would cost (`eks_delivery`), which counts for nothing here
cli-setup-cost-month = USD a month
cli-setup-cost-piece = Piece
cli-setup-cost-price = USD
cli-setup-cost-total = About { $usd } US dollars a month, once all that is kept is there: list prices of { $region } as of { $day }, before tax, without free tiers. What is assumed can be stated in [setup.volumes]
cli-setup-cost-unverified = * not read on a page that states it for this region: look it up at https://aws.amazon.com/pricing/
cli-setup-cost-what = What
cli-setup-create = { $count } to make
cli-setup-done = done
cli-setup-evidence = What exists, and whether its evidence arrives:
cli-setup-export-changed = somebody changed { $paths }: nothing is written. Put what was changed into `shoseki.toml` or where the module is called, and move these away; `--force` writes over them
cli-setup-export-database = `{ $text }` is no database: expected an engine and its version as `postgres:16`, of { $known }
cli-setup-export-done = { $written } files written, { $same } as they were
cli-setup-export-left-out = `[setup]` asks for { $names }, and no exported file has that: `shoseki setup apply` alone makes it
cli-setup-export-unwritten = `{ $path }` cannot be read or written
cli-setup-failed = failed: { $why }
cli-setup-first-role = the first of `roles` (`{ $role }`), whose account keeps the evidence, cannot be assumed: without it the evidence would be planned elsewhere
cli-setup-forbidden = rights that are missing: { $rights }. `shoseki setup policy` prints all that are needed. Where AWS speaks of a service control policy, the organization denies it, and no right of this account helps
cli-setup-held-up = not made: it needs `{ $by }`
cli-setup-next = `shoseki setup apply` does this; it shows the plan again and asks
cli-setup-vault = `{ $url }` cannot stand in the policy of the collector's role: expected `vault = "s3://bucket/folder"`, without `*`, `?` and `$`
cli-setup-none = `{ $path }` has no `[setup]`: write one, at the least the line `[setup]` alone
cli-setup-not-agreed = nothing was changed
cli-setup-nothing = nothing is to be done: all is as `[setup]` asks
cli-setup-price-config-items = recorded items
cli-setup-price-config-rules = evaluations of rules
cli-setup-price-firehose = GB through Firehose
cli-setup-price-kms-key = keys
cli-setup-price-kms-requests = requests to KMS
cli-setup-price-logs-kept = GB in log groups now
cli-setup-price-logs-read = GB read from CloudWatch Logs
cli-setup-price-logs-taken-in = GB into CloudWatch Logs
cli-setup-price-region-transfer = GB into the other region
cli-setup-price-s3-puts = files written
cli-setup-price-s3-storage = GB kept
cli-setup-price-sqs-requests = requests to SQS
cli-setup-price-trail-data-events = data events
cli-setup-price-trail-insights = events analyzed
cli-setup-question = Shall this be done? Only `yes` is a yes:
cli-setup-recorded = What differs from the plan is kept in the vault as findings; { $new } { $new ->
    [one] is
   *[other] are
 } new (`shoseki finding list`)
cli-setup-right = { $count } right
cli-setup-stopped = stopped between two calls: the same command goes on from here
cli-setup-stricter = stricter than asked, stays
cli-setup-summary = Plan: { $counts }
cli-setup-was-there = was there already

## What differs from a plan: checks

check-title-setup_store_is_as_planned = Where evidence lies is as the set-up plans it
check-asks-setup_store_is_as_planned = The key of evidence and the buckets with evidence have each setting that `[setup]` plans: its policy, encryption, versioning, lock, life cycle and access logs.
check-mend-setup_store_is_as_planned = `shoseki setup plan` shows what differs and the calls of AWS that mend it; `shoseki setup apply` makes them after it has asked. What has `!` is for a person. Where the change is meant, say so in `[setup]`; else ask who made it: `shoseki query --saved cloudtrail-s3-exposure`.
check-title-setup_trail_is_as_planned = The trail is as the set-up plans it
check-asks-setup_trail_is_as_planned = Each account's trail records and delivers as `[setup]` plans it: regions, digests, encryption, management events, data events, and that it logs.
check-mend-setup_trail_is_as_planned = `shoseki setup plan` shows what differs and the calls of AWS that mend it; `shoseki setup apply` makes them after it has asked. What has `!` is for a person. Where the change is meant, say so in `[setup]`; else ask who made it: `shoseki query --saved cloudtrail-trail-changes`.
check-title-setup_config_is_as_planned = AWS Config is as the set-up plans it
check-asks-setup_config_is_as_planned = AWS Config records and delivers in each region as `[setup]` plans it, with its rules.
check-mend-setup_config_is_as_planned = `shoseki setup plan` shows what differs and the calls of AWS that mend it; `shoseki setup apply` makes them after it has asked. What has `!` is for a person. Where the change is meant, say so in `[setup]`; else ask who made it: `shoseki query --saved cloudtrail-trail-changes`.
check-title-setup_logs_are_as_planned = The logs of clusters and databases are as the set-up plans them
check-asks-setup_logs_are_as_planned = Each cluster of EKS and each database of RDS logs and exports what `[setup]` plans, also one that is new.
check-mend-setup_logs_are_as_planned = `shoseki setup plan` shows what differs and the calls of AWS that mend it; `shoseki setup apply` makes them after it has asked. What has `!` is for a person. Where the change is meant, say so in `[setup]`; else ask who made it: `shoseki query --saved cloudtrail-by-event`.
check-title-setup_roles_are_as_planned = The roles of evidence are as the set-up plans them
check-asks-setup_roles_are_as_planned = The collector's, the auditor's and the break-glass role are taken by whom `[setup]` names, and may do what it plans and no more.
check-mend-setup_roles_are_as_planned = `shoseki setup plan` shows what differs and the calls of AWS that mend it; `shoseki setup apply` makes them after it has asked. What has `!` is for a person. Where the change is meant, say so in `[setup]`; else ask who made it: `shoseki query --saved cloudtrail-iam-changes`.
check-title-setup_notices_are_as_planned = Who is told of evidence is as the set-up plans it
check-asks-setup_notices_are_as_planned = The queue of new files and the bucket of access logs have each setting that `[setup]` plans.
check-mend-setup_notices_are_as_planned = `shoseki setup plan` shows what differs and the calls of AWS that mend it; `shoseki setup apply` makes them after it has asked. What has `!` is for a person. Where the change is meant, say so in `[setup]`; else ask who made it: `shoseki query --saved cloudtrail-s3-exposure`.
