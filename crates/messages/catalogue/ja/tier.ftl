### 保管庫のバケットのストレージクラスと、読むときの料金。もう一方の言語の同名ファイルと同じ内容で、テストが両者をそろえます。

tier-class-unknown = `{ $class }` は、保管庫のファイルの移行先にできるクラスではありません。指定できるのは { $known } です
tier-class-archive = `{ $class }` はアーカイブです。読む前に復元が必要になり、いつでも読める必要のある保管庫には使えません。指定できるのは { $known } です
tier-age = { $days } 日後の `{ $class }` は指定できません。{ $least }〜{ $most } 日を指定してください
tier-after-unreadable = `{ $text }` は経過日数ではありません。`90d` のように日数で指定してください
tier-rules-many = ライフサイクルのルールが { $count } 個になります。S3 で設定できるのは { $most } 個までです
tier-rule-unsaid = バケットのルール `{ $rule }` の `{ $member }` は Terraform に書き出せません。そのまま残せる `--as aws` を使ってください
tier-no-bucket = `{ $url }` はフォルダーで、ストレージクラスがありません。s3://BUCKET/PREFIX にある保管庫を指定してください
tier-no-vault = `{ $url }` に保管庫はありません (`shoseki.toml` がありません)
tier-changed = `{ $bucket }` のライフサイクルが別の人によって変更されたため、何も設定していません。もう一度確認してください
tier-not-there = `{ $bucket }` はライフサイクルを受け付けましたが、反映されていません。`aws s3api get-bucket-lifecycle-configuration --bucket { $bucket }` で確認してください

cli-tier-class = クラス
cli-tier-what = 対象
cli-tier-files = ファイル
cli-tier-bytes = バイト
cli-tier-requests = リクエスト
cli-tier-usd = 米ドル
cli-tier-evidence = 証跡
cli-tier-others = ログ、コミット、鍵(移行しない)
cli-tier-younger = { $days } 日未満
cli-tier-older = それ以上
cli-tier-all = 合計
cli-tier-not-read = 読めない
cli-tier-archived = { $files } 個のファイルがアーカイブ `{ $class }` にあります。保管庫を読むには復元 (`aws s3api restore-object`) し、別のクラスにコピーする必要があります。
cli-tier-on-a-date = 指定日
cli-tier-reach-all = 保管庫の全オブジェクト
cli-tier-reach-some = 保管庫の一部のオブジェクト
cli-tier-rule-off = ルール `{ $rule }` は無効です。
cli-tier-rule-moves = ルール `{ $rule }` は、{ $reach }を { $class } に移行します(日数: { $after })。
cli-tier-rule-archives = ルール `{ $rule }` は、{ $reach }を、復元しないと読めない { $class } に移行します(日数: { $after })。この移行をルールから外すか、保管庫の外のプレフィックスを指定してください。
cli-tier-rule-expires = ルール `{ $rule }` は、{ $reach }をコミットなしに削除します(日数: { $after })。`verify` は `tampered` と判定します。失効をルールから外してください。保存期間の満了したものは `shoseki retention run` が削除します。
cli-tier-paid = 現状の保管料は月 { $month } 米ドルです。全体を1回読むと { $verify } 米ドル (`verify`)、`verify --deep` では { $deep } 米ドルかかります。
cli-tier-would-move = 書き込みから { $days } 日後に { $class } へ移行した場合:
cli-tier-moves = すぐに移行
cli-tier-not-old = 日数が未到達
cli-tier-small = 移行しない(128 KB 未満)
cli-tier-stays = 移行しない(移行済み、または移行できないクラス)
cli-tier-now = 現在(米ドル)
cli-tier-then = 移行後(米ドル)
cli-tier-month = 1か月の保管
cli-tier-verify = 全体を1回読む (`verify`)
cli-tier-verify-deep = `verify --deep`
cli-tier-once = 移行に1回 { $usd } 米ドルかかります。
cli-tier-pays = 何も読まなければ、{ $months } か月で元が取れます。
cli-tier-pays-not = 元が取れるかどうかは確実ではありません。節約にならないか、何を読むかで変わります。
cli-tier-least-days = { $class } に移って { $days } 日以内に消えるもの(圧縮で置き換わる、満了する、レコードが消去されるファイル)にも、{ $days } 日分の料金がかかります。
cli-tier-short = 保存クラス `{ $class }` の期間は { $months } か月で、料金のかかる { $days } 日より前に満了します。
cli-tier-one-zone = { $class } は1つのデータセンターにだけ置かれ、その障害で失われることがあります。唯一の保管場所ではなく、複製に使ってください。
cli-tier-intelligent = Intelligent-Tiering は30日、90日読まれないものを安い階層に下げ、読まれたものを戻します。保管料は2つの額の間になります。アーカイブ階層は有効にしないでください。すぐに読めなくなります。
cli-tier-is-there = ルールはすでに設定されています: { $rules }
cli-tier-how =
    何も変更していません。既存のルールに追加するには:
      shoseki { $asked } --apply
    バケットの全ルールをほかのツール用に書き出すには:
      shoseki { $asked } --as aws > life-cycle.json
      aws s3api put-bucket-lifecycle-configuration --bucket { $bucket }{ $smallest } --lifecycle-configuration file://life-cycle.json
      shoseki { $asked } --as terraform > life-cycle.tf
