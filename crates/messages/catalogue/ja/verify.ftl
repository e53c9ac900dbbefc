### verify: see the other language's file of the same name; a test holds the two together.

# Verdicts
verify-verdict-intact = 改ざんなし
verify-verdict-tampered = 改ざんあり
verify-verdict-unverifiable = 判定不能

# What cannot be judged
verify-no-vault = ここに保管庫はありません。`shoseki.toml` も Delta ログも見つかりません
verify-no-key = ログの検証鍵がないため何も判定できません。`--key` で指定してください
verify-other-origin = 保管庫の名前は `{ $there }` ですが、渡された鍵は `{ $key }` のものです
verify-nothing-sealed = この鍵で署名されたチェックポイントで封印されたコミットがないため、何も証明されません
verify-root-unknown = コミットが欠けているか読めないため、{ $size } 件の木のルートを計算できません
verify-deep-without-key = ファイルは暗号化されています。開くための暗号鍵を指定してください
verify-folder-missing = フォルダー `{ $path }` を開けません
verify-object-unreadable = `{ $name }` を読み取れませんでした
verify-place-unlistable = `{ $name }` 配下のオブジェクトを一覧できませんでした
verify-thread-died = 検証器のスレッドが途中で終了しました。shoseki の不具合です

# Objects
verify-object-unknown = 保管庫のオブジェクトではありません。追加されたか、名前が変えられています
verify-object-missing = 存在しません。削除されています
verify-marker-changed = 変更されています。このファイルの内容が変わることはありません
verify-marker-differs = コミット 0 で封印された形式・名前・暗号化の内容と一致しません
verify-replica = これは複製です。ここに書くのは `shoseki replica sync` だけです
verify-set-aside = 復元のときに残したもの { $count } 件があります。証跡ではありません: { $names }
verify-temporary-files = 中断された書き込みの一時ファイルが { $count } 個あります。受領済みの内容は含まれません
verify-key-changed = 名前どおりの、shoseki が書く形式の包まれた鍵ではありません
verify-keys-not-opened = 暗号鍵が渡されていないため、包まれた鍵 { $count } 個を開いていません。これらの変更は検出できません
verify-class-key-missing = 封印されたファイルを開くための包まれた鍵 `{ $id }` がありません
verify-file-key-refused = ファイルの鍵が `{ $id }` のどの鍵でも開けません
verify-original-changed = 受領したバイト列ではありません。ハッシュが名前と異なるか、封筒を開けません
verify-original-missing = 受領記録 `{ $receipt }` が丸ごと保存したとしている原本がありません
verify-original-not-opened = 暗号鍵が渡されていないため `{ $name }` を開いていません。変更は検出できません
verify-originals-unneeded = どの受領記録にも属さない原本が { $count } 個あります(書き込みの中断後などに残ります): { $names }
verify-originals-not-kept = 受領したファイルのうち { $count } 個は手順から復元できず、丸ごとの保存もされていません(受領記録に記載されています)

# The logs
verify-commit-missing = コミット { $version } がありません。削除されています
verify-commit-changed = コミット { $version } は封印されたものと異なります。変更されています
verify-commits-changed = コミット { $first } から { $last } のいずれかが封印されたものと異なり、ログのオブジェクトも合わせて変更されています
verify-commit-refused = コミット { $version } はこの位置に置けるものではありません
verify-commit-unstated = コミット { $version } は証跡を失わせるか、写し先を変えるものですが、ログの鍵による言明がありません。書いた者は鍵を持っていません
verify-commit-unstatable = コミット { $version } は証跡を失わせるか、写し先を変えるものです。その前のコミットから署名付きチェックポイントへたどれないため、ログの鍵による言明かどうかを確かめられません
verify-commit-backdated = コミット { $version } は前のコミットより古い時刻を示しています。時計の誤りか、日付の偽装です
verify-log-object-changed = 封印されたコミットから導かれる内容と異なります。変更されています
verify-log-object-missing = 存在しません。削除されています
verify-log-object-unexpected = { $size } 件のログにこのオブジェクトはありません。追加されたか、コミットが削除されています
verify-checkpoint-misplaced = { $size } 件の木のチェックポイントです。別の名前の位置に置かれています
verify-checkpoint-removed = { $size } 件の木のチェックポイントがなく、写しだけが残っています
verify-checkpoint-disagrees = { $size } 件の木のチェックポイントがコミットと一致しません
verify-copy-missing = 写し `tlog/checkpoint` がありません。次の封印で書き直されます
verify-copy-behind = 写し `tlog/checkpoint` は { $size } 件のもので、最新のチェックポイントは { $newest } 件です。次の封印で更新されます
verify-unsealed = 封印済みの { $sealed } 件の後に未封印のコミットが { $count } 件あります。これらは何にも証明されておらず、封印後にチェックポイントが削除されたものかどうかはアンカーでしか分かりません
verify-delta-checkpoint-differs = バージョン { $version } の Delta チェックポイントは、コミットが追加したファイルと一致しません。{ $hidden } 個のファイルが読み手から隠されています
verify-delta-checkpoint-unreadable = Delta チェックポイントを読めません
verify-last-checkpoint-wrong = 存在しない Delta チェックポイントを指しています

