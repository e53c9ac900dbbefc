### 存在するものと、記録が届いているもの: チェックが求める内容と結果。もう一方の言語の同名のファイルと揃っていることはテストで確かめる。

inventory-bucket-covered = 記録はありませんが、アクセスがあれば分かります。`{ $trail }` のデータイベントが対象としており、届いています (最後は { $last })
inventory-bucket-idle = アクセスログは設定されていますが、1 件も届いていません。アクセスがなかったのか、失われたのかは分かりません
inventory-bucket-no-events = `{ $trail }` のデータイベントが対象としていますが、このアカウントのデータイベントは届いていません
inventory-bucket-not-told = 誰がアクセスしたかを記録するものがあるかどうかは不明です: { $why }
inventory-bucket-unrecorded = 誰が読み書きしたかを記録するものがありません。アクセスログがなく、証跡のデータイベントの対象でもありません
inventory-namesakes = 同じ名前のものが { $count } 個あり、ストリーム (`{ $stream }`) からはどれの記録か分かりません
inventory-nameless = この名前の記録は届いていません。`{ $streams }` がその記録かもしれませんが、クラスター名がありません
inventory-never = 記録が一度も届いていません (届くはずのストリーム: `{ $stream }`)
inventory-never-since = { $created } から存在していますが、記録が一度も届いていません (届くはずのストリーム: `{ $stream }`)
inventory-none-kept = { $days } 日以内の棚卸しが保管庫にないため、何が存在するか分かりません (`shoseki inventory --live`、`shoseki check --live`)
inventory-quiet = `{ $stream }` は { $last } を最後に途絶えています。何も起きていないのか、届いていないのかは分かりません
inventory-refused-then = 問い合わせた時点で、AWS が `{ $call }` を拒否しました ({ $code })
inventory-silent = `{ $stream }` は { $last } を最後に途絶えています。{ $hours } 時間ごとに何か届くはずです
inventory-speaks = `{ $stream }` に記録が届いています: 最後は { $last }、30 日間の件数は { $records }
inventory-unanswered-then = 問い合わせた時点で、AWS が `{ $call }` に応答しませんでした
inventory-with-account = アカウント (`{ $account }`) の記録がまったく届いていません
inventory-young = { $created } に作られたものです。記録が届き始めるまで { $hours } 時間の猶予があります

## チェック: 題名、求める内容と判定のしかた、対処。

check-title-inventory_account_speaks = 各アカウントと、稼働中の各リージョンの CloudTrail が届いている
check-asks-inventory_account_speaks = 調べた各アカウントには直近 1 日に、クラスター・データベース・レコーダーのある各リージョンには直近 1 週間に、CloudTrail の記録があります。
check-mend-inventory_account_speaks = 全リージョンの証跡が記録・配信しているか (`aws cloudtrail get-trail-status --name NAME`)、バケットを取得しているか (`shoseki fetch`、`shoseki gaps`) を確認してください。
check-title-inventory_recorder_speaks = AWS Config の各レコーダーの記録が届いている
check-asks-inventory_recorder_speaks = 存在する各レコーダーの項目が保管庫にあります。1 週間を超えて途絶えている場合は、変更がなかっただけかもしれないため、証拠なしとします。
check-mend-inventory_recorder_speaks = レコーダーが記録・配信しているか (`aws configservice describe-configuration-recorder-status`)、バケットを取得しているかを確認してください。`deliveryFrequency` を設定すると、スナップショットが毎日届きます。
check-title-inventory_cluster_speaks = 各クラスターの Kubernetes 監査ログが届いている
check-asks-inventory_cluster_speaks = EKS の各クラスターについて、直近 1 日に監査イベントがあります。ロググループ (`/aws/eks/NAME/cluster`) か、末尾がクラスター名のストリームで見分けます。
check-mend-inventory_cluster_speaks = 監査ログを有効にし (`shoseki check show eks_cluster_logs_audit`)、ロググループを取得してください (`[[fetch.cloudwatch-logs]]`)。
check-title-inventory_database_speaks = 各データベースの監査ログが届いている
check-asks-inventory_database_speaks = RDS の各データベースについて、直近 1 週間に監査ログの記録があります。ロググループ (`/aws/rds/instance/NAME/…`) か、データベース名を含むストリームで見分けます。
check-mend-inventory_database_speaks = 監査ログを出力し (`shoseki check show rds_database_exports_audit`)、ロググループを取得してください (`[[fetch.cloudwatch-logs]]`、`[[fetch.rds]]`)。
check-title-inventory_bucket_speaks = 各バケットを誰が読み書きしたかが届いている
check-asks-inventory_bucket_speaks = 各バケットについて、アクセスログか証跡のデータイベントが届いています。証跡の配信先のバケットは 2 日以内に届きます。アクセスのないバケットは、データイベントの対象であり、そのアカウントのデータイベントが届いていれば合格です。
check-mend-inventory_bucket_speaks = `aws cloudtrail put-event-selectors --trail-name NAME` にデータリソース `AWS::S3::Object` を指定するか、`aws s3api put-bucket-logging --bucket NAME` を設定し、配信されるものを取り込んでください (`shoseki fetch`)。