cli-tier-ask = 上のルールを `{ $bucket }` のライフサイクルに追加します(既存のルールは残ります)。続けるには `yes` と入力してください: 
cli-tier-applied = ルールを設定しました: { $rules }。S3 は1日に1回評価します。
cli-tier-prices = { $region } の { $day } 時点の定価(米ドル、税抜): { $prices }。* の付いた価格は、明記したページで確認できていません。判断の前に確認してください。
cli-tier-uncounted = オブジェクトの旧バージョン、リージョン外へのデータ転送、KMS へのリクエストは含みません。
cli-tier-free = 保管庫はフォルダーにあり、読んでも料金はかかりません。
cli-tier-nothing-read = 該当しうるファイルがバケットにないため、何も読まず、料金もかかりません。
cli-tier-query = これらのファイルを開くたびに全体を読むと { $whole } 米ドルです。通常は一部しか読みません。条件によって列を読み直すことがあり、最大で { $most } 米ドルです。
cli-tier-asking = ファイルの索引の確認に、{ $requests } 回のリクエストで { $bytes } を読みました({ $usd } 米ドル)。
cli-tier-verify-usd = 合計 { $usd } 米ドルです。読んだのはバケットの一覧だけです。

tier-price-s3-storage = STANDARD の保管(GB・月)
tier-price-s3-gets = STANDARD と INTELLIGENT_TIERING の GET
tier-price-s3-ia-storage = STANDARD_IA の保管(GB・月)
tier-price-s3-onezone-storage = ONEZONE_IA の保管(GB・月)
tier-price-s3-gir-storage = GLACIER_IR の保管(GB・月)
tier-price-s3-glacier-storage = GLACIER の保管(GB・月)
tier-price-s3-deep-storage = DEEP_ARCHIVE の保管(GB・月)
tier-price-s3-int-monitoring = INTELLIGENT_TIERING の監視(オブジェクト・月)
tier-price-s3-ia-gets = STANDARD_IA と ONEZONE_IA の GET
tier-price-s3-gir-gets = GLACIER_IR の GET
tier-price-s3-ia-retrieval = STANDARD_IA と ONEZONE_IA の取り出し(GB)
tier-price-s3-gir-retrieval = GLACIER_IR の取り出し(GB)
tier-price-s3-ia-moves = STANDARD_IA、ONEZONE_IA、INTELLIGENT_TIERING への移行
tier-price-s3-gir-moves = GLACIER_IR への移行
