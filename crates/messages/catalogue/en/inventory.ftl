### What exists against what speaks: what checks of it ask, and what they found. The file of the same name in the other language has the same; a test holds them to it.

inventory-bucket-covered = nothing names it, and it would be told: data events of `{ $trail }` cover it and arrive (last { $last })
inventory-bucket-idle = its access is logged, and no access log of it arrived: whether nobody touched it, or they are lost, cannot be told
inventory-bucket-no-events = data events of `{ $trail }` cover it, and none of that account arrives
inventory-bucket-not-told = whether anything records who touches it is not known: { $why }
inventory-bucket-unrecorded = nothing records who reads and writes it: it has no access logs, and no data events of a trail cover it
inventory-namesakes = { $count } are called so, and the stream (`{ $stream }`) does not tell which of them speaks
inventory-nameless = nothing came under its name; `{ $streams }` may be its, and names no cluster
inventory-never = nothing of it ever arrived (expected in `{ $stream }`)
inventory-never-since = it is there since { $created }, and nothing of it ever arrived (expected in `{ $stream }`)
inventory-none-kept = no inventory in the vault is younger than { $days } days: what exists is not known (`shoseki inventory --live`, `shoseki check --live`)
inventory-quiet = `{ $stream }` is silent since { $last }: whether nothing happened, or nothing arrives, cannot be told
inventory-refused-then = AWS refused `{ $call }` when it was asked ({ $code })
inventory-silent = `{ $stream }` is silent since { $last }: something is expected every { $hours } hours
inventory-speaks = it speaks in `{ $stream }`: last { $last }, records in thirty days: { $records }
inventory-unanswered-then = AWS gave no answer to `{ $call }` when it was asked
inventory-with-account = its account (`{ $account }`) does not speak at all
inventory-young = it is there since { $created }: it has { $hours } hours to begin

## The checks: title, what is asked and how it is judged, what to do.

check-title-inventory_account_speaks = Each account speaks in CloudTrail, and each region in which something runs
check-asks-inventory_account_speaks = Each account that was looked at has a record of CloudTrail in the last day, each of its regions with a cluster, a database or a recorder one in the last week.
check-mend-inventory_account_speaks = See that a trail of all regions logs and delivers (`aws cloudtrail get-trail-status --name NAME`), and that its bucket is fetched or ingested (`shoseki fetch`, `shoseki gaps`).
check-title-inventory_recorder_speaks = Each recorder of AWS Config speaks
check-asks-inventory_recorder_speaks = Each recorder that exists has items in the vault. One that is silent for more than a week may have had nothing to record: that is no evidence.
check-mend-inventory_recorder_speaks = See that it records and delivers (`aws configservice describe-configuration-recorder-status`), and that its bucket is fetched; with `deliveryFrequency` set, a snapshot comes each day.
check-title-inventory_cluster_speaks = Each cluster speaks in the audit log of Kubernetes
check-asks-inventory_cluster_speaks = Each cluster of EKS has an audit event in the last day. It is known by its log group (`/aws/eks/NAME/cluster`), or by a stream that ends in its name.
check-mend-inventory_cluster_speaks = Switch its audit log on (`shoseki check show eks_cluster_logs_audit`), and fetch its log group (`[[fetch.cloudwatch-logs]]`).
check-title-inventory_database_speaks = Each database speaks in its audit log
check-asks-inventory_database_speaks = Each database of RDS has an audit record in the last week. It is known by its log group (`/aws/rds/instance/NAME/…`), or by a part of its stream that is its name.
check-mend-inventory_database_speaks = Export its audit log (`shoseki check show rds_database_exports_audit`) and fetch its log group (`[[fetch.cloudwatch-logs]]`, `[[fetch.rds]]`).
check-title-inventory_bucket_speaks = Who reads and writes each bucket is told
check-asks-inventory_bucket_speaks = Each bucket speaks by its access logs or by data events of a trail; one that evidence is delivered to within two days. A bucket that nobody touches passes where data events cover it and those of its account arrive.
check-mend-inventory_bucket_speaks = `aws cloudtrail put-event-selectors --trail-name NAME` with a data resource `AWS::S3::Object`, or `aws s3api put-bucket-logging --bucket NAME`; and ingest what is delivered (`shoseki fetch`).