# Files and records
verify-file-missing = ファイルがありません。削除されています
verify-file-size = ファイルは { $size } バイトですが、封印されたのは { $expected } バイトです
verify-file-changed = ファイルのハッシュが封印されたものと異なります。変更されたか、別のものに置き換えられています
verify-orphans = どのコミットにも属さないファイルが { $count } 個あります(書き込みの中断後などに残ります)。これらは何にも証明されません: { $names }
verify-expired = レコード { $records } 件は保存期間が満了しました(コミット { $version } による満了)。内容は失われましたが、他のレコードの証明は有効です
verify-expired-there = 保存期間が満了したファイルが { $count } 個({ $bytes } バイト)残っています。`shoseki retention run` で削除されます
verify-receipts-expired = 受領したファイル { $count } 個は、レコードの一部が保存期間満了のため復元しません
verify-footer-differs = フッターのセグメントがコミットのものと一致しません
verify-rows-too-many = 封印されたよりも多くの行があります
verify-rows-too-few = 封印されたよりも行が少なくなっています
verify-salt-missing = レコード `{ $record }` のソルトがありません
verify-record-misplaced = `{ $file }` の行がこのレコードであることを示していません
verify-column-differs = 列 `{ $column }` がレコードのバイト列の内容と一致しません
verify-record-other-day = { $day } のレコードが { $partition } に置かれています
verify-segment-root = セグメント `{ $segment }` のレコードは封印されたものと異なります
verify-tag-differs = コミットに書かれたセグメント `{ $segment }` の内容が、そのレコードから導かれるものと一致しません
verify-segment-missing = セグメント `{ $segment }` がありません
verify-content-differs = レコードから、受領した内容を復元できません
verify-receipt-not-rebuilt = ファイル `{ $origin }` を受領したとおりに復元できません
verify-statistics-lie = フッターは列 `{ $column }` の値の範囲を実際より狭く示しています。これを信じる読み手はレコードを見落とします
verify-file-says-more = ファイルに、形式にない複数の行グループ、索引またはブルームフィルターがあります

# Outside the vault
verify-rolled-back = { $size } 件の木が署名されていますが、保管庫には { $tree } 件しかありません。古い状態に戻されたか、コミットが削除されています
verify-forked = 同じ鍵で { $size } 件の別の木が署名されています。ログが分岐したか、作り直されています
verify-against-unreadable = 比較対象として渡されたものは署名付きチェックポイントではありません
verify-against-other-origin = 比較対象のチェックポイントは `{ $found }` のもので、鍵は `{ $expected }` のものです
verify-against-other-key = 外部に保管されたチェックポイントは同じ名前のものですが、この鍵で署名されていません。保管庫の鍵が取り替えられたか、チェックポイントが変更されています
verify-against-agrees = 外部に保管された { $size } 件のチェックポイントと一致します
verify-against-empty = 外部に保管されたチェックポイントは空の木のものです。一致しても何も意味しません
verify-anchor-dropped = アンカー `{ $place }` は後から設定より外されました
verify-anchor-unlisted = アンカー `{ $place }` は一覧から外されましたが、ログの鍵による宣言がありません。アンカーのままです(外すには鍵を持つ者が `shoseki anchor remove` を実行します)
verify-anchor-not-looked-at = アンカー `{ $place }` は確認していません
verify-anchor-unreachable = アンカー `{ $place }` を読めませんでした: { $why }
verify-anchored-until = 木のサイズ { $size }({ $time })まで `{ $place }` に外部アンカーがあります
verify-not-anchored = 保管庫の外のチェックポイントと比較していません。署名鍵を持つ者は全体を作り直したり、古い状態に戻したりできます

