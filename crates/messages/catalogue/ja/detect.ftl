### 検知。もう一方の言語の同名のファイルと同じ内容です。テストが両者を照合します。

detect-example-matched = `no_match` の {$number} 番目の例がファイルのルールに一致します
detect-example-unmatched = `match` の {$number} 番目の例がファイルのどのルールにも一致しません
detect-file-large = `{ $path }` はルールのファイルの上限 { $most } バイトを超えています
detect-file-no-text = `{ $path }` は UTF-8 ではありません
detect-file-unreadable = `{ $path }` を読めません
detect-folder-deep = `{ $path }` はルールのフォルダーの下に深く入れ子になりすぎています
detect-folder-large = `{ $path }` の下にルールのファイルが { $most } 個を超えています
detect-path-missing = ルールのファイルまたはフォルダー `{ $path }` がありません
detect-rule-counts-none = 相関ルール `{ $id }` が数える元のルールが読み込まれていません
detect-rule-refused = ルール `{ $id }` は適用できません: { $why }
detect-rule-twice = `{ $file }`: ID `{ $id }` のルールがすでにあります
detect-rule-unreadable = `{ $file }` に Sigma ルールとして読めないものがあります: { $why }
detect-too-many = ルールに一致した、または集計の対象になったイベントが { $most } 件を超えました。期間を短くするか、`--rule` や `--level` でルールを絞ってください
detect-done = { $matches ->
    [0] 一致はありません。
   *[other] { $matches } 件の一致 (うち新規 { $new } 件)。
 } 調べたレコード { $records } 件、ルール { $rules } 個
detect-next = 何を見つけるルールか、最初に何をすべきか: shoseki detect show { $rule }
detect-rules-count = ルール { $count } 個。ほかに、shoseki が取り込まない種類のログのルールが { $elsewhere } 個あります
detect-problems-more = ほかにも読めないルールが { $count } 個あります
detect-rule-unknown = ルール `{ $id }` はありません。`shoseki detect rules` で一覧できます
detect-rule-unknown-near = ルール `{ $id }` はありません。`{ $near }` ではありませんか。`shoseki detect rules` で一覧できます
detect-proven = { $files } 個のルールファイルが、見つけるべきものだけを見つけました
detect-not-proven = { $files } 個のルールファイルが期待どおりに動きません
detect-level-informational = 参考
detect-level-low = 低
detect-level-medium = 中
detect-level-high = 高
detect-level-critical = 重大
detect-head-actor = 誰が
detect-head-address = どこから
detect-head-description = 内容
detect-head-events = 件数
detect-head-false-positives = 無害な場合
detect-head-file = ファイル
detect-head-first = 最初
detect-head-from = 出どころ
detect-head-level = 重大度
detect-head-match = 一致
detect-head-no-match = 不一致
detect-head-resource = 何に
detect-head-response = 最初にすること
detect-head-rule = ルール
detect-head-sha256 = SHA-256
detect-head-source = ソース
detect-head-tags = タグ
detect-head-title = タイトル
detect-head-wrong = 誤り
detect-told-most = 一致が、実行ごとに記録を残す上限の { $most } 件を超えました。残りはこの結果にしかありません
