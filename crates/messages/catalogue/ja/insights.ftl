### 問い合わせ言語: クエリの誤りとコマンドの説明。もう一方の言語の同名ファイルと同じ内容であることをテストが確かめます。

insights-expected = `{ $found }` は読めません。ここには { $expected ->
    [command] コマンド (`fields` や `filter` など) が必要です
    [next-command] `|` と次のコマンド、またはクエリの終わりが必要です
    [expression] フィールド、値、または関数が必要です
    [field] フィールド名が必要です (英数字と `_` `.` `@` 以外の文字を含む名前はバッククォートで囲みます)
    [name] 名前が必要です (英数字と `_` `.` `@` 以外の文字を含む名前はバッククォートで囲みます)
    [whole-number] 整数が必要です
    [text] 引用符で囲んだ文字列が必要です
    [regex] `/delete|update/` のような、スラッシュで囲んだ正規表現が必要です
    [pattern] 引用符で囲んだ文字列、またはスラッシュで囲んだ正規表現が必要です
    [field-or-pattern] フィールド、引用符で囲んだ文字列、またはスラッシュで囲んだ正規表現が必要です
    [list] `["a", "b"]` のような、角括弧で囲んだリストが必要です
    [key] マップのキー (`.name` など) が必要です (英数字と `_` `.` `@` 以外の文字を含む名前はバッククォートで囲みます)
    [list-end] `]` が必要です
    [period] `1h` や `1d` のような期間が必要です
    [comma-or-list-end] `,` または `]` が必要です
    [comma-or-closing] `,` または `)` が必要です
    [like-or-in] `like` または `in` が必要です
    [closing] 演算子または `)` が必要です
    [opening] `(` が必要です
    [as] `as` と、`*` と同じ数の名前が必要です
   *[other] { $expected }が必要です
}
insights-expected-at-end = クエリがここで終わっています。続けて { $expected ->
    [command] コマンド (`fields` や `filter` など) が必要です
    [next-command] `|` と次のコマンド、またはクエリの終わりが必要です
    [expression] フィールド、値、または関数が必要です
    [field] フィールド名が必要です
    [name] 名前が必要です
    [whole-number] 整数が必要です
    [text] 引用符で囲んだ文字列が必要です
    [regex] `/delete|update/` のような、スラッシュで囲んだ正規表現が必要です
    [pattern] 引用符で囲んだ文字列、またはスラッシュで囲んだ正規表現が必要です
    [field-or-pattern] フィールド、引用符で囲んだ文字列、またはスラッシュで囲んだ正規表現が必要です
    [list] `["a", "b"]` のような、角括弧で囲んだリストが必要です
    [key] マップのキー (`.name` など) が必要です (英数字と `_` `.` `@` 以外の文字を含む名前はバッククォートで囲みます)
    [list-end] `]` が必要です
    [period] `1h` や `1d` のような期間が必要です
    [comma-or-list-end] `,` または `]` が必要です
    [comma-or-closing] `,` または `)` が必要です
    [like-or-in] `like` または `in` が必要です
    [closing] `)` が必要です
    [opening] `(` が必要です
    [as] `as` と、`*` と同じ数の名前が必要です
   *[other] { $expected }が必要です
}
insights-pipe-missing = コマンド `{ $name }` の前に `|` がありません
insights-word-near = `{ $found }` は読めません: `{ $near }` ではありませんか
insights-text-unterminated = 文字列が閉じていません: 同じ引用符で閉じてください
insights-name-unterminated = バッククォートで囲んだ名前が空であるか、閉じていません
insights-regex-unterminated = 正規表現が同じ行の中で閉じていません: `/` で閉じてください
insights-regex-flags = 正規表現の後ろの `{ $flags }` は読めません: フラグは `/(?i)delete/` のように正規表現の中に書きます
insights-number-not-whole = `{ $text }` は 0 以上の整数ではありません
insights-duration-unreadable = `{ $text }` は数値としても期間としても読めません: 期間は `5m` のように、整数と `ms` `s` `m` `h` `d` `w` `mo` `q` `y` のいずれかで書きます。数字で始まるフィールド名はバッククォートで囲んでください
insights-command-unknown = `{ $name }` というコマンドはありません: `fields`、`filter`、`stats`、`sort`、`limit` などを指定してください
insights-command-unknown-near = `{ $name }` というコマンドはありません: `{ $near }` ではありませんか
insights-command-unsupported = コマンド `{ $name }` にはまだ対応していません
insights-parse-unsupported = コマンド `parse` の `{ $mode }` にはまだ対応していません: `*` を含む文字列か、名前付きグループを含む正規表現を使ってください
insights-parse-stars = 名前の数は `*` の数と同じでなければなりません: `*` は { $stars } 個、名前は { $names } 個です
insights-query-too-long = クエリが { $bytes } バイトあります: 上限は { $limit } バイトです
insights-too-many-commands = コマンドが多すぎます: 上限は { $limit } 個です
insights-too-deep = 式の入れ子が深すぎます: 上限は { $limit } 段です

insights-command-fields = 表示する列を指定し、新しい列を計算します
insights-command-display = 表示する列をこれだけに限ります
insights-command-filter = 条件に合うイベントだけを残します
insights-command-parse = 文字列から新しいフィールドを取り出します
insights-command-stats = 件数などをグループごとに集計します
insights-command-sort = 結果を並べ替えます
insights-command-limit = 表示する行数を制限します
insights-command-dedup = 値の組み合わせごとに1件だけを残します