# Proofs
verify-proof-holds = レコード `{ $record }` は、{ $time } のコミット { $version } 以降変更されていません({ $size } 件の木)
verify-proof-segment = コミット { $version } はレコード `{ $record }` のセグメントを追加していません
verify-proof-record = レコード `{ $record }` は封印されたものと異なります
verify-proof-commit = ログの証明がコミット { $version } のものではありません

# Packages
verify-package-unreadable = パッケージを読み取れませんでした
verify-package-unwritable = パッケージを書き込めませんでした
verify-package-archive = shoseki が書く形式の zip ファイルではありません: { $why }
verify-package-entry-unreadable = エントリ `{ $name }` を読めません。変更されています
verify-package-entry-changed = 署名されたファイルと異なります。変更されています
verify-package-entry-added = 署名されたファイルに含まれません。追加されています
verify-package-manifest-unreadable = マニフェストが shoseki の書く形式ではありません
verify-package-file-twice = ファイル `{ $name }` を二度書こうとしました。shoseki の不具合です
verify-package-file-missing = ファイル `{ $name }` が書かれていません。shoseki の不具合です
verify-package-other-origin = パッケージは保管庫 `{ $there }` のものですが、指定された鍵は `{ $key }` のものです
verify-package-other-tree = チェックポイントは { $size } 件のもの、または別のログのものです。マニフェストでは { $claimed } 件です
verify-package-proof-other-tree = この証明は、パッケージのチェックポイントとは別の木のものです
verify-package-commit-missing = パッケージに証明済みのコミット { $version } がありません
verify-package-record-twice = 同じレコードがパッケージに二度含まれています
verify-package-counts = { $found } 行ありますが、マニフェストでは { $claimed } 行です。またはストリームの名前が異なります
verify-package-row-unreadable = 行を読めません
verify-package-row-unproven = この行はレコード `{ $record }` のものですが、証明済みのレコードに含まれません
verify-package-older = パッケージは { $size } 件の木のものですが、{ $known } 件の木が知られています。その後に封印されたものは含まれません
verify-package-proven = 証明済み: { $records } 件のレコードが { $size } 件の木に変更なく含まれています
verify-package-claims-complete = パッケージの主張(証明はされません): { $created } の時点で、{ $size } 件の木に対する検索結果はこの { $rows } 行がすべてです
verify-package-claims-part = この { $rows } 行は、{ $size } 件の木に対する検索結果のすべてではありません({ $created } 作成)
verify-package-masked = `rows.csv` と `rows.jsonl` では値が伏せられています。`records.jsonl` と、あれば母集団には、受領したままのレコードが含まれます

# The program shoseki-verify
verify-cli-help =
    shoseki-verify: shoseki が封印した証跡を、誰も信用せずオフラインで検証します

    shoseki-verify package ファイル --key 鍵 [--against ファイル]
    shoseki-verify proof ファイル --key 鍵
    shoseki-verify vault フォルダー --key 鍵 [--encryption-key ファイル]… [--deep] [--against ファイル] [--anchor フォルダー]

    --key 鍵                     ログの検証鍵(名前+ハッシュ+base64)、またはそれを収めたファイル
    --encryption-key ファイル    保管庫の暗号化されたファイルを開く鍵ファイル。鍵を交換した保管庫では複数指定する
    --deep                       全ファイルを開き、全列を導出し直し、受領した全ファイルを復元します
    --against ファイル           手元に保管した、同じログの署名付きチェックポイント
    --anchor フォルダー            保管庫のチェックポイントの保管先(複数指定可)
    --json                       報告を JSON で出力します
    --lang en|ja                 メッセージの言語

    終了コード: 0 改ざんなし、1 改ざんあり、2 指定の誤り、3 環境の障害、4 判定不能
