### Help texts, by their place in the command tree. The other language's file says the same; a test holds the two together.

help = Takes in the audit evidence of AWS and Kubernetes, seals it, searches it, proves it
help-more = Try it: shoseki demo
    Exit codes: 0 done or intact, 1 tampered or failed, 2 your mistake, 3 the world failed, 4 cannot be judged, 130 stopped
help--help = Shows help
help--json = Reports as JSON, times in UTC
help--key-dir = The folder that holds the keys of vaults [default: ~/.config/shoseki/keys]
help--lang = The language: ja or en [default: by LANG]
help--tz = The time zone of days, of --from and of tables, such as Asia/Tokyo [default: UTC]
help--vault = The vault: a folder or s3://bucket/prefix
help--version = Shows the version
help-heading-arguments = Arguments
help-heading-commands = Commands
help-heading-options = Options
help-heading-usage = Usage
help-possible-values = [one of: { $values }]
help-default = [default: { $value }]
help-anchor = Keeps checkpoints outside the vault, so that its past cannot be rebuilt
help-anchor-add = Adds a place: a folder or s3://bucket/prefix, best in another account with Object Lock
help-anchor-add--url = The place
help-anchor-add-more = Example: shoseki anchor add s3://anchors-of-another-account/shop --vault ./vault
help-anchor-list = Lists the places
help-anchor-list-more = Example: shoseki anchor list --json --vault ./vault
help-anchor-remove = Takes a place away that keeps no more checkpoints, as a sealed change; what it holds stays
help-anchor-remove--url = The place, as `anchor list` shows it
help-anchor-remove-more = Example: shoseki anchor remove s3://anchors-of-another-account/shop --vault ./vault
help-check = Judges the evidence: is it there, is it whole, and does it satisfy PCI DSS, ISO 27001, GDPR, Japan's privacy act and J-SOX
help-check--all = Shows all findings, also those that pass
help-check--check = This check alone (repeatable)
help-check--config = A configuration of `serve`: its [[expect]] says how often streams should speak
help-check--framework = The requirements of a framework (repeatable): pci-dss, iso27001, gdpr, appi, j-sox, handbook [default: the checks alone]
help-check--framework-file = A framework of your own, as YAML, with checks of its own (repeatable)
help-check--from = From this time: 2026-03-05, -30d [default: -90d]
help-check--output = table, csv (a line for each finding) or json [default: table]
help-check--period = The period: 2026, 2026H1, 2026Q3, 2026-07, 2026-07-01, FY2026Q3 (Japan's fiscal year) or 2026-07-01..2026-09-30
help-check--to = Up to this time, a date included [default: now]
help-check-audit-policy = Says what an audit policy of Kubernetes records of what matters, evaluated as the API server does, and what it misses
help-check-audit-policy--file = The policy, as YAML
help-check-audit-policy-more = EKS takes no policy: AWS has its own there. Exit code 1 where something that matters is missed, or a secret's value would be recorded.

    Example:
      shoseki check audit-policy audit-policy.yaml
help-check-frameworks = Lists the frameworks, and with --json their requirements
help-check-frameworks--framework-file = A framework of your own (repeatable)
help-check-frameworks-more = Example: shoseki check frameworks --json
help-check-iac = Judges settings in files of code: Terraform, plans, CloudFormation, Kubernetes, Falco
help-check-iac--all = Shows all findings, also those that pass
help-check-iac--check = This check alone (repeatable)
help-check-iac--fail-on = Severity from which a failure makes the exit code 1: low, medium, high, critical [default: low]
help-check-iac--framework = The checks that a framework asks for, with its requirements (repeatable): pci-dss, iso27001, gdpr, appi, j-sox, handbook [default: all checks]
help-check-iac--framework-file = A framework of your own, as YAML (repeatable)
help-check-iac--output = text, csv, json, junit or sarif [default: text]
help-check-iac--paths = Files and folders; in a folder, what is none of these is passed over
help-check-iac--record = Keeps the run and its findings in the vault: what is new, and what is mended (`shoseki finding list`)
help-check-iac-more = It needs no vault, unless --record keeps the run. What a file is, its content says; what cannot be evaluated is no evidence, and never a pass. An exception stands in the code: # shoseki:accept CHECK until=2027-03-31 reason="…"
    Exit code 0 where nothing fails, 1 where something does, 4 where nothing fails but a file could not be read, or nothing was there to judge.

    Examples:
      shoseki check iac infra/
      terraform show -json plan.out > plan.json && shoseki check iac plan.json
      shoseki check iac . --framework pci-dss --fail-on high
      shoseki check iac . -o sarif > shoseki.sarif
help-check-list = Lists the checks
help-check-list--framework-file = A framework of your own, whose checks are listed too (repeatable)
help-check-list-more = Example: shoseki check list --json
help-check-more = A status is pass, fail, not applicable or no evidence: what is not there is never a pass. Requirements say it in the assessor's words: In Place, Not in Place, Not Applicable, Not Tested. What no machine sees is answered by a document: shoseki attach FILE --requirement "PCI DSS 10.1.1".
    Exit code 0 where all pass, 1 where one fails, 4 where none fails but not all could be judged.

    Examples:
      shoseki check
      shoseki check --framework pci-dss --period 2026Q3
      shoseki check --framework j-sox --period FY2026Q3 --lang ja
      shoseki check --check evidence_console_logins_have_mfa --from -30d --json
      shoseki check show evidence_has_no_open_gap
      shoseki check audit-policy audit-policy.yaml
      shoseki check iac infra/
      shoseki check --live --print-policy
      shoseki check --live --framework pci-dss --region ap-northeast-1
      shoseki check --aws-config --as-of 2026-03-05 --check s3_evidence_bucket_is_versioned
      shoseki check --check inventory_cluster_speaks
help-check-scope = Shows which kinds of evidence the estate should have, and leaves out those that it has none of
help-check-scope-more = Of a kind in the scope that does not arrive, requirements are Not Tested, and never In Place. What is left out is Not Applicable, with who said why; it counts for twelve months. Example: shoseki check scope exclude database --reason "the shop keeps its data at a provider" --approved-by CISO
help-check-scope-exclude = Leaves a kind of evidence out of the scope, with the reason: a record, sealed
help-check-scope-exclude--approved-by = Who approved it
help-check-scope-exclude--kind = The kind of evidence
help-check-scope-exclude--reason = Why the estate has none of it
help-check-scope-exclude-more = Example: shoseki check scope exclude falco --reason "no containers of our own run"
help-check-scope-include = Takes a kind of evidence into the scope again
help-check-scope-include--kind = The kind of evidence
help-check-scope-include-more = Example: shoseki check scope include database
help-check-show = Shows a check: what it asks, how it judges, how to mend it, and the questions that anybody can ask
help-check-show--framework-file = A framework of your own, whose checks are known too (repeatable)
help-check-show--id = The check's name
help-check-show-more = Example: shoseki check show evidence_has_no_open_gap
help-completions = Prints the completions of a shell
help-completions--shell = The shell
help-completions-more = Example: shoseki completions bash > /etc/bash_completion.d/shoseki
help-gaps = Shows where a stream should have spoken and did not, and what was lost
help-gaps--all = Shows closed gaps too
help-gaps--config = A configuration of `serve`: its [[expect]] says how often streams should speak
help-gaps--from = Gaps that end after this time: 2026-03-05, -30d [default: -7d]
help-gaps--streams = Shows the streams, and how long each may be silent
help-gaps--to = Up to this time [default: now]
help-gaps-more = How long a stream may be silent is learned from its last 28 days, by the hours of the week, or stated in [[expect]]. Exit code 1 where a gap is open, 4 where of no stream it is known how it speaks.

    Examples:
      shoseki gaps
      shoseki gaps --from -30d --all
      shoseki gaps --streams
      shoseki gaps repair --config shoseki.toml
help-gaps-repair = Fetches the stretches of open gaps again, by the fetchers of a configuration
help-gaps-repair--config = The configuration, with [[fetch.s3]] or [[fetch.cloudwatch-logs]] [default: shoseki.toml]
help-gaps-repair--from = Gaps that end after this time [default: -7d]
help-gaps-repair--to = Up to this time [default: now]
help-gaps-repair-more = Nothing is taken in twice. What its source does not have any more stays a gap.

    Example:
      shoseki gaps repair --config shoseki.toml --from -2d
help-ingest = Takes evidence in: parsed, deduplicated, encrypted, sealed
help-ingest--again = Reads files again that were received before: those that were taken in under a wrong source
help-ingest--order = What is read first: oldest or newest, by the names of files and the keys of objects [default: oldest]
help-ingest--path = Files, folders, patterns, s3://bucket/prefix, or - for standard input; plain, gzip or zstd
help-ingest--refetch = Fetches objects again whose name, length and ETag say that they were received before
help-ingest--source = What it is; auto knows each by its content
help-ingest--stream = The stream's name [default: by the source]
help-ingest--strict = Ends with exit code 1 also where something new could not be parsed, is there already with other content, or a file is empty
help-ingest-more = Examples:
      shoseki ingest cloudtrail ./AWSLogs --vault ./vault
      shoseki ingest cloudtrail s3://my-trail/AWSLogs/ --order newest --vault ./vault
      zcat audit.log.gz | shoseki ingest k8s-audit - --vault ./vault
    A second run takes nothing in twice.
    Exit codes (whichever it is, what could be read is in and sealed):
      0    everything was read
      1    a file could not be received whole: cut off, damaged, a decompression bomb, no permission, not there
      4    all is in, and some of it cannot be judged: records that are no event (kept as unparsed), an empty file
      130  stopped by Ctrl-C; the same command goes on
help-init = Makes a vault and its keys
help-init--encryption = How files are encrypted by shoseki [default: aes-256-gcm in a folder, none in a bucket, which encrypts itself]
help-init--kms-key = The AWS KMS key (ARN, id or alias/NAME) that wraps the vault's keys; turns on encryption by shoseki [default: a key file]
help-init--layout = How events lie in files: taken apart into columns, which is smaller and faster to search, or as the text they came as, which other tools read [default: columns where shoseki encrypts, else text]
help-init--origin = The log's name in its checkpoints [default: made up]
help-init--quiet = Prints nothing
help-init--url = The vault: a new or empty folder, or s3://bucket/prefix
help-init-more = Examples:
      shoseki init ./vault
      AWS_REGION=ap-northeast-1 shoseki init s3://my-evidence/shoseki
      shoseki init ./vault --kms-key alias/evidence
help-key = The vault's keys: shows, backs up, checks and rotates them
help-key-backup = Copies the keys to a folder
help-key-backup--folder = The folder, on another disk
help-key-backup-more = Example: shoseki key backup /media/safe/shoseki --vault ./vault
help-key-check = Proves that a backup opens this vault
help-key-check--folder = The folder of the backup
help-key-check-more = Example: shoseki key check /media/safe/shoseki --vault ./vault
help-key-rotate = Makes a new encryption key and wraps all keys by it; a stopped rotation goes on
help-key-rotate--key-file = Wraps by a new key file, also where AWS KMS wraps now
help-key-rotate--kms-key = Wraps by this key of AWS KMS: ARN, id or alias/NAME
help-key-rotate-more = Example: shoseki key rotate --kms-key alias/shoseki --vault ./vault
help-key-show = Prints the verifier key, which is public
help-key-show-more = Example: shoseki key show --vault ./vault > verifier.key
help-original = Gives files back as they were received
help-original-get = Writes a file's content, checked against its receipt
help-original-get--out = Where to write [default: standard output]
help-original-get--which = The file: its path as it was received, or at least 8 digits of its SHA-256
help-original-get-more = Example: shoseki original get 3.json.gz --out 3.json.gz --vault ./vault
help-original-list = Lists the files that were received
help-original-list-more = Example: shoseki original list --vault ./vault
help-status = Shows streams, sizes, seals, anchors and keys
help-status-more = Example: shoseki status --vault ./vault
help-mapping = Says which fields of your applications' events mean who, action, result and so on
help-mapping-set = Sets the mapping, as a sealed change of the vault's configuration
help-mapping-set--file = The mapping, in TOML
help-mapping-set-more = Example: shoseki mapping set shop.toml --vault ./vault
help-mapping-show = Shows the mapping
help-mapping-show-more = Example: shoseki mapping show --vault ./vault > shop.toml
help-mapping-remove = Takes the mapping away, as a sealed change
help-mapping-remove-more = Example: shoseki mapping remove --vault ./vault
help-mapping-more = A mapping in TOML:
      {"  "}[[app]]
      streams = ["app/shop*"]
      who = ["account.mail", "principal"]
      action = ["op"]
      result = ["state"]
      success = ["done"]

    Examples:
      shoseki query --mapping mapping.toml 'stats count(*) by actor.user.name, status' --source app --vault ./vault
      shoseki mapping set mapping.toml --vault ./vault
help-leaks = Shows where events have tokens, passwords, keys and card numbers, and never what they are
help-leaks--from = From this time on: 2026-03-05, 2026-03-05T10:00:00+09:00, -7d
help-leaks--limit = How many of them are listed, the newest first
help-leaks--source = Only this source; may be given several times
help-leaks--stream = Only this stream; may be given several times
help-leaks--to = Up to this time; a bare date is included
help-leaks-more = It ends with exit code 1 where there is one, and with 0 where there is none.

    Examples:
      shoseki leaks --from -7d --vault ./vault
      shoseki leaks --source k8s-audit --json --vault ./vault
      shoseki query 'stats count(*) by secrets(@message), @log' --vault ./vault
help-prove = Writes the proof of one record: self-contained, verified offline
help-prove--out = Where to write [default: standard output]
help-prove--record = The record's name, as @ptr shows it in a query
help-prove-more = Example: shoseki prove 0123456789abcdef0123456789abcdef:7 --out proof.json --vault ./vault
help-verify = Judges the whole vault, trusting nobody: intact, tampered or unverifiable
help-verify--against = A checkpoint that was kept elsewhere: shows a rollback or a fork
help-verify--cost = Shows what it would read and what that costs, by storage class, where the vault lies in a bucket; judges nothing
help-verify--deep = Recomputes every record's leaf and derives its columns again
help-verify--key = The verifier key, or a file that holds it [default: from the key folder]
help-verify-more = Examples:
      shoseki verify --deep --vault ./vault
      shoseki verify --against ./checkpoint-of-last-month --vault ./vault
help-demo = Shows the main job from end to end, on sample evidence, in a folder of its own
help-demo--dir = The folder, new or empty [default: a new one below the temporary folder]
help-demo--incident = Shows an incident instead: from the first match to the closed case, with its reports in Japanese and English
help-demo-more = Examples:
      shoseki demo --dir ./demo --lang ja
      shoseki demo --incident --dir ./incident --tz Asia/Tokyo
help-detect = Asks Sigma rules of the evidence: what looks like an attack, and what to do first
help-detect--config = A shoseki.toml with [detect]: more rules, and matches that somebody bears
help-detect--from = The earliest time: 2026-03-05, RFC 3339, or -7d [default: the beginning]
help-detect--level = Only rules of this level and graver ones
help-detect--new = Only what came in since the last run with the same rules
help-detect--no-own = Leaves the rules out that come with shoseki
help-detect--output = The format: table, json or jsonl [default: table]
help-detect--rule = Only the rule of this id; may be given more than once
help-detect--rules = A file or a folder of Sigma rules beside our own; may be given more than once
help-detect--source = Only records of this source
help-detect--stream = Only records of this stream
help-detect--to = The latest time
help-detect-more = Exit code 1 where there is a match that nobody bears, 4 where a rule could not be asked. Each run is a record, and so is each match: which rule, with its SHA-256, and which records, for `shoseki prove`.
    Examples:
      shoseki detect --from -1d --vault ./vault
      shoseki detect --rules ./sigma/rules/cloud/aws --level high --json --vault ./vault
      shoseki detect --new --config shoseki.toml --vault ./vault
help-detect-coverage = Shows what these rules have looked at, by the records of the runs; exit code 1 where something was not
help-detect-coverage--config = A shoseki.toml with [detect]
help-detect-coverage--from = The earliest time [default: the beginning]
help-detect-coverage--to = The latest time
help-detect-coverage--source = Only this source; shoseki's own records are left out unless they are named
help-detect-coverage--segments = Tells it of each segment: its commit, file, stream and times, and all rules that looked at it
help-detect-coverage--stream = Only this stream
help-detect-coverage--level = Only rules of this level and graver ones
help-detect-coverage--no-own = Leaves the rules out that come with shoseki
help-detect-coverage--rule = Only the rule of this id
help-detect-coverage--rules = A file or a folder of Sigma rules beside our own
help-detect-coverage-more = Example: shoseki detect coverage --from -90d
help-detect-prove = Asks each rule that comes with shoseki of the events that must match it and of those that must not
help-detect-prove-more = Example: shoseki detect prove
help-detect-rules = Lists the rules
help-detect-rules--config = A shoseki.toml with [detect]
help-detect-rules--level = Only rules of this level and graver ones
help-detect-rules--no-own = Leaves the rules out that come with shoseki
help-detect-rules--rule = Only the rule of this id; may be given more than once
help-detect-rules--rules = A file or a folder of Sigma rules beside our own
help-detect-rules-more = Example: shoseki detect rules --level high
help-detect-show = Shows a rule: what it looks for, what may be harmless, what to do first
help-detect-show--config = A shoseki.toml with [detect]
help-detect-show--id = The rule's id
help-detect-show--level = Only rules of this level and graver ones
help-detect-show--no-own = Leaves the rules out that come with shoseki
help-detect-show--rule = Only the rule of this id
help-detect-show--rules = A file or a folder of Sigma rules beside our own
help-detect-show-more = Example: shoseki detect show 6750630b-1391-4007-880f-e866d179e30c
help-query = Asks the evidence, in the language of CloudWatch Logs Insights or in SQL
help-query--at = Asks the sealed tree of this size, as it was before anything was added since
help-query--bom = CSV with a byte order mark, so that spreadsheets show Japanese
help-query--file = A file that holds the query
help-query--from = From this time on: 2026-03-05, 2026-03-05T10:00:00+09:00, -7d
help-query--mask = Masks tokens, passwords, keys and card numbers in the rows; with --mask=FILE also what a regular expression of that file matches (one a line)
help--lookups = The folder of the tables of lookup and cidrlookup, NAME.csv each
help-query--ocsf = Prints the records that the rows are of as events of OCSF 1.8, as JSON Lines; the query gives which ones and their order
help-query--output = table, csv, json, jsonl or parquet [default: table on a terminal, csv in a pipe]
help-query--query = The query; - for standard input
help-query--source = Only this source; may be given several times
help-query--sql = The query is SQL over events and its views (show tables lists them)
help-query--stream = Only this stream; may be given several times
help-query--to = Up to this time; a bare date is included
help-query-more = Examples:
      shoseki query 'filter @message like /delete|update|privilege/ | sort @timestamp desc | limit 100' --vault ./vault
      shoseki query 'stats count(*) by eventName, bin(1d)' --from -7d --tz Asia/Tokyo --vault ./vault
      shoseki query --sql 'select "eventName", count(*) from cloudtrail group by 1' --out rows.csv --vault ./vault
      shoseki query --ocsf 'filter class_uid = 3002' --from -1d --mask --vault ./vault > events.jsonl
      shoseki query --saved cloudtrail-root-use --from -30d --timeout 5m --vault ./vault
      shoseki query 'filter eventName = "StopLogging"' --from 2025-01-01 --cost --vault s3://evidence/vault
      shoseki query --saved handbook --from 2026-03-01 --to 2026-03-31 --at 1204 --vault ./vault
help-package = Hands an auditor the answer to a query with the records behind it and their proofs
help-package-create = Makes a package
help-package-create--drawn-by = Who draws the sample [default: the name of the user]
help-package-create--file = A file that holds the query
help-package-create--from = From this time on: 2026-03-05, 2026-03-05T10:00:00+09:00, -7d
help-package-create--mask = A file with one regular expression a line: what each matches is masked in the readable files, beside secrets and card numbers
help-package-create--out = The package, a zip file
help-package-create--population = Puts in every record of the range of time, sources and streams, and every commit: who verifies the package runs the query again over them
help-package-create--query = The query
help-package-create--sample = Only so many of the records that the query gives, drawn by the seed
help-package-create--saved = The saved query of this name
help-package-create--seed = What decides which records are drawn: a text that the auditor chooses
help-package-create--source = Only this source; may be given several times
help-package-create--sql = The query is SQL over the table events, and selects "@ptr"
help-package-create--stream = Only this stream; may be given several times
help-package-create--to = Up to this time; a bare date is included
help-package-create--unmasked = Masks nothing, neither secrets nor card numbers
help-package-create-more = Examples:
      shoseki package create --query 'filter eventName = "StopLogging"' --out auditor.zip --vault ./vault
      shoseki package create --query 'filter ispresent(errorCode)' --from 2026-03-01 --to 2026-03-31 --population --out whole.zip --vault ./vault
      shoseki package create --saved handbook --sample 25 --seed 'audit 2026, 4711' --drawn-by 'H. Mori' --population --out sample.zip --vault ./vault
help-package-verify = Judges a package, offline, without the vault
help-package-verify--against = A checkpoint of the same log that was kept elsewhere: tells an old package
help-package-verify--file = The package
help-package-verify--key = The verifier key of the log, or a file that holds it
help-package-verify--spill = The folder for the population of the package, and for rows that do not fit into the memory: encrypted, in files without a name that are gone at the end [default for the population: the folder of the system for temporary files]
help-package-verify-more = Examples:
      shoseki package verify auditor.zip --key verifier.pub
      shoseki package verify whole.zip --key verifier.pub --against checkpoint-2026-03 --memory 2GB --spill /var/tmp
help--memory = The memory for sorting and grouping, such as 4GB [default: 640MiB]
help--mapping = Tries a mapping of applications' names that is not set in the vault: a file as `shoseki mapping set` takes it
help--queries = The folder of your saved queries, files NAME.query [default: ~/.config/shoseki/queries]
help--spill = A folder where rows may be put aside that do not fit into the memory: encrypted, in files without a name that are gone at the end [default: none, and such a query fails]
help--force = Replaces a file that is there
help--timeout = Stops a query after this time, such as 30s or 5m, with exit code 3
help-query--stats = Says behind the answer, on standard error, how much was read for it and how long it took; with --json as JSON
help-query--cost = Shows which files may be read and what that costs at most, by storage class, where the vault lies in a bucket; reads none of them
help-query--explain = Shows which files would be read and why others would not, and the plan; runs nothing
help-query--list-saved = Lists the saved queries: yours, and those that come with shoseki
help-query--out = Writes the answer into this file, whole or not at all; without -o, its name says the format
help-query--saved = Runs the saved query of this name
help-shell = Asks one question after another: history, completion, saved queries
help-shell--from = From this time on: 2026-03-05, 2026-03-05T10:00:00+09:00, -7d
help-shell--source = Only this source; may be given several times
help-shell--sql = Questions are in SQL at first
help-shell--stream = Only this stream; may be given several times
help-shell--to = Up to this time; a bare date is included
help-shell-more = Examples:
      shoseki shell --tz Asia/Tokyo --vault ./vault
      printf 'stats count(*) by eventName; stats count(*) by awsRegion' | shoseki shell --vault ./vault
    In the shell, \help lists its own commands.
help-compact = Puts small files together into large ones; proofs and records stay as they are
help-compact--delete-replaced = Deletes the files that were replaced at least --grace-days ago, once their records are found in the files that took their place
help-compact--dry-run = Shows what would be merged, and changes nothing
help-compact--grace-days = How long a replaced file is kept for readers of an older state [default: 7]
help-compact--min-files = The fewest files that are put together [default: 4]
help-compact--target-rows = The most records of a file, up to 131072 [default: 131072]
help-compact-more = Examples:
      shoseki compact --dry-run --vault ./vault
      shoseki compact --vault ./vault
      shoseki compact --delete-replaced --vault ./vault
    Run it once a day where evidence comes in small portions. A second run does nothing.
    Evidence may come in, and questions be asked, while it runs.
help--sealed = Asks only what is sealed: not what `serve` on this machine has acknowledged and not sealed yet
help--wal = The folder of the write-ahead log of `serve` [default: one below ~/.local/state/shoseki]
help-serve = Takes in what is pushed, and files as they grow, until Ctrl-C: Kubernetes audit, Falco, OpenTelemetry, Loki, Elasticsearch, Splunk, Firehose, syslog, JSON, databases' and containers' logs
help-serve--check = Says whether the configuration is in order, and starts nothing
help-serve--config = The configuration [default: shoseki.toml]
help-serve--test-alerts = Sends a trial to each [[alert]], and starts nothing
help-serve-more = Each event is durable before its sender hears yes, searchable within seconds, and sealed within a minute. What is sealed is asked of the rules at once, and matches are told to whom [[alert]] names; [detect] adds rules, and as_sealed = false switches it off.
    Files that a [[files]] block of the configuration names are read on where the last run ended.

    Examples:
      shoseki token prod-cluster --receiver kubernetes-audit
      shoseki serve --config shoseki.toml --check
      shoseki serve --config shoseki.toml --vault ./vault
help-fetch = Fetches once what is configured: buckets, queues, log groups, databases' log files; `serve` does it again and again
help-fetch--config = The configuration, with [[fetch.s3]], [[fetch.sqs]], [[fetch.cloudwatch-logs]] or [[fetch.rds]] [default: shoseki.toml]
help-fetch--from = Fetches this stretch again, whatever was read before: 2026-03-05, -7d; up to now, or up to --to
help-fetch--to = The end of the stretch
help-fetch--name = Only the fetchers of these names
help-fetch-more = What was fetched before is not fetched again, and what is there is not taken in twice. For a schedule, such as a CronJob, and to try out a configuration.

    Examples:
      shoseki fetch --config shoseki.toml
      shoseki fetch --config shoseki.toml trail
help-token = Makes a token for a sender, and the lines of shoseki.toml that let it in
help-token--name = The sender: its name stands in the streams of what it sends
help-token--receiver = What it may send by
help-token-more = Examples:
      shoseki token prod-cluster --receiver kubernetes-audit
      shoseki token app --receiver ndjson falco
help-validate = Judges evidence where it lies, by what its sender signed
help-validate-cloudtrail = Judges a trail: digests, signatures, chain, every log file, and the hours that are not covered
help-validate-cloudtrail--account = Only this account, which must be there; may be given several times
help-validate-cloudtrail--expect = A file of TOML with the accounts and regions that must have digests, also where nothing of them is left
help-validate-cloudtrail--findings = Prints one finding a line, as JSON: what, where, since when, which digest tells it, what to do
help-validate-cloudtrail--from = From this time on: 2026-03-05, 2026-03-05T10:00:00+09:00, -7d [default: from the oldest digest]
help-validate-cloudtrail--keys = A file of public keys, for a check offline: what --save-keys or `aws cloudtrail list-public-keys` writes [default: asked of CloudTrail]
help-validate-cloudtrail--path = s3://bucket/prefix, or a folder with a copy of it, above or below AWSLogs; several where the trail moved
help-validate-cloudtrail--region = Only this region, which must be there; may be given several times
help-validate-cloudtrail--resume = Keeps in this file which log files were found intact, and does not read them again
help-validate-cloudtrail--save-keys = Writes the public keys that were asked of CloudTrail into this file
help-validate-cloudtrail--to = Up to this time; a bare date is included [default: now for a bucket, the newest file for a folder]
help-validate-cloudtrail-more = Examples:
      shoseki validate cloudtrail s3://my-trail/ --from -7d --save-keys keys.json
      shoseki validate cloudtrail ./copy/AWSLogs --keys keys.json
      shoseki validate cloudtrail s3://my-trail/ --from 2026-03-01 --to 2026-03-31 --resume march.jsonl
      shoseki validate cloudtrail s3://my-trail/ --expect estate.toml
    Exit codes: 0 intact, 1 tampered, 4 cannot be judged. What could not be judged is never called intact.
help-access = Shows how many records of who read evidence wait for their seal
help-access--seal = Seals them now; else the next `ingest` does, and `serve` every five minutes
help-access-more = Examples:
      shoseki access --vault ./vault
      shoseki access --seal --vault ./vault
      shoseki query --saved who-asked --vault ./vault
    The last one lists who asked what, proved, packed and gave back, sealed or not.
help--require-record = Reads evidence only where a record of the access is left
help-attach = Keeps a document as evidence for a requirement: a procedure, a contract, an approval
help-attach--file = The document: any file of up to 256 MiB
help-attach--list = Lists what is attached, for all requirements or those of --requirement
help-attach--note = More to know of it
help-attach--requirement = What it is evidence for, such as "PCI DSS 10.2.1"; may be given several times
help-attach--title = A name for people
help-attach--valid-from = The first day on which it holds
help-attach--valid-to = The last day on which it holds
help-attach-more = Examples:
      shoseki attach 手順書.pdf --requirement "PCI DSS 10.2.1" --title 監査ログ点検手順 --valid-from 2026-04-01
      shoseki attach --list --vault ./vault
      shoseki original get 手順書.pdf --out copy.pdf
      shoseki package create --saved handbook --requirement "PCI DSS 10" --out auditor.zip
    The bytes are kept whole. The same document for the same requirement is attached once.
help-check--all-regions = Looks at all regions that are enabled in the account
help-check--as-of = As AWS Config recorded them before this time, a date included: 2026-03-05, -30d [default: the period's end]
help-check--aws-config = Judges settings as AWS Config recorded them, from its items in the vault
help-check--external-id = The external id that the roles' owners ask for
help-check--live = Judges the settings of AWS accounts as they are now, by calls that only read
help-check--print-policy = Prints the IAM policy that --live needs, and calls nothing
help-check--profile = The profile of the AWS configuration [default: AWS_PROFILE]
help-check--region = A region to look at (repeatable) [default: the profile's]
help-check--role = A role to assume, each an account to look at (repeatable)
help-package-create--attachments = Puts the documents of all requirements into it
help-package-create--requirement = Puts the documents of this requirement into it, and of those below it: "PCI DSS 10" has 10.2.1; may be given several times
help-forward = Passes on once what is sealed to the targets that are configured; `serve` does it again and again
help-forward--config = The configuration, with [[forward]] [default: shoseki.toml]
help-forward--from = Sends the events of this stretch again, whatever went out before: 2026-03-05, -7d; up to now, or up to --to
help-forward--to = The end of the stretch
help-forward--name = Only the targets of these names
help-forward-more = Each target goes on where it was. For a schedule, such as a CronJob, to try out a configuration, and to fill a target again that lost something.

    Examples:
      shoseki forward --config shoseki.toml
      shoseki forward --config shoseki.toml grafana --from 2026-03-05 --to 2026-03-06
help-gaps-settle = Records why events are missing for good, and what was done: the gap is no longer open, and not forgotten
help-gaps-settle--stream = The stream, as `shoseki gaps` shows it
help-gaps-settle--begin = When the gap begins, where the stream has several
help-gaps-settle--cause = Why events are missing
help-gaps-settle--answer = What was done about it, so that it does not come again
help-gaps-settle--config = The configuration, for what streams are expected to do
help-gaps-settle--from = How far back to look [default: 7 days]
help-gaps-settle--to = Up to when to look
help-gaps-settle-more = Example:
      shoseki gaps settle k8s-audit/dev --cause "the cluster was taken down on 5 March" --answer "removed from the configuration"
help-finding = Shows what checks and auditors found and what became of it, and records what people say of it
help-finding-more = Each `shoseki check` seals what it found; a finding is open until a later run does not find it, a person resolves it, or an exception is made (until a day). What is accepted fails all the same. An ID may be shortened as long as it is of one finding.

    Examples:
      shoseki finding list
      shoseki finding show F-3K7Q2M
      shoseki finding accept F-3K7Q2M --owner "Mei" --reason "moves in May" --until 2027-05-31
      shoseki finding resolve F-3K7Q2M --cause "a typing error" --measure "reviewed by two"
      shoseki finding add --from "Hinode Audit LLC" --title "Keys are not rotated" --due 2027-03-31
help-finding-list = Lists findings, the most pressing first
help-finding-list--status = open, accepted, resolved or all (repeatable) [default: open]
help-finding-list--framework = Those that touch a framework: pci-dss, iso27001, gdpr, appi, j-sox, handbook
help-finding-list--check = Those of this check
help-finding-list--severity = Those of this severity: low, medium, high, critical
help-finding-list--overdue = Those that are overdue
help-finding-list--output = table, csv or json [default: table]
help-finding-list-more = A failure is overdue after 7 days (critical), 30 (high), 90 (medium) or 180 (low); a finding from outside after its own day.

    Examples:
      shoseki finding list --overdue
      shoseki finding list --status all --framework pci-dss -o csv
help-finding-show = Shows a finding: its history, how to mend it, how to ask again and how to prove its records
help-finding-show--id = The finding, or how it begins: F-3K7Q2M
help-finding-show-more = Example:
      shoseki finding show F-3K7Q2M --lang ja
help-finding-accept = Makes an exception: the finding is known, and borne until a day
help-finding-accept--id = The finding
help-finding-accept--owner = Who answers for it
help-finding-accept--reason = Why it is borne
help-finding-accept--until = Its last day, in the zone: 2027-03-31
help-finding-accept--approved-by = Who approved it
help-finding-accept--long = More than a year
help-finding-accept-more = When the day is over, the finding is open again. A new exception extends it; the history has both. It is no compensating control: the requirement fails all the same.

    Example:
      shoseki finding accept F-3K7Q2M --owner "Mei" --reason "moves in May" --until 2027-05-31 --approved-by "CISO"
help-finding-resolve = Records that a finding is done, with its cause and what was done
help-finding-resolve--id = The finding
help-finding-resolve--cause = Its cause, where it was not said before
help-finding-resolve--measure = What was done, where it was not said before
help-finding-resolve--document = A document that shows it, by the record that attaches it (repeatable)
help-finding-resolve--without-proof = Why a finding from outside needs no proof
help-finding-resolve-more = A finding from outside is resolved once the check of its measure has passed after it, or with a document. What a run finds again is open again.

    Examples:
      shoseki finding resolve F-3K7Q2M --cause "a typing error" --measure "reviewed by two"
      shoseki finding resolve F-9ABCDE --without-proof "the auditor saw the new process on 12 May"
help-finding-note = Adds a note to a finding
help-finding-note--id = The finding
help-finding-note--text = The note
help-finding-note-more = Example:
      shoseki finding note F-3K7Q2M "asked the team on 3 March"
help-finding-add = Enters a finding from outside, such as an auditor's
help-finding-add--from = Who found it
help-finding-add--title = What it is, in a line
help-finding-add--text = More of it
help-finding-add--requirement = A requirement that it is about: "PCI DSS 10.2.1" (repeatable)
help-finding-add--severity = low, medium, high or critical [default: medium]
help-finding-add--due = The day by which it is to be done: 2027-03-31
help-finding-add--owner = Who is to see to it
help-finding-add--document = A document, by the record that attaches it (repeatable)
help-finding-add-more = Then its cause, the measure, and the check that proves it:

    Examples:
      shoseki finding add --from "Hinode Audit LLC" --title "Checkpoints are kept nowhere else" --requirement "PCI DSS 10.3.4" --due 2027-03-31
      shoseki finding cause F-9ABCDE "no anchor was set up"
      shoseki finding measure F-9ABCDE "an anchor in another account" --due 2027-02-28 --check vault_is_anchored
      shoseki check --check vault_is_anchored
      shoseki finding resolve F-9ABCDE
help-finding-cause = Records the cause of a finding
help-finding-cause--id = The finding
help-finding-cause--text = The cause
help-finding-cause-more = Example:
      shoseki finding cause F-9ABCDE "no anchor was set up"
help-finding-measure = Records a measure against recurrence, and the check that proves it
help-finding-measure--id = The finding
help-finding-measure--text = What is done
help-finding-measure--due = The day by which it is done: 2027-02-28
help-finding-measure--check = The check whose pass proves it (`shoseki check list`)
help-finding-measure--framework-file = A framework of your own, whose checks are known too (repeatable)
help-finding-measure-more = Example:
      shoseki finding measure F-9ABCDE "an anchor in another account" --due 2027-02-28 --check vault_is_anchored
help-review = Shows a day's digest (what happened, what failed, what is new), and records that a person looked at it
help-review--day = The day, in the zone: 2026-03-05 [default: yesterday]
help-review--from = The first day of several
help-review--to = The last day of several [default: yesterday]
help-review--sign = Records that you looked at it; without it, a terminal asks
help-review--note = What you say of it
help-review--open = Enters a finding with it, by its title (repeatable)
help-review--severity = Of what --open enters: low, medium, high or critical [default: medium]
help-review--config = A configuration of `serve`: its [[expect]] says how often streams should speak
help-review-more = The record has the digest with its SHA-256. `shoseki review list` shows which days were reviewed; the check evidence_was_reviewed_daily asks for each day, three days after it at the latest.

    Examples:
      shoseki review
      shoseki review 2026-03-05 --sign --note "deploy-bot: asked the team" --open "deploy-bot stopped a trail" --tz Asia/Tokyo
      shoseki review --from 2026-03-06 --to 2026-03-08 --sign
      shoseki review list --period 2026-03
help-review-list = Lists which days were reviewed, by whom, and how long after their end; exit code 1 where one was not
help-review-list--from = The first day [default: 30 days ago]
help-review-list--to = The last day [default: yesterday]
help-review-list--period = The period: 2026Q3, 2026-07, 2026-07-01, FY2026Q3, 2026-07-01..2026-09-30
help-review-list-more = Example:
      shoseki review list --period 2026-03 --json
help-finding-list--at = As it stood at this time, or will stand by what is known: 2026-09-30, -7d [default: now]
help-finding-show--at = As it stood at this time, or will stand by what is known: 2026-09-30, -7d [default: now]
help-finding-list--nature = What it is: fail, outside, no_evidence, review or all (repeatable) [default: all but review]
help-replica = Copies the vault to other places, each of them whole and proven
help-replica-add = Adds a place (an empty folder, or an empty prefix of a bucket), as a sealed change, and copies the vault there
help-replica-add--url = The place, best in another account with Object Lock
help-replica-add-more = Example: shoseki replica add s3://backup-of-another-account/shop --vault ./vault
help-replica-list = Lists the replicas: what each has, up to when, and how far it is behind
help-replica-list-more = Example: shoseki replica list --json --vault ./vault
help-replica-remove = Takes a place off the list, as a sealed change; what lies there stays
help-replica-remove--url = The place, as `replica list` shows it
help-replica-remove-more = Example: shoseki replica remove s3://backup-of-another-account/shop --vault ./vault
help-replica-sync = Copies what was sealed since; what is damaged here is told and not copied. Exit code 1 where something is not as it must be
help-replica-sync--url = One replica [default: all]
help-replica-sync--accept-loss = Goes on where something is damaged or missing here and there is no copy to put it right from: the replica lacks it too, and `verify` says so
help-replica-sync--delete-replaced = Deletes there the files that sealed compactions replaced at least --grace-days ago, and what expired
help-replica-sync--grace-days = How long a replaced file is kept there [default: 7]
help-replica-sync-more = Examples:
      shoseki replica sync --vault ./vault
      shoseki replica sync s3://backup-of-another-account/shop --delete-replaced --vault ./vault
      shoseki replica sync --accept-loss --vault ./vault
help-restore = Puts a vault right from a replica, makes it anew from one, or rehearses that; each object is proven by the signed log first
help-restore--from = The replica
help-restore--damaged = All that is missing in the vault or is not what was sealed
help-restore--day = The files of a day (UTC): 2026-03-05
help-restore--segment = The file that holds a segment
help-restore--object = One object, by its path in the vault
help-restore--to = The whole vault, into an empty place
help-restore--rehearse = The whole vault into a folder that goes away again: verified, asked, compared and timed, and recorded
help-restore--accept-loss = Restores although an anchor knows commits that the replica does not have
help-restore--why = Why, for the record
help-restore--deep = Verifies each record in the rehearsal
help-restore--in = Where the folder of the rehearsal is made [default: the system's folder for temporary files]
help-restore-more = What is wrong in the vault is kept beside what takes its place, as `.shoseki-aside-…`. Examples:
      shoseki restore --from s3://backup-of-another-account/shop --damaged --why "INC-12" --vault ./vault
      shoseki restore --from s3://backup-of-another-account/shop --to ./vault-again
      shoseki restore --from s3://backup-of-another-account/shop --rehearse --deep --vault ./vault
help-report = Makes a report about a framework for an auditor: a page or a PDF in Japanese or English, CSV, JSON, OSCAL, JUnit, OCSF or SARIF
help-report--framework = The framework: pci-dss, iso27001, gdpr, appi, j-sox, handbook
help-report--framework-file = A framework of your own, as YAML
help-report--period = The period: 2026, 2026H1, 2026Q3, 2026-07, 2026-07-01, FY2026Q3 (Japan's fiscal year) or 2026-07-01..2026-09-30
help-report--from = From this time: 2026-03-05, -30d [default: -90d]
help-report--to = Up to this time, a date included [default: now]
help-report--format = html (one page), pdf (A4, with its fonts), csv (opens in Excel), json, oscal (assessment results 1.1.3), junit, ocsf (Compliance Findings), sarif [default: html]
help-report--font = A font for a PDF, before those of this machine: .ttf, .otf, .ttc (repeatable; SHOSEKI_FONT) [default: a Japanese one of this machine]
help-report--out = The file [default: standard output]
help-report--config = A configuration of `serve`: its [[expect]] says how often streams should speak
help-report-more = The checks run as `shoseki check` runs them and leave the same records; beside them is recorded that the report was made, with the SHA-256 of its file. The next report says what changed. Exit code 0 where it was made, whatever it says.

    Examples:
      shoseki report --framework pci-dss --period 2026Q3 --lang ja --tz Asia/Tokyo --out q3.html
      shoseki report --framework pci-dss --period 2026Q3 --lang ja --tz Asia/Tokyo --format pdf --out q3.pdf
      shoseki report --framework j-sox --period FY2026Q3 --format csv --out fy2026q3.csv
      shoseki report --framework iso27001 --period 2026 --format oscal --out results.json
      shoseki report list
help-report-list = Lists the reports that were made, each with the SHA-256 of its file
help-report-list-more = Example:
      shoseki report list --json
help-report-leak = Drafts a leak report after Japan's act on the protection of personal information: nine items, filled as far as records go
help-report-leak--from = The beginning of the incident
help-report-leak--to = Its end, a date included
help-report-leak--known = The day on which it became known: 2026-03-05. From it days are counted
help-report-leak--stage = preliminary (速報) or final (確報) [default: preliminary]
help-report-leak--malicious = There may be a wrongful purpose: the final report is due by the 60th day, not the 30th
help-report-leak--format = html (one page, prints on A4) or pdf [default: html]
help-report-leak--font = A font for a PDF, before those of this machine: .ttf, .otf, .ttc (repeatable; SHOSEKI_FONT)
help-report-leak--out = The file [default: standard output]
help-report-leak-more = It is a draft: what only people know is blank. The days and items are to be verified against the primary text, and public holidays are not counted.

    Examples:
      shoseki report leak --incident-from 2026-03-05 --incident-to 2026-03-06 --known 2026-03-06 --lang ja --tz Asia/Tokyo --out leak.html
      shoseki report leak --incident-from 2026-03-05 --incident-to 2026-03-06 --known 2026-03-06 --lang ja --format pdf --out leak.pdf
help-inventory = Shows what exists against what speaks: each resource that should leave evidence, its stream, and its last record
help-inventory--all-regions = Looks at all regions that are enabled in the account
help-inventory--as-of = As AWS Config recorded it before this time, a date included: 2026-03-05, -30d [default: now]
help-inventory--aws-config = What exists as AWS Config recorded it, from its items in the vault
help-inventory--external-id = The external id that the roles' owners ask for
help-inventory--live = What exists in AWS accounts now, by calls that only read; the answers are sealed
help-inventory--print-policy = Prints the IAM policy that --live needs, and calls nothing
help-inventory--profile = The profile of the AWS configuration [default: AWS_PROFILE]
help-inventory--region = A region to look at (repeatable) [default: the profile's]
help-inventory--role = A role to assume, each an account to look at (repeatable)
help-inventory--output = table, csv (a line for each resource) or json [default: table]
help-inventory-more = Without --live and --aws-config, the newest inventory in the vault says what exists, where it is younger than a week. Looked at are accounts with their regions (CloudTrail), recorders of AWS Config, clusters of EKS, databases of RDS, buckets.
    Exit code 0 where all speak, 1 where one does not, 4 where of one it cannot be told.

    Examples:
      shoseki inventory --live --all-regions
      shoseki inventory
      shoseki inventory --aws-config --as-of 2026-03-05 -o csv
      shoseki inventory --json
help-alert = What people were told of by [[alert]] and stands open
help-alert-list = Lists it, the worst first; exit code 1 where nobody has acknowledged one of them
help-alert-list--config = The configuration, with [[alert]] [default: shoseki.toml]
help-alert-list--all = What is told to nobody of the configuration, too
help-alert-list-more = Example:
      shoseki alert list --config shoseki.toml
help-alert-ack = Says that somebody looks after it, and why: it is told to nobody else, until it happens again
help-alert-ack--config = The configuration, with [[alert]] [default: shoseki.toml]
help-alert-ack--id = What `shoseki alert list` shows, `A-…`
help-alert-ack--why = Why, or what is done about it
help-alert-ack-more = It is a record, sealed as all evidence is.

    Example:
      shoseki alert ack A-3f9a01c27b --why "The agent is being restarted"
help-schedule = What `serve` does again and again: checks of the evidence, of accounts and of code, questions, reports, packages, digests, inventories
help-schedule-more = A [[schedule]] of the configuration says what is done and when; `serve` does it. What is new is told to those of [[alert]], once.

    Examples:
      shoseki schedule list --config shoseki.toml
      shoseki schedule run nightly --config shoseki.toml
help-schedule-list = Lists when each is due, when it ran last, and what came of it; exit code 1 where a last run failed
help-schedule-list--config = The configuration, with [[schedule]] [default: shoseki.toml]
help-schedule-list-more = Example:
      shoseki schedule list --config shoseki.toml --json
help-schedule-run = Does one of them now, with the same record and the same word to the same people
help-schedule-run--config = The configuration, with [[schedule]] [default: shoseki.toml]
help-schedule-run--name = The schedule
help-schedule-run-more = It may run beside `serve`. What was told already is not told again. Exit code 1 where checks fail, 4 where there is no evidence.

    Example:
      shoseki schedule run nightly --config shoseki.toml
help-setup = Sets up evidence in AWS accounts: shows what is missing, does it, and proves that it arrives
help-setup-more = What is wanted stands under [setup] in shoseki.toml; the line [setup] alone takes the defaults. An existing trail is adopted with its bucket and its key, what is stricter stays, and nothing is ever deleted.

    Examples:
      shoseki setup policy > policy.json
      shoseki setup plan
      shoseki setup apply
      shoseki setup check
help-setup-plan = Shows what is there, what is missing and what would be done; changes nothing
help-setup-plan--config = The configuration [default: shoseki.toml]
help-setup-plan--profile = The profile of the AWS configuration [default: AWS_PROFILE]
help-setup-plan--record = Keeps what differs from the plan in the vault as findings: what is new, and what is mended (`shoseki finding list`)
help-setup-plan-more = + is made, ~ is changed, = is right, ! is for a person, > is what would be called. With a vault it shows too whether evidence of what exists arrives.
    Exit code 0 where nothing is to be done, 1 where something is, 4 where nothing is but not all is right or could be seen. (Who knows terraform plan -detailed-exitcode: its 2 is the 1 here, and its 1 is 2 or 3.)

    Examples:
      shoseki setup plan
      shoseki setup plan --config production.toml --json
      shoseki setup plan --record
help-setup-apply = Does what the plan shows, after it has asked
help-setup-apply--adopt = Takes what the set-up rests on (where the trail delivers, by which key) as it is now, though it is another than when it was last applied
help-setup-apply--config = The configuration [default: shoseki.toml]
help-setup-apply--profile = The profile of the AWS configuration [default: AWS_PROFILE]
help-setup-apply--yes = Does not ask, for automation
help-setup-apply-more = What fails holds up only what needs it. Run again, it goes on where it was; Ctrl-C ends it between two calls. Nothing is rebooted and nothing is deleted.
    Exit code 0 where all is done, 1 where a call failed, 4 where all is done but something is for a person.

    Examples:
      shoseki setup apply
      shoseki setup apply --yes --json
help-setup-export = Writes what [setup] asks for as code: Terraform, Kubernetes, Helm, CloudFormation, GitHub Actions
help-setup-export--config = The configuration [default: shoseki.toml]
help-setup-export--database = A database that groups of parameters or options are made for: postgres:16, mysql:8.0 (repeatable; Terraform)
help-setup-export--force = Writes over files that somebody changed, too
help-setup-export--live = Looks at the accounts: Terraform is of what they lack, and what is there is not made again
help-setup-export--out = The folder [default: shoseki-export]
help-setup-export--profile = The profile of the AWS configuration, with --live [default: AWS_PROFILE]
help-setup-export--what = What is written: terraform, kubernetes, helm, cloudformation, github
help-setup-export-more = Without --live no account is asked: it is code for an account in which nothing is. The same [setup] gives the same files. A file that nobody changed is replaced; where somebody changed one, nothing is written, with exit code 2.

    Examples:
      shoseki setup export terraform
      shoseki setup export terraform --database postgres:16 --out infra
      shoseki setup export terraform --live
      shoseki setup export kubernetes helm github --json
help-setup-check = Makes a harmless event for each source, and shows whether it arrives in the vault
help-setup-check--config = The configuration [default: shoseki.toml]
help-setup-check--profile = The profile of the AWS configuration [default: AWS_PROFILE]
help-setup-check--source = Only this source, however long it takes: cloudtrail, data-events, access-logs, config, eks, database, door, falco, app; several times for more
help-setup-check--timeout = How long to wait [default: 20m]
help-setup-check--every = How long to rest between two looks [default: 10s]
help-setup-check--again = Emits nothing, and goes on waiting for what an earlier run emitted
help-setup-check--token-env = A variable that holds a sender's token, so that an event is sent to its receivers; several times for more
help-setup-check--door = Where `serve` is reached [default: as [http] of the configuration says]
help-setup-check--ca = The authority of that door's certificate, as PEM
help-setup-check--take-in = Takes in what was delivered, where no `serve` does
help-setup-check-more = It asks for things that do not exist, tries to log in as nobody, and changes nothing. Each event has a mark in it; where AWS delivers it, and where the vault has it, is shown with the seconds since it was emitted. What cannot be done from here is printed for a person, and waited for.
    Exit code 0: all were found. 1: one did not arrive in time. 4: one could not be emitted, or nobody did it. What takes hours counts where --source names it.

    Examples:
      shoseki setup check
      shoseki setup check --source cloudtrail --source eks --timeout 30m
      shoseki setup check --token-env SHOSEKI_TOKEN --door https://shoseki.example:8484 --ca ca.pem
      shoseki setup check --take-in --json
      shoseki setup check --again 69a8d60b1f3c
help-setup-policy = Prints the IAM policy that plan, apply and check need, and calls nothing
help-setup-policy--config = The configuration, of which the name is taken [default: shoseki.toml, where it is there]
help-setup-policy-more = Example: shoseki setup policy > policy.json
help-incident = Keeps incidents: what happened, what was done about it, until when who must be told, and what proves that it does not happen again
help-incident-more = What is said of an incident is a record of its own, sealed, with who said it. An ID may be shortened as long as it is of one incident.

    Examples:
      shoseki incident open --match M-0C21F5A94E --duty appi-malicious
      shoseki incident show I-3K7Q2M8
      shoseki incident list --lang ja
help-incident-add = Adds records, subjects or duties to an incident
help-incident-add--duty = Whom it must be reported to besides (repeatable)
help-incident-add--id = The incident
help-incident-add--record = A record that shows it, by its name (repeatable)
help-incident-add--subject = Whom or what it is about besides: an address, an access key, an ARN, a name, a resource (repeatable)
help-incident-add--why = Why they belong to it
help-incident-add-more = Example:
      shoseki incident add I-3K7Q2M8 --subject 203.0.113.77 --duty gdpr --why "the same address read customers' data"
help-incident-close = Closes an incident
help-incident-close--cause = Its cause, where it was not said before
help-incident-close--despite = Closes it though something is missing
help-incident-close--id = The incident
help-incident-close--why = Why it is closed though something is missing
help-incident-close-more = An incident is closed with its cause, a measure with the check that proves it, and the reports that it asks for. The findings of its measures stay open until their checks pass.

    Examples:
      shoseki incident close I-3K7Q2M8 --cause "a key lay in a repository"
      shoseki incident close I-3K7Q2M8 --despite --why "a false alarm: the audit team's own test"
help-incident-contain = Prints the commands that end what goes on, each with what undoes it; runs none
help-incident-contain--from = The beginning of the range that is looked at [default: 30 days before it became known, or before its match]
help-incident-contain--id = The incident
help-incident-contain--note = What there is to say of it
help-incident-contain--ran = Records that a step was run: its name or number, or the command as a text
help-incident-contain--to = Its end, a date included [default: when it was closed, or now]
help-incident-contain-more = Names in them come from evidence: a name that is not written as AWS or Kubernetes write names gets no command.

    Examples:
      shoseki incident contain I-3K7Q2M8
      shoseki incident contain I-3K7Q2M8 --ran S-0C21F5A9 --note "at 10:40, by the platform team"
help-incident-list = Lists incidents, those that are open first, with the report that is due next
help-incident-list-more = Example:
      shoseki incident list --json
help-incident-measure = Records a measure against recurrence, and enters a finding that stays open until its check passes
help-incident-measure--cause = The cause, as it is known now
help-incident-measure--check = The check whose pass proves it (`shoseki check list`)
help-incident-measure--due = The day by which it is done: 2027-02-28
help-incident-measure--framework-file = A framework of your own, whose checks are known too (repeatable)
help-incident-measure--id = The incident
help-incident-measure--text = What is done
help-incident-measure-more = Example:
      shoseki incident measure I-3K7Q2M8 "trails can be stopped by nobody" --check evidence_logging_was_not_stopped --cause "a key lay in a repository" --due 2027-02-28
help-incident-note = Adds a note to an incident
help-incident-note--id = The incident
help-incident-note--text = The note
help-incident-note-more = Example:
      shoseki incident note I-3K7Q2M8 "the key was taken from its user at 10:40"
help-incident-open = Opens an incident, by hand or from a match of `shoseki detect`
help-incident-open--duty = Whom it must be reported to: appi (Japan, 30 days), appi-malicious (60 days, where harm may have been meant), gdpr (72 hours), pci (repeatable)
help-incident-open--known = When it became known, from which deadlines count: 2026-03-05T15:00, -2h [default: now]
help-incident-open--match = The match that it is opened from, or how its name begins; title, severity, subjects and records are taken from it
help-incident-open--record = A record that shows it, by its name (repeatable)
help-incident-open--severity = How much it matters [default: the match's, or medium]
help-incident-open--subject = Whom or what it is about: an address, an access key, an ARN, system:serviceaccount:NAMESPACE:NAME, pod:NAMESPACE/NAME, name:NAME, resource:NAME (repeatable)
help-incident-open--title = What it is, in a line [default: the match's]
help-incident-open-more = Days are counted in the zone (`--tz`). Whether it must be reported is for you to judge; nothing here is legal advice.

    Examples:
      shoseki incident open --match M-0C21F5A94E --duty appi-malicious --known 2026-03-05T15:00 --tz Asia/Tokyo
      shoseki incident open --title "A laptop was lost" --severity medium --subject aiko
help-incident-report = Drafts a report of an incident, or records one that was made, with the SHA-256 of its file
help-incident-report--file = The file of a report that was made; without it, a draft is written
help-incident-report--form = Which: appi-preliminary (速報), appi-final (確報), gdpr-33, pci-12.10 or review, the post-incident review that every incident asks for; all drafts each that this incident asks for
help-incident-report--from = The beginning of the range that is looked at [default: 30 days before it became known, or before its match]
help-incident-report--id = The incident
help-incident-report--out = The file of the draft; with `--form all` a folder [default: standard output]
help-incident-report--to = Its end, a date included [default: when it was closed, or now]
help-incident-report-more = A draft is Markdown in the language of `--lang`; what only people know stands in it as a place to fill in. With a file, the report counts as made from now on: the file is read, and not kept (`shoseki attach` keeps one).

    Examples:
      shoseki incident report I-3K7Q2M8 --form appi-preliminary --lang ja --tz Asia/Tokyo --out preliminary.md
      shoseki incident report I-3K7Q2M8 --form all --lang en --out ./reports
      shoseki incident report I-3K7Q2M8 --form appi-preliminary preliminary.md
help-incident-scope = Shows what those whom an incident is about read, changed, created, deleted and were refused, and who else did the same
help-incident-scope--address = Besides, an address whose records are shown; it leads to nobody (repeatable)
help-incident-scope--deed = Only what was of this kind: read, changed, created, deleted, signed-in, refused, other (repeatable)
help-incident-scope--from = The beginning of the range that is looked at [default: 30 days before it became known, or before its match]
help-incident-scope--id = The incident, whose subjects are followed
help-incident-scope--principal = Besides, a principal to follow: an ARN, an access key, a service account, a name (repeatable)
help-incident-scope--resource = Besides, a resource whose records are shown (repeatable)
help-incident-scope--session = Besides, a session to follow: its ARN, or its access key (repeatable)
help-incident-scope--to = Its end, a date included [default: when it was closed, or now]
help-incident-scope-more = It follows as `timeline` does.

    Examples:
      shoseki incident scope I-3K7Q2M8
      shoseki incident scope --session arn:aws:sts::111122223333:assumed-role/worker/i-0a1b --json
help-incident-show = Shows an incident: whom it is about, what is due, and all that was said of it
help-incident-show--id = The incident, or how it begins: I-3K7
help-incident-show-more = Example:
      shoseki incident show I-3K7Q2M8 --lang ja
help-incident-timeline = Shows what those did whom an incident is about, record by record, across all sources
help-incident-timeline--address = Besides, an address whose records are shown; it leads to nobody (repeatable)
help-incident-timeline--csv = Writes CSV
help-incident-timeline--deed = Only what was of this kind: read, changed, created, deleted, signed-in, refused, other (repeatable)
help-incident-timeline--limit = Only the first N records
help-incident-timeline--from = The beginning of the range that is looked at [default: 30 days before it became known, or before its match]
help-incident-timeline--id = The incident, whose subjects are followed
help-incident-timeline--principal = Besides, a principal to follow: an ARN, an access key, a service account, a name (repeatable)
help-incident-timeline--resource = Besides, a resource whose records are shown (repeatable)
help-incident-timeline--session = Besides, a session to follow: its ARN, or its access key (repeatable)
help-incident-timeline--to = Its end, a date included [default: when it was closed, or now]
help-incident-timeline-more = Roles that were taken on, access keys and users that were made, and service accounts are followed, up to 8 hops, 200 identities and 20,000 records; what is cut is said. `--csv` and `--json` have names in full, and the name of each record.

    Examples:
      shoseki incident timeline I-3K7Q2M8
      shoseki incident timeline I-3K7Q2M8 --deed created --deed changed --deed deleted --limit 50
      shoseki incident timeline --principal arn:aws:iam::111122223333:user/deploy-bot --from 2026-03-05 --to 2026-03-05

help-retention = For how long evidence is kept, and deleting what is older
help-retention-show = Shows the classes with their periods, and what is of which class
help-retention-show-more = Example:
  shoseki retention show
help-retention-set = Sets the period of a class, or what is of it, as a sealed change
help-retention-set--class = The class; `standard` is that of all that nothing else says
help-retention-set--months = Calendar months, in UTC
help-retention-set--preset = What a regulation asks for: pci-dss 12 months, fiea 60, tax 84, companies-act 120
help-retention-set--for-ever = Keeps it for ever
help-retention-set--stream = A stream that is of this class from now on; may be repeated
help-retention-set--source = A source that is of this class from now on; may be repeated
help-retention-set-more = Examples:
  shoseki retention set standard --preset pci-dss
  shoseki retention set finance --months 84 --source pgaudit
help-retention-plan = Shows what would go, and what is held
help-retention-plan-more = Example:
  shoseki retention plan
help-retention-run = Deletes what is older than its class's period and is not held
help-retention-run--yes = Does not ask first
help-retention-run--reason = Why, as the sealed commit says it
help-retention-run-more = Example:
  shoseki retention run --yes
help-retention-tier = Shows in which storage classes of S3 the vault lies, and what a rule that moves files by age would save and cost; changes nothing unless asked
help-retention-tier--after = The age in days from which on files are moved, such as 90d
help-retention-tier--storage-class = The class: standard-ia, intelligent-tiering, onezone-ia or glacier-ir
help-retention-tier--as = Prints all rules of the bucket with the new ones, and nothing else: `aws` for put-bucket-lifecycle-configuration, or `terraform`
help-retention-tier--apply = Puts the rules beside those that are there, after asking
help-retention-tier--yes = Does not ask first
help-retention-tier-more = Examples:
  shoseki retention tier --vault s3://evidence/vault
  shoseki retention tier --after 90d --storage-class glacier-ir --vault s3://evidence/vault
  shoseki retention tier --after 90d --storage-class glacier-ir --as aws --vault s3://evidence/vault > life-cycle.json
help-hold = Legal holds: what must not go, whatever its period
help-hold-place = Places a hold on streams, sources, a range of time, or what answers a question
help-hold-place--why = Why
help-hold-place--stream = A stream that it covers; may be repeated
help-hold-place--source = A source that it covers; may be repeated
help-hold-place--from = Covers what happened from this day on, in UTC
help-hold-place--to = Covers what happened before this day, in UTC
help-hold-place--query = Covers what answers this question, within the sources, streams and days that are given: the segments whole that hold its records. It is asked again before anything goes
help-hold-place--sql = The question is SQL, whose rows have `"@ptr"`
help-hold-place--until = The day on which it should be looked at again; it releases nothing by itself
help-hold-place-more = Example:
  shoseki hold place --why "Lawsuit 12" --source cloudtrail --from 2026-01-01 --to 2026-04-01
  shoseki hold place --why "Lawsuit 12" --query 'filter userIdentity.userName = "aiko"'
help-hold-list = Lists the holds, released ones too
help-hold-list-more = Example:
  shoseki hold list
help-hold-release = Asks for the release of a hold
help-hold-release--id = The hold
help-hold-release--why = Why
help-hold-release-more = Example:
  shoseki hold release 3f9a01c2 --why "The lawsuit ended"
help-hold-confirm = Confirms a release that another person asked for
help-hold-confirm--id = The hold
help-hold-confirm-more = Example:
  shoseki hold confirm 3f9a01c2
help-erase = Erases records of a person on lawful demand: one asks, another confirms
help-erase-plan = Shows what would go, what forbids it, and what it would not reach
help-erase-plan--query = The records that answer this question, within the sources, streams and days that are given. No record of the access keeps its text
help-erase-plan--sql = The question is SQL, whose rows have `"@ptr"`
help-erase-plan--record = A record by its name, as `@ptr` shows it; may be repeated
help-erase-plan--source = Of this source only; may be repeated
help-erase-plan--stream = Of this stream only; may be repeated
help-erase-plan--from = What happened from this day on, in UTC
help-erase-plan--to = What happened before this day, in UTC
help-erase-plan-more = Example:
  shoseki erase plan --query 'filter userIdentity.userName = "aiko"'
help-erase-request = Asks to erase records; nothing goes before another person confirms
help-erase-request--query = The records that answer this question, within the sources, streams and days that are given. No record of the access keeps its text
help-erase-request--sql = The question is SQL, whose rows have `"@ptr"`
help-erase-request--record = A record by its name, as `@ptr` shows it; may be repeated
help-erase-request--source = Of this source only; may be repeated
help-erase-request--stream = Of this stream only; may be repeated
help-erase-request--from = What happened from this day on, in UTC
help-erase-request--to = What happened before this day, in UTC
help-erase-request--ground = By which law: `gdpr-17` (GDPR, article 17), `appi-35` (the Japanese act on the protection of personal information, article 35), `order` (of a court or an authority), `other`
help-erase-request--why = Why: the number of the case, and not the person's name, for it is sealed for ever
help-erase-request--before-its-time = Why it goes although the period of its class is not over
help-erase-request-more = Example:
  shoseki erase request --query 'filter userIdentity.userName = "aiko"' --ground gdpr-17 --why "Case 12"
help-erase-list = Lists the requests, those that were done or taken back too
help-erase-list-more = Example:
  shoseki erase list
help-erase-show = Shows the records of a request, for who is to confirm it
help-erase-show--id = The request
help-erase-show--limit = How many records are shown
help-erase-show-more = Example:
  shoseki erase show 4c1d09aa
help-erase-confirm = Erases what another person asked for, and deletes what had it; a second run deletes what was left
help-erase-confirm--id = The request
help-erase-confirm--yes = Does not ask first
help-erase-confirm-more = Example:
  shoseki erase confirm 4c1d09aa
help-erase-withdraw = Takes a request back
help-erase-withdraw--id = The request
help-erase-withdraw--why = Why
help-erase-withdraw-more = Example:
  shoseki erase withdraw 4c1d09aa --why "Asked for by mistake"