verify-cli-value-missing = オプション `{ $option }` には値が必要です
verify-cli-language = 言語 `{ $found }` には対応していません。`en` か `ja` を指定してください
verify-cli-option-unknown = オプション `{ $option }` はありません。`--help` をご覧ください
verify-cli-too-many = 引数 `{ $word }` は余分です。`--help` をご覧ください
verify-cli-command = `{ $found }` というコマンドはありません。`package`、`proof`、`vault` のいずれか、または `--help` を指定してください
verify-cli-target-missing = `{ $command }` には検証するファイルまたはフォルダーが必要です
verify-cli-file-unreadable = `{ $path }` を読めません
verify-cli-no-threads = システムがスレッドを作れません
verify-cli-no-json = 報告を JSON にできませんでした。shoseki の不具合です
verify-cli-output-failed = 出力を書き込めませんでした
verify-cli-since = (封印: コミット { $commit }、{ $time })
verify-cli-more = ほか { $count } 件
verify-cli-checked = 検証対象 `{ $origin }`、木のサイズ { $size }: コミット { $commits }、ログのオブジェクト { $log_objects }、チェックポイント { $checkpoints }、ファイル { $files }、レコード { $records }、{ $bytes } バイト
verify-package-proves-nothing = パッケージにレコードがありません。クエリに当てはまるものがないことは署名者の主張であり、証明ではありません
verify-file-key-not-opened = このファイルの鍵は鍵 `{ $id }` で包まれていますが、それは別の暗号鍵でしか開けません。その暗号鍵を指定してください
verify-keys-of-others = 包まれた鍵 { $count } 個は、渡されていない (鍵交換より前の) 暗号鍵のものです。同じ名前の別の世代は開けました
verify-derivation-other = レコードは封印時のままですが、列は `{ $source }` の解釈処理の版 { $version } で導かれており、このプログラムの版と異なります。対応する版を使ってください
verify-index-lies = スキップ索引がファイルの記録から導かれるものと異なります。検索が、存在する記録を読み飛ばすことになります
verify-replaced = コンパクションで置き換えられたファイルが { $count } 個({ $bytes } バイト)残っています。内容は他のファイルにあり、削除してもかまいません
verify-file-missing-newer = ファイルがありません。新しい形式のコミットが置き換えた可能性がありますが、この版では判断できません

# Trails of CloudTrail
verify-trail-no-folder = `{ $path }` はファイルです。それがあるフォルダーを指定してください
verify-trail-file-long = `{ $name }` は { $bytes } バイトで、読み取り上限の { $limit } を超えています。CloudTrail はこのようなファイルを書きません
verify-trail-keys-unreadable = 鍵ファイルが `aws cloudtrail list-public-keys` や `--save-keys` の出力形式ではありません。鍵ごとに base64 の `Value` を持つ `PublicKeyList` が必要です
verify-trail-key-unreadable = 鍵 `{ $fingerprint }` は PKCS#1 でも SubjectPublicKeyInfo でもなく、RSA 鍵として読めません
verify-trail-key-misnamed = 鍵ファイルではフィンガープリントが `{ $stated }` となっていますが、実際は `{ $found }` です。鍵かフィンガープリントが変更されています
verify-trail-digest-missing = 存在しません。次のダイジェストがこれを指しています
verify-trail-digest-missing-between = 存在しません。連鎖する二つのダイジェストの間で、この時間のダイジェストがありません
verify-trail-digests-missing-many = それ以前のものも含めて存在しません(合計 { $count } 時間分)
verify-trail-older-missing = ここで最も古いダイジェストが指す、一つ前のダイジェストがここにありません。期限切れ、コピー漏れ、または削除です
verify-trail-newest-missing-logs = ここから { $hours } 時間分のダイジェストがありませんが、ログファイルは { $log } まで続いています。最新のダイジェストが削除されたか、検証機能が無効にされています
verify-trail-newest-missing-other = ここから { $hours } 時間分のダイジェストがありませんが、同じ証跡のアカウント { $account }、{ $region } のダイジェストは { $last } まで続いています。最新のダイジェストが削除されています
verify-trail-newest-overdue = ここから { $hours } 時間分のダイジェストもログファイルもありません。証跡が停止されたか、最新のファイルが削除されています
verify-trail-digest-altered = 内容が署名されたものとも、次のダイジェストが示すものとも異なります。変更されています
verify-trail-no-digest = ダイジェストではありません: { $why }
verify-trail-gzip-corrupt = gzip ストリームが途中で切れているか壊れています
verify-trail-content-long = 内容が CloudTrail の書くものとしては長すぎます
verify-trail-digest-moved = 自身が示す場所 `{ $place }` とは別の場所にあります。移動されたか、名前が変えられています
verify-trail-signature-wrong = 署名が、ダイジェストが示す鍵のものではありません。ダイジェストか署名が変更されています
verify-trail-signature-replaced = 付けられた署名が変更されています。次のダイジェストが示す署名は正しく、このダイジェストはそれで証明されます
verify-trail-signature-missing = 証明されていません。署名が付いておらず、署名を示す後のダイジェストもありません
verify-trail-key-unknown = ダイジェストが示す鍵 `{ $fingerprint }` が手元の鍵の中にありません
verify-trail-key-other = 鍵 `{ $fingerprint }` を示していますが、署名したのは `{ $other }` です
verify-trail-key-not-valid = 署名は正しいものの、その時刻に鍵は有効ではありませんでした: { $validity }
verify-trail-algorithm = 署名の方式 `{ $algorithm }` は未対応です
verify-trail-hash-unknown = ダイジェストが示すハッシュの形式は未対応です
verify-trail-chain-broken = 署名されていますが、`{ $next }` が示す内容または署名と異なります
verify-trail-chain-outside = 連鎖は指定された範囲より前に続いています。このダイジェストは範囲の外にあります
verify-trail-digest-bypassed = どの後続のダイジェストからも指されていません。`{ $next }` はこれを飛ばして連鎖しています
verify-trail-restarted = ここで連鎖が新しく始まっています。証跡またはその検証機能が停止され再開されており、その間については何も証明されません
verify-trail-trailing = gzip ストリームの後に { $bytes } バイトあります。追記されています
verify-trail-log-missing = ログファイルがありません。削除されています
verify-trail-log-altered = ログファイルが変更されています。内容の SHA-256 は { $found } ですが、ダイジェストが示すのは { $stated } です
verify-trail-log-extra = ダイジェストがこの時間を網羅しているのに、このログファイルを指すものがありません。追加されています
verify-trail-logs-unproven = ダイジェストのない時間のログファイルが、これを含めて { $count } 個あり、何にも証明されません
verify-trail-logs-outside = これが指すログファイルのうち { $count } 個が指定された範囲の外にあります(最初は `{ $first }`)
verify-trail-file-foreign = CloudTrail のファイルの中にありますが、その命名規則に合いません。追加されたか、名前が変えられています
verify-trail-region-absent = 同じ証跡の他のアカウントにはあるのに、このアカウントのこのリージョンにはダイジェストがありません。対象外か、削除されています
verify-trail-no-digests = ログファイルが { $count } 個ありますが、ダイジェストがありません。何にも証明されません(最初は `{ $first }`)
verify-trail-nothing = ダイジェストが見つかりません。`…/CloudTrail-Digest/<リージョン>/2026/03/05/<アカウント>_CloudTrail-Digest_….json.gz` のような名前のファイルが必要です
verify-trail-horizon = ダイジェストがあるべき期間は { $time } までとしました
verify-trail-copied = これはコピーです。ダイジェストの配信先はバケット `{ $bucket }` でした
verify-trail-bucket-moved = アカウント { $account }、{ $region }: 証跡のバケットは { $time } に `{ $from }` から `{ $to }` に変わりました
verify-trail-not-due = 新しいログファイルが { $count } 個あり、それらを指すダイジェストはまだ配信される時刻になっていません
verify-trail-resumed = ログファイル { $count } 個は再読み込みしていません。`--resume` のファイルに、以前の実行で改ざんなしと判定されたとあるためです。このファイルを変更できる者は、そう書かせることができます
verify-trail-mend-missing = 控え(バケットのバージョン、レプリケーション、バックアップ)から復元し、CloudTrail と S3 アクセスログで削除した者を確認してください
verify-trail-mend-altered = 控え(バケットのバージョン、レプリケーション、バックアップ)から元のファイルを復元し、S3 アクセスログで書き込んだ者を確認してください
verify-trail-mend-moved = 自身が示す場所に戻し、移動した者を確認してください
verify-trail-mend-signature = オブジェクトの他のバージョン、および `aws cloudtrail list-public-keys` で得られる該当時刻の鍵と照合してください
verify-trail-mend-chain = オブジェクトの他のバージョンと照合してください。現状を保全し、AWS サポートに問い合わせてください
verify-trail-mend-extra = 証拠として扱わず、S3 アクセスログで書き込んだ者を確認してください。遅れて届いただけのファイルには、後からバックフィルのダイジェストが付きます
verify-trail-mend-older = 古いダイジェストを判定の対象にしない場合は `--from` を指定し、そうでなければ復元してください
verify-trail-mend-overdue = 証跡が記録中か確認してください(`aws cloudtrail get-trail-status`)。そこで終わるのが正しい場合は `--to` を指定してください
verify-trail-mend-no-signature = バケット自体を判定するか、`aws s3api head-object` の出力を NAME.json.gz.head.json として横に置いてください
verify-trail-mend-key = そのリージョンと時刻の鍵を、API から、または `--keys` で渡してください
verify-trail-mend-report = shoseki を更新してください。それでも変わらない場合は、ダイジェストを添えて報告してください
verify-trail-mend-restarted = CloudTrail で StopLogging、UpdateTrail、DeleteTrail とその実行者を確認してください
verify-trail-mend-not-given = その場所も合わせて指定してください
verify-trail-mend-no-digests = 証跡のログファイル検証を有効にしてください。対象外のリージョンであれば `--account` と `--region` を指定してください
verify-trail-mend-unproven = この時間のダイジェストを復元してください。もともと作られていない場合、これらのファイルを証明する手段はありません
verify-trail-mend-unreadable = 読み取りの権限を与え、もう一度実行してください
verify-trail-too-many-folders = `{ $place }` はフォルダーが多すぎて証跡を探せません。`AWSLogs` のあるフォルダーか、その下を指定してください
verify-trail-unreadable = 読み取れませんでした: { $why }
verify-trail-region-silent = 他の時期のものはあるのに、この期間のダイジェストもログファイルもありません。ここの証跡が停止されたか、削除されています
verify-trail-digest-altered-chain = 内容が、署名の正しい次のダイジェストの示すものと異なります。変更されています
verify-package-too-large = パッケージに収まりません。拡張なしの zip ファイルに入るのは 4 GiB、65,534 ファイルまでです。期間を短くするか、`--population` を外してください
verify-population-misplaced = このセグメントで次に来るべきレコードではありません
verify-population-records-missing = ここから { $count } 件のレコードが母集団から抜けています
verify-population-segment-added = 母集団に含まれるべきセグメントではないか、順序が違います
verify-population-segment-missing = コミット { $version } によれば検索対象を含みうるセグメントですが、{ $records } 件のレコードがすべて抜けています
verify-population-commit = ここに来るべきコミットは { $due } ですが、{ $found } があります
verify-population-commits = コミットは { $found } 件で終わっていますが、木には { $size } 件あります
verify-population-root = コミットから { $size } 件の木の根が導かれません
verify-population-whole = 母集団は揃っています: レコード { $records } 件。{ $size } 件のコミットの記載から検索対象を含みうるすべてのセグメントの、すべてのレコードです。レコードからセグメントの根が、コミットから木の根が導かれます
verify-population-not-run = 母集団に対してクエリを再実行していません。このプログラムにはクエリエンジンがないか、上に挙げた問題があるためです。再実行は `shoseki package verify` が行います
verify-population-failed = 母集団に対してクエリを再実行できませんでした
verify-population-derivation = `{ $source }` の列は、封印時には解釈処理の版 { $version } で導かれていました。このプログラムは自分の版で導き直しました
verify-population-complete = 完全: { $records } 件のレコードに対してクエリを再実行し、同じ { $rows } 行を得ました
verify-population-any-order = 行は順序を問わずに比べました。SQL では同順位の行の順序が決まらないためです
verify-population-relative = ここでいう完全は、封印された記載の範囲でのことです。セグメントの時刻、ソース、ストリームの記載は封印した人によるものです。パッケージにないセグメントの記載が正しいかどうかは、保管庫に対する `shoseki verify --deep` でしか分かりません
verify-sample-name = レコードの名前ではありません
verify-sample-not-drawn = このレコードはパッケージにありますが、シード `{ $seed }` では一覧から抽出されません
verify-sample-missing = シードによればこのレコードが抽出されますが、`{ $file }` にありません
verify-sample-drawn = サンプルはシードから抽出されるものと一致します。{ $by } が { $time } に、{ $from } 件から { $count } 件をシード `{ $seed }` で抽出しました。シードがレコードを見る前に選ばれた場合にだけ、証明としての意味があります
verify-sample-list-claimed = パッケージの主張(証明はされません): 抽出元の一覧に、クエリに当てはまるすべてのレコードが含まれています
verify-population-list = サンプルの抽出元の一覧は、クエリに当てはまる { $from } 件のレコードと過不足なく一致します
verify-population-engine = クエリを実行したのは `{ $engine }` で、このプログラムとは版が異なります。行が異なる場合は、その版で再実行してください
verify-package-document-unsaid = この文書の用途を述べる封印済みの記録がないか、長さまたはハッシュが記録と異なります
verify-package-documents = 証明済み: { $documents } 件の文書に変更がなく、用途を述べる { $statements } 件の記録が封印されています
verify-package-no-attachment = 文書の用途を述べる記録ではありません
